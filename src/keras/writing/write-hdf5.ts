/**
 * Writes a tree of groups, datasets and attributes as the bytes of an HDF5 file, in the form that
 * HDF5 reads since 1.8 (2008): superblock 2, object headers 2, links and attributes within them.
 *
 * Source of all formats: "HDF5 File Format Specification Version 3.0", The HDF Group.
 */
import { encodeUtf8 } from '../../foundation/utf8.js';
import { Fields, NOWHERE } from '../hdf5/fields.js';
import { MESSAGE } from '../hdf5/object-header.js';

/** Texts, or lists of them. */
export type Attributes = Readonly<Record<string, string | readonly string[]>>;

/** Numbers of one shape, in C order. */
export interface H5Dataset {
  shape: readonly number[];
  values: Float32Array | BigInt64Array;
}

/** A group of an HDF5 file; the file itself is one too. */
export interface H5Group {
  attributes?: Attributes;
  groups?: Readonly<Record<string, H5Group>>;
  datasets?: Readonly<Record<string, H5Dataset>>;
}

/** The bytes of an HDF5 file with this content. */
export function writeHdf5(root: H5Group): Uint8Array {
  return new Hdf5Writer().write(root);
}

const SUPERBLOCK_LENGTH = 48;
const UTF8 = 1;
// A message, such as an attribute, takes 64 kB at most; a text within a list is 16 bytes of it.
const LONGEST_LIST = 4000;
/** Number and length before each object of a heap. */
const OBJECT_HEAD = 16;
const SMALLEST_HEAP = 4096;
const MOST_OBJECTS = 0xffff;

/** The type of texts of any length: of bytes without a sign, UTF-8 with a zero behind. */
const TEXT_TYPE = new Fields().u8(0x19, 1, UTF8, 0).u32(16).u8(0x10, 0, 0, 0).u32(1).u16(0, 8);
/** IEEE 754: sign at 31, 8 bits of exponent at 23 with bias 127, 23 bits of mantissa at 0. */
const FLOAT32_TYPE = new Fields().u8(0x11, 0x20, 31, 0).u32(4).u16(0, 32).u8(23, 8, 0, 23).u32(127);
const FLOAT64_TYPE = new Fields()
  .u8(0x11, 0x20, 63, 0)
  .u32(8)
  .u16(0, 64)
  .u8(52, 11, 0, 52)
  .u32(1023);
const INT64_TYPE = new Fields().u8(0x10, 0x08, 0, 0).u32(8).u16(0, 64);

class Hdf5Writer {
  /** What the file holds behind its superblock, in order. */
  readonly #parts: Uint8Array[] = [];
  #end = SUPERBLOCK_LENGTH;
  #heap: TextHeap | undefined;
  #heapAddress = NOWHERE;

  write(root: H5Group): Uint8Array {
    const address = this.#group(root);
    const file = new Uint8Array(this.#end);
    file.set(
      new Fields()
        .u8(0x89)
        .text('HDF\r\n\x1a\n')
        .u8(2, 8, 8, 0) // version, bytes of an address and of a length, flags
        .u64(0, NOWHERE, this.#end, address)
        .checksum()
        .toBytes(),
    );
    let at = SUPERBLOCK_LENGTH;
    for (const part of this.#parts) {
      file.set(part, at);
      at += part.length;
    }
    return file;
  }

  /** Adds something to the file; its address. */
  #place(bytes: Uint8Array): number {
    const address = this.#end;
    this.#parts.push(bytes);
    this.#end += bytes.length;
    return address;
  }

  #group({ attributes = {}, groups = {}, datasets = {} }: H5Group): number {
    const links = [
      ...Object.entries(datasets).map(([name, one]) => [name, this.#dataset(one)] as const),
      ...Object.entries(groups).map(([name, one]) => [name, this.#group(one)] as const),
    ];
    const header = new Header()
      .add(MESSAGE.linkInfo, new Fields().u8(0, 0).u64(NOWHERE, NOWHERE))
      .add(MESSAGE.groupInfo, new Fields().u8(0, 0));
    for (const [name, address] of links) header.add(MESSAGE.link, link(name, address));
    for (const [name, value] of Object.entries(attributes)) this.#attribute(header, name, value);
    return this.#place(header.toBytes());
  }

  #dataset({ values, shape }: H5Dataset): number {
    const address = values.length === 0 ? NOWHERE : this.#place(bytesOf(values));
    const type = values instanceof Float32Array ? FLOAT32_TYPE : INT64_TYPE;
    const header = new Header()
      .add(MESSAGE.dataspace, dataspace(shape))
      .add(MESSAGE.datatype, type)
      .add(MESSAGE.fillValue, new Fields().u8(3, 0x0a)) // the default, written if need be
      .add(MESSAGE.layout, new Fields().u8(3, 1).u64(address, values.byteLength));
    return this.#place(header.toBytes());
  }

  #attribute(header: Header, name: string, value: string | readonly string[]): void {
    if (typeof value === 'string') {
      header.add(MESSAGE.attribute, attribute(name, TEXT_TYPE, [], this.#texts([value])));
    } else if (value.length === 0) {
      // As h5py writes an empty list.
      header.add(MESSAGE.attribute, attribute(name, FLOAT64_TYPE, [0], []));
    } else if (value.length <= LONGEST_LIST) {
      const texts = this.#texts(value);
      header.add(MESSAGE.attribute, attribute(name, TEXT_TYPE, [value.length], texts));
    } else {
      // As Keras does, under names with a number behind.
      for (let part = 0; part * LONGEST_LIST < value.length; part++) {
        const some = value.slice(part * LONGEST_LIST, (part + 1) * LONGEST_LIST);
        this.#attribute(header, `${name}${part}`, some);
      }
    }
  }

  /** Puts texts into the heap; for each its length and where it is. */
  #texts(texts: readonly string[]): Uint8Array {
    const references = new Fields();
    for (const text of texts) {
      const content = encodeUtf8(text);
      if (!this.#heap?.takes(content)) {
        this.#heap = new TextHeap(content);
        this.#heapAddress = this.#place(this.#heap.bytes);
      }
      const number = this.#heap.add(content);
      references.u32(content.length).u64(this.#heapAddress).u32(number);
    }
    return references.toBytes();
  }
}

/** A heap of texts, which attributes refer to by its address and their number in it. */
class TextHeap {
  readonly bytes: Uint8Array;
  #at = 16;
  #count = 0;

  /** @param first A text that it will have room for, whatever its length. */
  constructor(first: Uint8Array) {
    const size = Math.max(SMALLEST_HEAP, this.#at + lengthInHeap(first) + OBJECT_HEAD);
    this.bytes = new Uint8Array(size);
    this.bytes.set(new Fields().text('GCOL').u8(1, 0, 0, 0).u64(size).toBytes());
  }

  /** Whether there is room, and for an object behind it that is the rest. */
  takes(content: Uint8Array): boolean {
    const left = this.bytes.length - this.#at;
    return left >= lengthInHeap(content) + OBJECT_HEAD && this.#count < MOST_OBJECTS;
  }

  add(content: Uint8Array): number {
    const number = ++this.#count;
    const head = new Fields().u16(number, 1).u32(0).u64(content.length);
    this.bytes.set(head.toBytes(), this.#at);
    this.bytes.set(content, this.#at + OBJECT_HEAD);
    this.#at += lengthInHeap(content);
    const free = new Fields()
      .u16(0, 0)
      .u32(0)
      .u64(this.bytes.length - this.#at);
    this.bytes.set(free.toBytes(), this.#at);
    return number;
  }
}

function lengthInHeap(content: Uint8Array): number {
  return OBJECT_HEAD + Math.ceil(content.length / 8) * 8;
}

/** An object header: messages, with their length before and a checksum behind. */
class Header {
  readonly #messages = new Fields();

  add(type: number, content: Fields): this {
    const bytes = content.toBytes();
    this.#messages.u8(type).u16(bytes.length).u8(0).add(bytes);
    return this;
  }

  toBytes(): Uint8Array {
    const messages = this.#messages.toBytes();
    const LENGTH_IN_4_BYTES = 2;
    return new Fields()
      .text('OHDR')
      .u8(2, LENGTH_IN_4_BYTES)
      .u32(messages.length)
      .add(messages)
      .checksum()
      .toBytes();
  }
}

function link(name: string, address: number): Fields {
  const bytes = encodeUtf8(name);
  const [HAS_CHARACTER_SET, LENGTH_IN_2_BYTES] = [0x10, 1];
  return new Fields()
    .u8(1, HAS_CHARACTER_SET | LENGTH_IN_2_BYTES, UTF8)
    .u16(bytes.length)
    .add(bytes)
    .u64(address);
}

function dataspace(shape: readonly number[]): Fields {
  return new Fields().u8(2, shape.length, 0, shape.length === 0 ? 0 : 1).u64(...shape);
}

function attribute(
  name: string,
  type: Fields,
  shape: readonly number[],
  content: Iterable<number>,
): Fields {
  const bytes = encodeUtf8(`${name}\0`);
  const [types, space] = [type.toBytes(), dataspace(shape).toBytes()];
  return new Fields()
    .u8(3, 0)
    .u16(bytes.length, types.length, space.length)
    .u8(UTF8)
    .add(bytes)
    .add(types)
    .add(space)
    .add(content);
}

/** The bytes of numbers, little-endian on every machine. */
function bytesOf(values: Float32Array | BigInt64Array): Uint8Array {
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) {
    if (values instanceof Float32Array) view.setFloat32(4 * i, values[i]!, true);
    else view.setBigInt64(8 * i, values[i]!, true);
  }
  return bytes;
}
