/** NGramTable: a number from 0 on for each hash of an n-gram, in the order in which they came. */

const FIRST_SLOTS = 1024;

/**
 * A hash table of typed arrays with open addressing: five million n-grams take a tenth of the memory
 * of a `Map`.
 */
export class NGramTable {
  /** How many hashes there are; they are numbered from 0 to `size` − 1. */
  size = 0;

  private hashes = new Int32Array(FIRST_SLOTS);
  /** The number of the hash at a place, plus 1; 0 where there is none. */
  private numbers = new Int32Array(FIRST_SLOTS);

  /** The number of a hash, which is a new one where the hash is. */
  add(hash: number): number {
    const place = this.placeOf(hash);
    const found = this.numbers[place]!;
    if (found > 0) return found - 1;
    this.hashes[place] = hash;
    this.numbers[place] = ++this.size;
    if (this.size * 2 > this.numbers.length) this.grow();
    return this.size - 1;
  }

  /** The number of a hash; −1 where it was never added. */
  numberOf(hash: number): number {
    return this.numbers[this.placeOf(hash)]! - 1;
  }

  /** All hashes by their numbers. */
  toHashes(): Int32Array {
    const inOrder = new Int32Array(this.size);
    this.numbers.forEach((number, place) => {
      if (number > 0) inOrder[number - 1] = this.hashes[place]!;
    });
    return inOrder;
  }

  /** Where the hash is, or would be. Hashes are mixed well, so their last bits tell them apart. */
  private placeOf(hash: number): number {
    const { hashes, numbers } = this;
    const mask = numbers.length - 1;
    let place = hash & mask;
    while (numbers[place] !== 0 && hashes[place] !== hash) place = (place + 1) & mask;
    return place;
  }

  private grow(): void {
    const { hashes, numbers } = this;
    this.hashes = new Int32Array(numbers.length * 2);
    this.numbers = new Int32Array(numbers.length * 2);
    numbers.forEach((number, old) => {
      if (number === 0) return;
      const place = this.placeOf(hashes[old]!);
      this.hashes[place] = hashes[old]!;
      this.numbers[place] = number;
    });
  }
}
