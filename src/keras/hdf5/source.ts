/**
 * The bytes of an HDF5 file, read without ever leaving them: every read is checked
 * against the end of the file, and the work that a file may cause is limited by its
 * length, so that a damaged or hostile file ends in an error soon.
 *
 * Why not the HDF5 library: compiled to WebAssembly it traps on damaged files (out-of-bounds
 * reads after an error that it only prints), cannot be started again afterwards, weighs
 * megabytes in a page that only predicts, and cannot run where WebAssembly is missing.
 *
 * Source of all formats: "HDF5 File Format Specification Version 3.0", The HDF Group.
 */
import { reject } from '../../foundation/errors.js';
import { decodeUtf8 } from '../../foundation/utf8.js';

/** What an address of all ones means. */
export const UNDEFINED_ADDRESS = -1;

/** Bytes that may be touched besides a multiple of the file's length. */
const FIXED_BUDGET = 16 * 2 ** 20;
const BUDGET_PER_BYTE = 8;
/** What following one pointer costs of the budget, however few bytes are behind it. */
const POINTER_COST = 32;
const LONGEST_NAME = 4096;

/** Throws that the file is damaged, and how that shows. */
export function damaged(how: string): never {
  reject({
    where: 'loadKerasModel',
    expected: `the HDF5 file is damaged: ${how}`,
    remedy: 'Copy or download it again, or save it once more in Keras.',
    see: 'damaged-keras-file',
  });
}

/** Throws that the file uses a part of HDF5 that Keras does not. */
export function unsupported(what: string): never {
  reject({
    where: 'loadKerasModel',
    expected: `the HDF5 file uses ${what}, which files of Keras do not`,
    remedy: 'Load the model in Keras and save it again.',
    see: 'damaged-keras-file',
  });
}

/** A whole HDF5 file in memory. */
export class Source {
  readonly bytes: Uint8Array;
  /** Bytes of an address, and of a length, in this file. */
  offsetSize = 8;
  lengthSize = 8;
  #budget: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#budget = FIXED_BUDGET + BUDGET_PER_BYTE * bytes.length;
  }

  /** Counts work against what the file's length allows. */
  spend(bytes: number): void {
    this.#budget -= bytes;
    if (this.#budget < 0) damaged('its parts refer to each other without end');
  }

  /** A cursor over `length` bytes from `address` on; by default, over all the rest. */
  at(address: number, length = this.bytes.length - address): Cursor {
    this.spend(POINTER_COST);
    if (!(address >= 0 && length >= 0 && address + length <= this.bytes.length)) {
      damaged(`a part of it would lie beyond its ${this.bytes.length} bytes`);
    }
    return new Cursor(this, address, address + length);
  }
}

/** A place in the file that moves on as it is read, up to a limit. */
export class Cursor {
  readonly source: Source;
  position: number;
  readonly end: number;
  readonly #view: DataView;

  constructor(source: Source, position: number, end: number) {
    this.source = source;
    this.position = position;
    this.end = end;
    this.#view = new DataView(
      source.bytes.buffer,
      source.bytes.byteOffset,
      source.bytes.byteLength,
    );
  }

  get left(): number {
    return this.end - this.position;
  }

  /** Moves on and gives the place before. */
  skip(bytes: number): number {
    const before = this.position;
    if (!(bytes >= 0 && bytes <= this.left)) damaged('a part of it ends too early');
    this.position += bytes;
    return before;
  }

  u8(): number {
    return this.#view.getUint8(this.skip(1));
  }

  u16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  /** An unsigned integer of 1 to 8 bytes; all ones is {@link UNDEFINED_ADDRESS} for 8. */
  unsigned(size: number): number {
    const start = this.skip(size);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.#view.getUint8(start + i);
    return value >= 2 ** 64 - 2 ** 11 ? UNDEFINED_ADDRESS : value;
  }

  address(): number {
    const address = this.unsigned(this.source.offsetSize);
    const undefinedHere = this.source.offsetSize === 4 && address === 2 ** 32 - 1;
    return undefinedHere ? UNDEFINED_ADDRESS : address;
  }

  length(): number {
    return this.unsigned(this.source.lengthSize);
  }

  /** The next `length` bytes as a cursor of their own. */
  part(length: number): Cursor {
    const start = this.skip(length);
    return new Cursor(this.source, start, start + length);
  }

  /** Bytes of text in UTF-8, of which ASCII is a part. */
  text(length: number): string {
    this.source.spend(length);
    const start = this.skip(length);
    return decodeUtf8(this.source.bytes.subarray(start, start + length));
  }

  /** Text up to a zero byte. */
  zeroTerminatedText(): string {
    const { bytes } = this.source;
    const limit = Math.min(this.end, this.position + LONGEST_NAME);
    let stop = this.position;
    while (stop < limit && bytes[stop] !== 0) stop++;
    if (stop === limit) damaged('a name in it does not end');
    const text = this.text(stop - this.position);
    this.skip(1);
    return text;
  }

  /** Whether the next bytes are `signature`; moves past them if so. */
  signature(signature: string): boolean {
    if (this.left < signature.length) return false;
    for (let i = 0; i < signature.length; i++) {
      if (this.source.bytes[this.position + i] !== signature.charCodeAt(i)) return false;
    }
    this.position += signature.length;
    return true;
  }

  expectSignature(signature: string): void {
    if (!this.signature(signature)) damaged(`${signature} is missing where it should be`);
  }
}
