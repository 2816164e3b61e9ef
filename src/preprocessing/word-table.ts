import type { ByteScanner } from './byte-scanner.js';

// A slot is four integers: the first four bytes of the word, the next four, its length, and its
// number plus one, or 0 where the slot is free. Words of up to eight bytes, which most are, are
// found or not within one cache line.
const SLOT = 4;

// Which of the eight bytes read belong to a word of this length, as masks of little-endian integers.
const FIRST = Int32Array.of(0, 0xff, 0xffff, 0xffffff, -1, -1, -1, -1, -1);
const SECOND = Int32Array.of(0, 0, 0, 0, 0, 0xff, 0xffff, 0xffffff, -1);

// Multiplicative hashing (Knuth, TAOCP 3, 6.4) by odd numbers drawn once, so that no text can be
// prepared to collide. The hash never shows: words are numbered in the order of their appearance.
const draw = () => Math.floor(Math.random() * 2 ** 31) * 2 + 1;
const [FACTOR_1, FACTOR_2, FACTOR_3] = [draw(), draw(), draw()];

/** Numbers words from 0 in the order in which they first appear, by their UTF-8 bytes. */
export class WordTable {
  /** How many different words there are. */
  size = 0;

  private bits = 12;
  private slots = new Int32Array(SLOT << this.bits);
  private hashes = new Int32Array(1 << this.bits); // [word]
  private offsets = new Int32Array((1 << this.bits) + 1); // [word + 1], into bytes
  private bytes = new Uint8Array(1 << 14);

  /** The number of word `k` of a scan, or -1 when it is not there. */
  find(scanner: ByteScanner, k: number): number {
    return this.lookUp(scanner, k, false);
  }

  /** The number of word `k` of a scan, which becomes the next one if it is new. */
  add(scanner: ByteScanner, k: number): number {
    return this.lookUp(scanner, k, true);
  }

  /**
   * All words in their order.
   *
   * @param separator An ASCII character that no word holds.
   */
  words(separator: string): string[] {
    if (this.size === 0) return [];
    // Decoding each word by itself would take longer than counting them.
    const used = this.offsets[this.size] as number;
    const separated = new Uint8Array(used + this.size);
    separated.fill(separator.charCodeAt(0));
    for (let id = 0; id < this.size; id++) {
      const start = this.offsets[id] as number;
      separated.set(this.bytes.subarray(start, this.offsets[id + 1]), start + id);
    }
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    return decoder.decode(separated.subarray(0, -1)).split(separator);
  }

  private lookUp(scanner: ByteScanner, k: number, add: boolean): number {
    const { view } = scanner;
    const start = scanner.starts[k] as number;
    const length = (scanner.ends[k] as number) - start;
    const shown = Math.min(length, 8);
    const first = view.getInt32(start, true) & (FIRST[shown] as number);
    const second = view.getInt32(start + 4, true) & (SECOND[shown] as number);
    let hash = (Math.imul(first, FACTOR_1) + Math.imul(second ^ length, FACTOR_2)) | 0;
    for (let at = 8; at < length; at++) {
      hash = Math.imul(hash ^ (scanner.bytes[start + at] as number), FACTOR_1);
    }
    hash = Math.imul(hash ^ (hash >>> 15), FACTOR_3);

    const { slots } = this;
    const end = slots.length;
    let slot = (hash >>> (32 - this.bits)) * SLOT;
    for (;;) {
      const id = (slots[slot + 3] as number) - 1;
      if (id === -1) break;
      if (
        slots[slot] === first &&
        slots[slot + 1] === second &&
        slots[slot + 2] === length &&
        (length <= 8 || this.tailIs(id, scanner.bytes, start, length))
      ) {
        return id;
      }
      slot += SLOT;
      if (slot === end) slot = 0;
    }
    if (!add) return -1;
    slots[slot] = first;
    slots[slot + 1] = second;
    slots[slot + 2] = length;
    slots[slot + 3] = this.size + 1;
    return this.append(hash, scanner.bytes, start, length);
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
    if (offset + length > this.bytes.length) {
      this.bytes = enlarge(this.bytes, 2 * (offset + length));
    }
    this.bytes.set(bytes.subarray(start, start + length), offset);
    this.offsets[id + 1] = offset + length;
    this.hashes[id] = hash;
    if (this.size * 2 > 1 << this.bits) this.spread();
    return id;
  }

  /** Doubles the slots. */
  private spread(): void {
    const old = this.slots;
    this.bits++;
    this.hashes = enlarge(this.hashes, 1 << this.bits);
    this.offsets = enlarge(this.offsets, (1 << this.bits) + 1);
    this.slots = new Int32Array(SLOT << this.bits);
    for (let from = 0; from < old.length; from += SLOT) {
      const id = (old[from + 3] as number) - 1;
      if (id === -1) continue;
      let slot = ((this.hashes[id] as number) >>> (32 - this.bits)) * SLOT;
      while (this.slots[slot + 3] !== 0) slot = slot + SLOT === this.slots.length ? 0 : slot + SLOT;
      this.slots.set(old.subarray(from, from + SLOT), slot);
    }
  }
}

/** A longer copy of an array. */
export function enlarge<T extends Int32Array | Uint8Array>(old: T, length: number): T {
  const larger = new (old.constructor as new (length: number) => T)(length);
  larger.set(old);
  return larger;
}
