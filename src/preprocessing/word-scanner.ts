import { reject } from '../foundation/errors.js';

/** The characters that Keras removes by default: all ASCII punctuation except `'`, tab and newline. */
export const DEFAULT_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n';

// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), started at random so that no text can be
// prepared to collide. The hash never shows: words are numbered in the order of their appearance.
const HASH_PRIME = 0x01000193;
const HASH_START = (Math.random() * 0x100000000) | 0;

/**
 * Finds the words of a text in one pass, without making a string for each of them.
 *
 * After a scan the words are `text.slice(starts[k], ends[k])` for `k` below `count`, and
 * `hashes[k]` is a hash of each; the next scan overwrites them.
 */
export class WordScanner {
  /** The text that `starts` and `ends` point into: lower-cased, perhaps rewritten. */
  text = '';
  count = 0;
  starts = new Int32Array(1024);
  ends = new Int32Array(1024);
  hashes = new Int32Array(1024);

  private readonly filters: ReadonlySet<string>;
  private readonly split: string;
  private readonly lower: boolean;
  /** By UTF-16 code unit, 1 where a word ends; absent when one unit cannot tell. */
  private readonly separators: Uint8Array | undefined;

  /**
   * @param filters Every code point in it separates words.
   * @param lower Whether texts are lower-cased first.
   * @param split What separates words; never empty where {@link scanText} is used.
   */
  constructor(filters: string, lower: boolean, split: string) {
    this.filters = new Set(filters);
    this.lower = lower;
    this.split = split;
    // Keras replaces each filtered character by `split`, then splits. With a `split` of one code
    // unit that is the same as ending a word at either; surrogates need whole code points.
    const surrogates = /[\ud800-\udfff]/;
    if (split.length === 1 && !surrogates.test(filters) && !surrogates.test(split)) {
      this.separators = new Uint8Array(0x10000);
      for (const character of filters + split) this.separators[character.charCodeAt(0)] = 1;
    }
  }

  /** Splits as `text_to_word_sequence` does: lower, filter, split, in this order. */
  scanText(text: string): void {
    const lowered = this.lower ? text.toLowerCase() : text;
    this.count = 0;
    if (this.separators) this.scanUnits(lowered, this.separators);
    else this.scanRewritten(lowered);
  }

  /** Takes every code point as a word; filters do not apply, as in Keras. */
  scanCharacters(text: string): void {
    const lowered = this.lower ? text.toLowerCase() : text;
    this.text = lowered;
    this.count = 0;
    for (let at = 0; at < lowered.length; ) {
      const end = at + ((lowered.codePointAt(at) as number) > 0xffff ? 2 : 1);
      this.push(at, end);
      at = end;
    }
  }

  /** Takes words as they are, even empty ones; filters do not apply, as in Keras. */
  scanWords(words: readonly string[], lower = this.lower): void {
    const ready = lower ? words.map((word) => word.toLowerCase()) : words;
    this.text = ready.join('');
    this.count = 0;
    let at = 0;
    for (const word of ready) {
      this.push(at, at + word.length);
      at += word.length;
    }
  }

  /** The words that the last scan found, as strings. */
  words(): string[] {
    const words = new Array<string>(this.count);
    for (let k = 0; k < this.count; k++) words[k] = this.word(k);
    return words;
  }

  word(k: number): string {
    return this.text.slice(this.starts[k], this.ends[k]);
  }

  private scanUnits(text: string, separators: Uint8Array): void {
    this.text = text;
    const length = text.length;
    let at = 0;
    let count = 0;
    while (at < length) {
      let unit = text.charCodeAt(at);
      if (separators[unit]) {
        at++;
        continue;
      }
      const start = at;
      let hash = HASH_START;
      do {
        hash = Math.imul(hash ^ unit, HASH_PRIME);
        at++;
        if (at === length) break;
        unit = text.charCodeAt(at);
      } while (!separators[unit]);
      if (count === this.starts.length) this.grow();
      this.starts[count] = start;
      this.ends[count] = at;
      this.hashes[count] = hash;
      count++;
    }
    this.count = count;
  }

  private scanRewritten(text: string): void {
    let rewritten = '';
    for (const character of text) {
      rewritten += this.filters.has(character) ? this.split : character;
    }
    this.text = rewritten;
    let start = 0;
    while (start <= rewritten.length) {
      const found = rewritten.indexOf(this.split, start);
      const end = found === -1 ? rewritten.length : found;
      if (end > start) this.push(start, end);
      start = end + this.split.length;
    }
  }

  private push(start: number, end: number): void {
    if (this.count === this.starts.length) this.grow();
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.hashes[this.count] = hashOf(this.text, start, end);
    this.count++;
  }

  private grow(): void {
    const enlarge = (old: Int32Array) => {
      const larger = new Int32Array(old.length * 2);
      larger.set(old);
      return larger;
    };
    this.starts = enlarge(this.starts);
    this.ends = enlarge(this.ends);
    this.hashes = enlarge(this.hashes);
  }
}

/** The hash of `text.slice(start, end)`, as the scanner computes it on the way. */
export function hashOf(text: string, start: number, end: number): number {
  let hash = HASH_START;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), HASH_PRIME);
  return hash;
}

/** Rejects the separator that nothing can be split at. */
export function requireSeparator(where: string, split: string): void {
  if (split !== '') return;
  reject({
    where,
    expected: 'split must not be empty',
    received: split,
    remedy:
      'Leave it out to split at spaces; for single characters use a Tokenizer with charLevel.',
  });
}
