import { ByteScanner } from './byte-scanner.js';
import type { IndexedWords } from './ranked-words.js';
import { type PlacedTable, TableRoom } from './table-room.js';
import { WordTable } from './word-table.js';

/** Stands for an index that is left out. */
export const SKIP = -1;

/** Looks the words of scanned texts up in a table of them that is made for one call. */
export class ScannedLookup {
  private readonly table: WordTable;
  /** What word `id` becomes, at `id + 1`; at 0 what an unknown word becomes. */
  private readonly indices: Int32Array;
  /** The table as the scanner's binary looks in it, where there is one that has room for it. */
  private readonly placed: PlacedTable | undefined;
  private found = new Int32Array(1 << 8);
  private readonly list: number[] = [];

  /**
   * @param indexedWords Words with their indices.
   * @param becomes What each index becomes, or {@link SKIP}.
   * @param unknown What an unknown word becomes, or {@link SKIP}.
   * @param scanner Any scanner; the words pass through it.
   */
  constructor(
    indexedWords: IndexedWords,
    becomes: (index: number) => number,
    unknown: number,
    scanner: ByteScanner,
  ) {
    this.table = new WordTable(scanner.separator);
    const indices = [unknown];
    // An iterator would make an array for every word.
    indexedWords.forEach((known, word) => {
      const index = becomes(known);
      // Words that fare like unknown ones need no place, which keeps the table in the cache.
      if (index === unknown) return;
      // No scan finds a word that holds a separator; such words come from lists.
      if (!ByteScanner.takes(word) || !scanner.scanWord(word)) return;
      this.table.number(scanner, this.found, true);
      indices.push(index);
    });
    this.indices = Int32Array.from(indices);
    const placed = scanner.room.table && this.table.placed(this.indices);
    if (placed && TableRoom.takes(placed)) this.placed = placed;
  }

  /** The sequence of the text that was scanned last. */
  sequence(scanner: ByteScanner): number[] {
    const { table: room, edges } = scanner.room;
    if (room && this.placed) {
      return this.listOf(edges, room.lookUp(this.placed, scanner.count, this.indices[0] as number));
    }
    if (this.found.length < scanner.count) this.found = new Int32Array(2 * scanner.count);
    const { indices, found } = this;
    this.table.number(scanner, found, false);
    let length = 0;
    for (let k = 0; k < scanner.count; k++) {
      const index = indices[(found[k] as number) + 1] as number;
      found[length] = index;
      length += ~index >>> 31; // 0 for SKIP, 1 for an index
    }
    return this.listOf(found, length);
  }

  // Of lists from `new Array`, V8 soon sees that they live long, and then has this thread alone fault
  // their memory in, which took a fifth longer with Node 20. It learns nothing of what slices return.
  private listOf(numbers: Int32Array, length: number): number[] {
    const { list } = this;
    while (list.length < length) list.push(0);
    for (let k = 0; k < length; k++) list[k] = numbers[k] as number;
    return list.slice(0, length);
  }
}
