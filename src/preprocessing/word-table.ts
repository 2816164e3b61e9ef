/**
 * Numbers words from 0 in the order in which they first appear.
 *
 * A hash table over runs of UTF-16 code units, so that looking a word up needs no string of its
 * own: `Map<string, number>` needs one for each of the six million words of a large corpus.
 */
export class WordTable {
  /** How many different words there are. */
  size = 0;

  private slots = new Int32Array(1 << 12); // id + 1, or 0 where free
  private hashes = new Int32Array(1 << 11); // [word]
  private offsets = new Int32Array((1 << 11) + 1); // [word + 1], into units
  private units = new Uint16Array(1 << 14);

  /** The number of the word `text.slice(start, end)`, or -1 when it is not there. */
  find(text: string, start: number, end: number, hash: number): number {
    return (this.slots[this.slotOf(text, start, end, hash)] as number) - 1;
  }

  /** The number of the word `text.slice(start, end)`, which becomes the next one if it is new. */
  add(text: string, start: number, end: number, hash: number): number {
    const slot = this.slotOf(text, start, end, hash);
    const found = this.slots[slot] as number;
    return found === 0 ? this.append(slot, text, start, end, hash) : found - 1;
  }

  /** A word by its number. */
  word(id: number): string {
    const end = this.offsets[id + 1] as number;
    let word = '';
    // In pieces, because every unit becomes an argument and a "word" can be a whole file.
    for (let at = this.offsets[id] as number; at < end; at += 4096) {
      word += String.fromCharCode(...this.units.subarray(at, Math.min(at + 4096, end)));
    }
    return word;
  }

  private slotOf(text: string, start: number, end: number, hash: number): number {
    const mask = this.slots.length - 1;
    const { slots, hashes } = this;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const entry = slots[slot] as number;
      if (entry === 0) return slot;
      if (hashes[entry - 1] === hash && this.holds(entry - 1, text, start, end)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private holds(id: number, text: string, start: number, end: number): boolean {
    const { units } = this;
    let at = this.offsets[id] as number;
    if ((this.offsets[id + 1] as number) - at !== end - start) return false;
    for (let from = start; from < end; from++) {
      if (units[at++] !== text.charCodeAt(from)) return false;
    }
    return true;
  }

  private append(slot: number, text: string, start: number, end: number, hash: number): number {
    const id = this.size;
    if (id === this.hashes.length) {
      this.hashes = copyInto(new Int32Array(2 * id), this.hashes);
      this.offsets = copyInto(new Int32Array(2 * id + 1), this.offsets);
    }
    let at = this.offsets[id] as number;
    const used = at + end - start;
    if (used > this.units.length) {
      this.units = copyInto(new Uint16Array(2 * used), this.units);
    }
    for (let from = start; from < end; from++) this.units[at++] = text.charCodeAt(from);
    this.hashes[id] = hash;
    this.offsets[id + 1] = used;
    this.slots[slot] = id + 1;
    this.size = id + 1;
    if (this.size * 2 > this.slots.length) this.spread();
    return id;
  }

  private spread(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let id = 0; id < this.size; id++) {
      const hash = this.hashes[id] as number;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.slots = slots;
  }
}

function copyInto<T extends Int32Array | Uint16Array>(larger: T, old: T): T {
  larger.set(old);
  return larger;
}
