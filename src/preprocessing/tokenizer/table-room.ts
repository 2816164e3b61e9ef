/** Where a table of words lies in the memory of the binary that scans texts (assembly/preprocessing/scan.ts). */

// As in assembly/preprocessing/scan.ts.
const MOST_SLOTS = 1 << 19;
const SLOT = 4; // integers
/** Bytes of all words. */
const MOST_BYTES = 1 << 22;

/** A WordTable to be copied here. */
export interface PlacedTable {
  /** [2^bits, 4]: a word's first eight bytes, its length (0 where the slot is free), its index. */
  slots: Int32Array;
  bits: number;
  /** [2^bits]: where in `bytes` the word of each slot begins. */
  starts: Int32Array;
  /** Of all words. */
  bytes: Uint8Array;
}

/** Room for the table that is looked in; there is one, and whoever comes copies theirs. */
export class TableRoom {
  private readonly slots: Int32Array;
  private readonly rest: Int32Array;
  private readonly bytes: Uint8Array;
  private readonly look: (words: number, bits: number, unknown: number) => number;
  private placed: WeakRef<PlacedTable> | undefined; // the room outlives tables

  /**
   * @param buffer The memory of the binary.
   * @param begin Where in it the slots are.
   * @param look What the binary has.
   */
  constructor(buffer: ArrayBuffer, begin: number, look: TableRoom['look']) {
    this.slots = new Int32Array(buffer, begin, SLOT * MOST_SLOTS);
    this.rest = new Int32Array(buffer, begin + 4 * SLOT * MOST_SLOTS, MOST_SLOTS);
    this.bytes = new Uint8Array(buffer, begin + 4 * (SLOT + 1) * MOST_SLOTS, MOST_BYTES);
    this.look = look;
  }

  /** Whether a table has room. */
  static takes({ slots, bytes }: PlacedTable): boolean {
    return slots.length <= SLOT * MOST_SLOTS && bytes.length <= MOST_BYTES;
  }

  /**
   * Looks up the words of the text that was scanned last. What they become is then where their
   * edges were, without what is below zero.
   *
   * @param table One that {@link TableRoom.takes}.
   * @param words How many there are.
   * @param unknown What a word becomes that is not in the table.
   * @returns How many indices there are.
   */
  lookUp(table: PlacedTable, words: number, unknown: number): number {
    if (this.placed?.deref() !== table) {
      this.slots.set(table.slots);
      const { byteOffset } = this.bytes;
      for (let slot = 0; slot < table.starts.length; slot++) {
        this.rest[slot] = byteOffset + (table.starts[slot] as number);
      }
      this.bytes.set(table.bytes);
      this.placed = new WeakRef(table);
    }
    return this.look(words, table.bits, unknown);
  }
}
