/**
 * Where HDF5 keeps what has no fixed size: the names of old groups (local heaps,
 * specification III.D), texts (global heaps, III.E), and the links and attributes of
 * large new objects (fractal heaps, III.G).
 */
import { type Cursor, damaged, type Source, unsupported } from './source.js';

/** The names of a group in the old style, by their place in the heap. */
export function readLocalHeap(source: Source, address: number): (offset: number) => string {
  const head = source.at(address);
  head.expectSignature('HEAP');
  head.skip(4);
  const length = head.length();
  head.length(); // the free list
  const data = source.at(head.address(), length);
  return (offset) => {
    source.spend(32);
    const name = source.at(data.position, length);
    name.skip(offset);
    return name.zeroTerminatedText();
  };
}

/** The objects of a global heap by their numbers: address and length. */
export type GlobalHeap = Map<number, { address: number; length: number }>;

export function readGlobalHeap(source: Source, address: number): GlobalHeap {
  const head = source.at(address);
  head.expectSignature('GCOL');
  head.skip(4);
  const length = head.length();
  const headLength = head.position - address;
  const cursor = source.at(address, length);
  cursor.skip(headLength);
  const objects: GlobalHeap = new Map();
  while (cursor.left >= 8 + source.lengthSize) {
    source.spend(32);
    const number = cursor.u16();
    cursor.skip(6);
    const size = cursor.length();
    if (number === 0) break; // free space up to the end
    objects.set(number, { address: cursor.position, length: size });
    cursor.skip(size);
    cursor.skip(Math.min(cursor.left, (8 - (size % 8)) % 8));
  }
  return objects;
}

const CHECKSUM_PER_BLOCK = 0x02;

/** Finds the objects of a fractal heap by their identifiers. */
export class FractalHeap {
  readonly #source: Source;
  readonly #table: {
    width: number;
    startSize: number;
    directRows: number;
    offsetLength: number;
    lengthLength: number;
    blockHead: number;
  };
  readonly #root: { address: number; rows: number };

  constructor(source: Source, address: number) {
    this.#source = source;
    const head = source.at(address);
    head.expectSignature('FRHP');
    head.skip(1 + 2);
    if (head.u16() !== 0) unsupported('a compressed heap');
    const flags = head.u8();
    const largest = head.u32();
    head.skip(2 * source.lengthSize + 2 * source.offsetSize + 8 * source.lengthSize);
    const width = head.u16();
    const startSize = head.length();
    const directSize = head.length();
    const bits = head.u16();
    head.skip(2);
    this.#root = { address: head.address(), rows: head.u16() };
    const offsetLength = Math.ceil(bits / 8);
    if (!isPowerOf2(startSize) || !isPowerOf2(directSize) || directSize < startSize) {
      damaged('a heap has impossible blocks');
    }
    if (width === 0 || offsetLength === 0 || offsetLength > 8) damaged('a heap has no width');
    this.#table = {
      width,
      startSize,
      directRows: Math.log2(directSize / startSize) + 2,
      offsetLength,
      lengthLength: Math.min(bytesFor(directSize), bytesFor(largest)),
      blockHead: 5 + source.offsetSize + offsetLength + (flags & CHECKSUM_PER_BLOCK ? 4 : 0),
    };
  }

  /** The object that `id`, as a record of an index has it, stands for. */
  object(id: Cursor): Cursor {
    const type = (id.u8() >> 4) & 3;
    if (type !== 0) unsupported('an object too large for its heap');
    const offset = id.unsigned(this.#table.offsetLength);
    const length = id.unsigned(this.#table.lengthLength);
    const { address, rows } = this.#root;
    if (rows === 0) return this.#within(address, this.#table.startSize, offset, length);
    return this.#find(address, rows, offset, length);
  }

  #within(address: number, size: number, offset: number, length: number): Cursor {
    if (offset + length > size) damaged('an object reaches beyond its heap');
    return this.#source.at(address + offset, length);
  }

  /** Walks down from an indirect block; `offset` counts from its beginning. */
  #find(root: number, rootRows: number, start: number, length: number): Cursor {
    const { width, directRows, offsetLength } = this.#table;
    let [address, rows, offset] = [root, rootRows, start];
    for (let depth = 0; depth < 32; depth++) {
      const { row, column, before, size } = this.#locate(offset, rows);
      const block = this.#source.at(address);
      block.expectSignature('FHIB');
      block.skip(1 + this.#source.offsetSize + offsetLength);
      block.skip((row * width + column) * this.#source.offsetSize);
      address = block.address();
      offset -= before;
      if (row < directRows) return this.#within(address, size, offset, length);
      rows = Math.log2(size / this.#table.startSize / width) + 1;
    }
    damaged('a heap is nested too deeply');
  }

  /** Which block of an indirect block's table holds `offset`. */
  #locate(offset: number, rows: number) {
    const { width, startSize } = this.#table;
    let before = 0;
    for (let row = 0; row < Math.min(rows, 64); row++) {
      const size = startSize * 2 ** Math.max(0, row - 1);
      if (offset < before + width * size) {
        const column = Math.floor((offset - before) / size);
        return { row, column, before: before + column * size, size };
      }
      before += width * size;
    }
    damaged('an object lies beyond its heap');
  }
}

function isPowerOf2(value: number): boolean {
  return value > 0 && Number.isInteger(Math.log2(value));
}

/** Bytes that hold any number up to `largest`. */
function bytesFor(largest: number): number {
  return Math.floor(Math.log2(Math.max(1, largest)) / 8) + 1;
}
