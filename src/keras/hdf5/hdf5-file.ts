/** An HDF5 file as a tree of named objects, with texts as attributes and arrays of float32. */
import { show } from '../../foundation/errors.js';
import { type Datatype, elements, readDataspace, readDatatype } from './datatype.js';
import { FractalHeap, type GlobalHeap, readGlobalHeap, readLocalHeap } from './heaps.js';
import { MESSAGE, type Message, readMessages } from './object-header.js';
import { type Cursor, damaged, Source, UNDEFINED_ADDRESS, unsupported } from './source.js';
import { leavesOfTree1, recordsOfTree2 } from './trees.js';

const SIGNATURE = '\x89HDF\r\n\x1a\n';

/** Whether these are the first bytes of an HDF5 file. */
export function isHdf5(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && [...SIGNATURE].every((c, i) => bytes[i] === c.charCodeAt(0));
}

/** Opens a file that is already in memory; its root group. */
export function openHdf5(bytes: Uint8Array): Hdf5Object {
  const source = new Source(bytes);
  const cursor = source.at(0);
  if (!isHdf5(bytes)) damaged('it does not begin as one');
  cursor.skip(8);
  const version = cursor.u8();
  if (version > 3) unsupported(`version ${version} of the format`);
  if (version < 2) cursor.skip(4);
  source.offsetSize = cursor.u8();
  source.lengthSize = cursor.u8();
  if (![4, 8].includes(source.offsetSize) || ![4, 8].includes(source.lengthSize)) {
    damaged('its addresses have an unknown size');
  }
  if (version < 2) cursor.skip(1 + 4 + 4 + (version === 1 ? 4 : 0));
  else cursor.skip(1);
  if (cursor.address() !== 0) unsupported('data before its beginning');
  cursor.skip(2 * source.offsetSize); // free space or extension, end of file
  if (version < 2) cursor.skip(2 * source.offsetSize); // driver, name of the root
  return new Hdf5Object({ source, heaps: new Map() }, cursor.address(), '/');
}

/** What the objects of one file share. */
interface Context {
  source: Source;
  heaps: Map<number, GlobalHeap>;
}

/** Numbers in C order. */
export interface Hdf5Array {
  shape: number[];
  /** Copies the values out of the file. */
  read(): Float32Array;
}

/** A group or a dataset. */
export class Hdf5Object {
  /** The names from the root on, as in `/layers/lstm`. */
  readonly path: string;
  readonly #context: Context;
  readonly #address: number;
  #messages: Message[] | undefined;
  #links: Map<string, number | null> | undefined;
  #attributes: Map<string, Cursor> | undefined;
  readonly #made = new Map<string, Hdf5Object>();

  constructor(context: Context, address: number, path: string) {
    this.#context = context;
    this.#address = address;
    this.path = path;
  }

  /**
   * The object at the end of a path that starts here, or undefined. Keras on Windows joined names
   * by backslashes: there, one group is named `layers\\lstm\\cell`.
   */
  get(path: string): Hdf5Object | undefined {
    return this.#descend(path.split('/').filter(Boolean));
  }

  #descend(names: readonly string[]): Hdf5Object | undefined {
    if (names.length === 0) return this;
    for (let taken = 1; taken <= names.length; taken++) {
      const child = this.#child(names.slice(0, taken).join('\\'));
      const found = child === undefined ? undefined : child.#descend(names.slice(taken));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The names of the objects in this group. */
  names(): string[] {
    return [...this.#children().keys()];
  }

  /** The texts of an attribute; undefined when there is none, [] when it is empty. */
  texts(name: string): string[] | undefined {
    const cursor = this.#attributeNamed(name);
    if (cursor === undefined) return undefined;
    const { datatype, shape, data } = readAttribute(cursor);
    const count = shape === null ? 0 : elements(shape);
    if (count === 0) return [];
    const what = `the attribute ${show(name)} of ${this.path}`;
    if (datatype.kind !== 'text' && datatype.kind !== 'fixedText') {
      damaged(`${what} holds no text`);
    }
    const each = datatype.kind === 'text' ? 8 + this.#context.source.offsetSize : datatype.size;
    if (each === 0 || count * each > data.left) damaged(`${what} ends too early`);
    return Array.from({ length: count }, () => this.#text(datatype, data));
  }

  /** The array of a dataset; undefined for a group. */
  array(): Hdf5Array | undefined {
    const content = (type: number) => this.#find(type)?.open();
    const [space, type] = [content(MESSAGE.dataspace), content(MESSAGE.datatype)];
    const layout = content(MESSAGE.layout);
    if (space === undefined || type === undefined || layout === undefined) return undefined;
    const shape = readDataspace(space);
    const datatype = readDatatype(type);
    const what = this.path;
    if (shape === null) damaged(`${what} is empty`);
    if (datatype.kind !== 'float32') {
      const held = datatype.kind === 'other' ? datatype.name : 'text';
      unsupported(`${held} instead of float32 (${what})`);
    }
    if (this.#find(MESSAGE.filters) !== undefined) unsupported('compression');
    const count = elements(shape);
    const data = this.#data(layout, 4 * count);
    return { shape, read: () => readFloats(data, count, datatype.littleEndian) };
  }

  /** Made once, so that a group is read once however many paths lead through it. */
  #child(name: string): Hdf5Object | undefined {
    const address = this.#children().get(name);
    if (address === null) unsupported(`a link to somewhere else (${show(name)})`);
    if (address === undefined) return undefined;
    let child = this.#made.get(name);
    if (child === undefined) {
      child = new Hdf5Object(this.#context, address, `${this.path.replace(/\/$/, '')}/${name}`);
      this.#made.set(name, child);
    }
    return child;
  }

  #data(layout: Cursor, bytes: number): Cursor {
    const { source } = this.#context;
    const version = layout.u8();
    if (version !== 3 && version !== 4) unsupported(`version ${version} of an array's place`);
    const kind = layout.u8();
    if (kind > 1) unsupported('arrays in pieces');
    if (kind === 0) {
      const data = layout.part(layout.u16());
      return data.part(bytes);
    }
    const address = layout.address();
    if (bytes === 0) return source.at(0, 0);
    if (address === UNDEFINED_ADDRESS) damaged(`${this.path} has no values`);
    return source.at(address, bytes);
  }

  #find(type: number): Message | undefined {
    return this.#all().find((message) => message.type === type);
  }

  #all(): Message[] {
    this.#messages ??= readMessages(this.#context.source, this.#address);
    return this.#messages;
  }

  #attributeNamed(name: string): Cursor | undefined {
    if (this.#attributes === undefined) {
      const found = this.#all()
        .filter(({ type }) => type === MESSAGE.attribute)
        .map((message) => message.open());
      const info = this.#find(MESSAGE.attributeInfo)?.open();
      if (info !== undefined) {
        info.skip(1);
        if (info.u8() & 1) info.skip(2);
        found.push(...this.#dense(info, (record) => record));
      }
      this.#attributes = new Map(found.map((cursor) => [nameOfAttribute(cursor), cursor]));
    }
    const cursor = this.#attributes.get(name);
    return cursor && this.#context.source.at(cursor.position, cursor.left);
  }

  /** Names to addresses; null for links that are not to an object of this file. */
  #children(): Map<string, number | null> {
    if (this.#links !== undefined) return this.#links;
    const links = new Map<string, number | null>();
    const table = this.#find(MESSAGE.symbolTable)?.open();
    if (table !== undefined) readSymbolTable(this.#context.source, table, links);
    for (const { type, ...message } of this.#all()) {
      if (type === MESSAGE.link) readLink(message.open(), links);
    }
    const info = this.#find(MESSAGE.linkInfo)?.open();
    if (info !== undefined) {
      info.skip(1);
      if (info.u8() & 1) info.skip(8);
      const skipHash = (record: Cursor) => record.skip(4);
      for (const link of this.#dense(info, skipHash)) readLink(link, links);
    }
    this.#links = links;
    return links;
  }

  /** The messages that were too many for the object's header. */
  *#dense(info: Cursor, toIdentifier: (record: Cursor) => unknown): Generator<Cursor> {
    const heapAddress = info.address();
    const index = info.address();
    if (heapAddress === UNDEFINED_ADDRESS || index === UNDEFINED_ADDRESS) return;
    const heap = new FractalHeap(this.#context.source, heapAddress);
    for (const record of recordsOfTree2(this.#context.source, index)) {
      toIdentifier(record);
      yield heap.object(record);
    }
  }

  #text(datatype: Datatype, data: Cursor): string {
    if (datatype.kind === 'fixedText') {
      const text = data.text(datatype.size).split('\0', 1)[0] ?? '';
      const SPACES = 2;
      return datatype.padding === SPACES ? text.trimEnd() : text;
    }
    const { source, heaps } = this.#context;
    const length = data.u32();
    const address = data.address();
    const number = data.u32();
    if (length === 0 || address === 0 || address === UNDEFINED_ADDRESS) return '';
    let heap = heaps.get(address);
    if (heap === undefined) {
      heap = readGlobalHeap(source, address);
      heaps.set(address, heap);
    }
    const object = heap.get(number);
    if (object === undefined || object.length < length) damaged('a text is missing');
    return source.at(object.address, length).text(length).replace(/\0+$/, '');
  }
}

function readSymbolTable(source: Source, table: Cursor, links: Map<string, number | null>): void {
  const tree = table.address();
  const nameAt = readLocalHeap(source, table.address());
  for (const leaf of leavesOfTree1(source, tree)) {
    const node = source.at(leaf);
    node.expectSignature('SNOD');
    node.skip(2);
    for (let left = node.u16(); left > 0; left--) {
      source.spend(32);
      const name = nameAt(node.address());
      const address = node.address();
      const SOFT_LINK = 2;
      links.set(name, node.u32() === SOFT_LINK ? null : address);
      node.skip(4 + 16);
    }
  }
}

function readLink(link: Cursor, links: Map<string, number | null>): void {
  if (link.u8() !== 1) damaged('a link has an unknown version');
  const flags = link.u8();
  const type = flags & 0x08 ? link.u8() : 0;
  if (flags & 0x04) link.skip(8);
  if (flags & 0x10) link.skip(1);
  const name = link.text(link.unsigned(1 << (flags & 3)));
  links.set(name, type === 0 ? link.address() : null);
}

interface AttributeHead {
  name: string;
  typeLength: number;
  spaceLength: number;
  /** Rounds up the lengths of parts where the version does. */
  padded: (length: number) => number;
}

function readAttributeHead(cursor: Cursor): AttributeHead {
  const version = cursor.u8();
  if (version < 1 || version > 3) damaged(`an attribute has the unknown version ${version}`);
  if (cursor.u8() !== 0 && version > 1) unsupported('an attribute of a shared datatype');
  const padded = (length: number) => (version === 1 ? Math.ceil(length / 8) * 8 : length);
  const nameLength = cursor.u16();
  const [typeLength, spaceLength] = [cursor.u16(), cursor.u16()];
  if (version === 3) cursor.skip(1);
  const name = cursor.part(padded(nameLength)).zeroTerminatedText();
  return { name, typeLength, spaceLength, padded };
}

function nameOfAttribute(cursor: Cursor): string {
  const { position } = cursor;
  const { name } = readAttributeHead(cursor);
  cursor.position = position;
  return name;
}

function readAttribute(cursor: Cursor) {
  const { typeLength, spaceLength, padded } = readAttributeHead(cursor);
  const datatype = readDatatype(cursor.part(padded(typeLength)));
  const shape = readDataspace(cursor.part(padded(spaceLength)));
  return { datatype, shape, data: cursor };
}

function readFloats(data: Cursor, count: number, littleEndian: boolean): Float32Array {
  const { bytes } = data.source;
  const view = new DataView(bytes.buffer, bytes.byteOffset + data.position, 4 * count);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = view.getFloat32(4 * i, littleEndian);
  return values;
}
