/** Datatypes and dataspaces: what an array holds, and its shape (specification, IV.A.2.b, d). */
import { type Cursor, damaged, unsupported } from './source.js';

/** What an element is, of the kinds that Keras writes; `other` are those it writes unread by us. */
export type Datatype =
  | { kind: 'float32'; size: 4; littleEndian: boolean }
  | { kind: 'fixedText'; size: number; padding: number }
  | { kind: 'text'; size: number }
  | { kind: 'other'; size: number; name: string };

const CLASSES = ['integer', 'float', 'time', 'string', 'bitfield', 'opaque', 'compound'].concat([
  ...['reference', 'enumeration', 'variable-length', 'array', 'complex'],
]);
const FLOAT = 1;
const STRING = 3;
const VARIABLE_LENGTH = 9;
const OF_TEXT = 1;

export function readDatatype(cursor: Cursor): Datatype {
  const classAndVersion = cursor.u8();
  const kind = classAndVersion & 0x0f;
  const bits = cursor.u8();
  cursor.skip(2);
  const size = cursor.u32();
  if (kind === FLOAT && size === 4) {
    if (bits & 0x40) unsupported('numbers of the VAX');
    // offset 0, 32 bits, exponent at 23 of 8 bits, mantissa at 0 of 23 bits, bias 127
    const ieee = [cursor.u16(), cursor.u16(), cursor.u8(), cursor.u8(), cursor.u8(), cursor.u8()];
    if (`${ieee}` !== '0,32,23,8,0,23' || cursor.u32() !== 127) {
      damaged('its numbers have an unknown form');
    }
    return { kind: 'float32', size, littleEndian: (bits & 1) === 0 };
  }
  if (kind === STRING) return { kind: 'fixedText', size, padding: bits & 0x0f };
  if (kind === VARIABLE_LENGTH && (bits & 0x0f) === OF_TEXT) return { kind: 'text', size };
  const name = `${CLASSES[kind] ?? 'unknown type'} of ${size} bytes`;
  return { kind: 'other', size, name };
}

const SIMPLE = 1;
const NULL = 2;
const MOST_DIMENSIONS = 32;

/** The shape, [] for a single value, null for no value at all. */
export function readDataspace(cursor: Cursor): number[] | null {
  const version = cursor.u8();
  const rank = cursor.u8();
  cursor.skip(1);
  if (version !== 1 && version !== 2) damaged(`a shape has the unknown version ${version}`);
  if (rank > MOST_DIMENSIONS) damaged(`a shape has ${rank} dimensions`);
  const type = cursor.u8();
  if (version === 1) cursor.skip(4);
  else if (type === NULL) return null;
  else if (rank > 0 && type !== SIMPLE) damaged('a shape is of an unknown type');
  return Array.from({ length: rank }, () => cursor.length());
}

/** How many elements a shape holds. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
