import { decodeUtf8 } from '../../foundation/utf8.js';
import type { ByteScanner } from './byte-scanner.js';
import type { PlacedTable } from './table-room.js';

// A slot is four integers: the first three of the word's key (see ScanRoom), and its number plus
// one, or 0 where the slot is free. Words of up to eight bytes, which most are, are found or not
// within one cache line.
const SLOT = 4;

/** Numbers words from 0 in the order in which they first appear, by their UTF-8 bytes. */
export class WordTable {
  /** How many different words there are. */
  size = 0;

  private bits = 12;
  private slots = new Int32Array(SLOT << this.bits);
  private hashes = new Int32Array(1 << this.bits); // [word]
  private offsets = new Int32Array((1 << this.bits) + 1); // [word + 1], into bytes
  private bytes = new Uint8Array(1 << 14); // all words, a separator behind each
  private readonly separator: string;

  /** @param separator An ASCII character that no word holds. */
  constructor(separator: string) {
    this.separator = separator;
  }

  /** All words in their order. */
  words(): string[] {
    if (this.size === 0) return [];
    // Decoding each word by itself would take longer than counting them.
    const end = (this.offsets[this.size] as number) - 1;
    const bytes = this.bytes.subarray(0, end);
    return decodeUtf8(bytes, { ignoreBOM: true }).split(this.separator);
  }

  /**
   * Numbers all words of a scan.
   *
   * @param scanner What scanned them.
   * @param numbers Where they go, one a word.
   * @param add Whether a new word becomes the next one; otherwise its number is -1.
   */
  number(scanner: ByteScanner, numbers: Int32Array, add: boolean): void {
    const { count } = scanner;
    const { bytes, edges, keys } = scanner.room;
    // One loop with everything at hand takes two thirds of the time of a call for each word.
    let slots: Int32Array = this.slots;
    let bits = this.bits;
    for (let k = 0; k < count; k++) {
      const first = keys[4 * k] as number;
      const second = keys[4 * k + 1] as number;
      const length = keys[4 * k + 2] as number;
      const hash = keys[4 * k + 3] as number;
      let slot = (hash >>> (32 - bits)) * SLOT;
      let id = (slots[slot + 3] as number) - 1;
      while (
        id !== -1 &&
        !(
          slots[slot] === first &&
          slots[slot + 1] === second &&
          slots[slot + 2] === length &&
          (length <= 8 || this.tailIs(id, bytes, edges[2 * k] as number, length))
        )
      ) {
        slot += SLOT;
        if (slot === slots.length) slot = 0;
        id = (slots[slot + 3] as number) - 1;
      }
      if (id === -1 && add) {
        id = this.append(hash, bytes, edges[2 * k] as number, length);
        slots[slot] = first;
        slots[slot + 1] = second;
        slots[slot + 2] = length;
        slots[slot + 3] = id + 1;
        if (this.size * 2 > 1 << bits) ({ slots, bits } = this.spread());
      }
      numbers[k] = id;
    }
  }

  /**
   * The table as it is looked in elsewhere.
   *
   * @param indices What word `id` becomes, at `id + 1`.
   */
  placed(indices: Int32Array): PlacedTable {
    const slots = this.slots.slice();
    const starts = new Int32Array(slots.length / SLOT);
    for (let slot = 0; slot < starts.length; slot++) {
      const id = (slots[slot * SLOT + 3] as number) - 1;
      if (id === -1) continue;
      slots[slot * SLOT + 3] = indices[id + 1] as number;
      starts[slot] = this.offsets[id] as number;
    }
    const bytes = this.bytes.subarray(0, this.offsets[this.size]);
    return { slots, bits: this.bits, starts, bytes };
  }

  /** Whether a word's bytes from the ninth on are those that start at `start + 8`. */
  private tailIs(id: number, bytes: Uint8Array, start: number, length: number): boolean {
    const offset = this.offsets[id] as number;
    for (let at = 8; at < length; at++) {
      if (this.bytes[offset + at] !== bytes[start + at]) return false;
    }
    return true;
  }

  private append(hash: number, bytes: Uint8Array, start: number, length: number): number {
    const id = this.size++;
    const offset = this.offsets[id] as number;
    const end = offset + length;
    if (end >= this.bytes.length) this.bytes = enlarge(this.bytes, 2 * (end + 1));
    for (let at = 0; at < length; at++) this.bytes[offset + at] = bytes[start + at] as number;
    this.bytes[end] = this.separator.charCodeAt(0);
    this.offsets[id + 1] = end + 1;
    this.hashes[id] = hash;
    return id;
  }

  /** Doubles the slots. */
  private spread(): { slots: Int32Array; bits: number } {
    const old = this.slots;
    const bits = this.bits + 1;
    const slots = new Int32Array(SLOT << bits);
    for (let from = 0; from < old.length; from += SLOT) {
      const id = (old[from + 3] as number) - 1;
      if (id === -1) continue;
      let slot = ((this.hashes[id] as number) >>> (32 - bits)) * SLOT;
      while (slots[slot + 3] !== 0) slot = slot + SLOT === slots.length ? 0 : slot + SLOT;
      for (let field = 0; field < SLOT; field++) slots[slot + field] = old[from + field] as number;
    }
    this.hashes = enlarge(this.hashes, 1 << bits);
    this.offsets = enlarge(this.offsets, (1 << bits) + 1);
    this.bits = bits;
    this.slots = slots;
    return { slots, bits };
  }
}

/** A longer copy of an array. */
export function enlarge<T extends Int32Array | Uint8Array>(old: T, length: number): T {
  const larger = new (old.constructor as new (length: number) => T)(length);
  larger.set(old);
  return larger;
}
