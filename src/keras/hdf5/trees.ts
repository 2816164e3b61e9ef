/**
 * The search trees of HDF5, read from end to end: version 1 holds the links of groups in
 * the old style (specification, III.A.1), version 2 the links and attributes of large
 * objects in the new style (III.A.2).
 */
import { type Cursor, damaged, type Source } from './source.js';

/** The addresses of the leaves (symbol table nodes) of a tree of version 1. */
export function* leavesOfTree1(source: Source, address: number): Generator<number> {
  const open: { address: number; level: number | null }[] = [{ address, level: null }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const cursor = source.at(node.address);
    cursor.expectSignature('TREE');
    if (cursor.u8() !== 0) damaged('a group is indexed by something else than links');
    const level = cursor.u8();
    if (node.level !== null && level !== node.level) damaged('an index has uneven branches');
    const count = cursor.u16();
    cursor.skip(2 * source.offsetSize);
    const children: number[] = [];
    for (let i = 0; i < count; i++) {
      source.spend(32);
      cursor.length(); // the key
      children.push(cursor.address());
    }
    if (level === 0) yield* children;
    else open.push(...children.reverse().map((child) => ({ address: child, level: level - 1 })));
  }
}

/** Signature, version and type before the records, and the checksum after them. */
const NODE_OVERHEAD = 10;

/** All records of a tree of version 2. */
export function* recordsOfTree2(source: Source, address: number): Generator<Cursor> {
  const head = source.at(address);
  head.expectSignature('BTHD');
  head.skip(2);
  const nodeSize = head.u32();
  const recordSize = head.u16();
  const depth = head.u16();
  head.skip(2);
  const root = { address: head.address(), count: head.u16(), depth };
  if (recordSize === 0 || nodeSize <= NODE_OVERHEAD + recordSize || depth > 16) {
    damaged('an index has impossible nodes');
  }
  if (root.count === 0) return;

  // What a pointer to a child holds depends on how many records can be below it.
  const mostInLeaf = Math.floor((nodeSize - NODE_OVERHEAD) / recordSize);
  const countLength = bytesFor(mostInLeaf);
  const below = [mostInLeaf]; // most records in the whole of a tree of that depth
  const pointerLength = (level: number) =>
    source.offsetSize + countLength + (level > 1 ? bytesFor(below[level - 1]!) : 0);
  for (let level = 1; level <= depth; level++) {
    const pointer = pointerLength(level);
    const most = Math.floor((nodeSize - NODE_OVERHEAD - pointer) / (recordSize + pointer));
    below.push((most + 1) * below[level - 1]! + most);
  }

  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const cursor = source.at(node.address, nodeSize);
    cursor.expectSignature(node.depth === 0 ? 'BTLF' : 'BTIN');
    cursor.skip(2);
    for (let i = 0; i < node.count; i++) {
      source.spend(32);
      yield cursor.part(recordSize);
    }
    for (let i = 0; node.depth > 0 && i <= node.count; i++) {
      const child = { address: cursor.address(), count: cursor.unsigned(countLength) };
      cursor.skip(pointerLength(node.depth) - source.offsetSize - countLength);
      open.push({ ...child, depth: node.depth - 1 });
    }
  }
}

/** Bytes that hold any number up to `largest`. */
function bytesFor(largest: number): number {
  return Math.min(8, Math.floor(Math.log2(Math.max(1, largest)) / 8) + 1);
}
