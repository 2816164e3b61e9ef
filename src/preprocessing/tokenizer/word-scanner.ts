import { reject } from '../../foundation/errors.js';

/** The characters that Keras removes by default: all ASCII punctuation except `'`, tab and newline. */
export const DEFAULT_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n';

const SURROGATE = /[\ud800-\udfff]/;

/** Splits texts into words as `text_to_word_sequence` of Keras does: lower, filter, split. */
export class WordScanner {
  private readonly filters: ReadonlySet<string>;
  private readonly split: string;
  private readonly lower: boolean;
  /** By UTF-16 code unit, 1 where a word ends; absent when one unit cannot tell. */
  private readonly separators: Uint8Array | undefined;

  /**
   * @param filters Every code point in it separates words.
   * @param lower Whether texts are lower-cased first.
   * @param split What separates words, not empty.
   */
  constructor(filters: string, lower: boolean, split: string) {
    this.filters = new Set(filters);
    this.lower = lower;
    this.split = split;
    // Keras replaces each filtered character by `split`, then splits. With a `split` of one code
    // unit that is the same as ending a word at either; surrogates need whole code points.
    if (split.length === 1 && !SURROGATE.test(filters + split)) {
      this.separators = new Uint8Array(0x10000);
      for (const character of filters + split) this.separators[character.charCodeAt(0)] = 1;
    }
  }

  /** The words of a text in their order. */
  words(text: string): string[] {
    const lowered = this.lower ? text.toLowerCase() : text;
    if (this.separators) return wordsBetween(lowered, this.separators);

    let rewritten = '';
    for (const character of lowered) {
      rewritten += this.filters.has(character) ? this.split : character;
    }
    return rewritten.split(this.split).filter((word) => word !== '');
  }
}

function wordsBetween(text: string, separators: Uint8Array): string[] {
  const words: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (!separators[text.charCodeAt(at)]) continue;
    if (at > start) words.push(text.slice(start, at));
    start = at + 1;
  }
  if (start < text.length) words.push(text.slice(start));
  return words;
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
