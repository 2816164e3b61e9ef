import { reject } from '../foundation/errors.js';
import { md5 } from './md5.js';
import { requireInteger, requireKnownOptions, requireString } from '../foundation/option-checks.js';
import type { Analyzer } from './tokenizer/tokenizer-options.js';
import { WORD_OPTIONS, type WordOptions, wordScanner } from './tokenizer/words.js';

/** Turns a word into an integer of any size. */
export type HashFunction = (word: string) => number | bigint;

/** How a text becomes words, and words become numbers. */
export interface HashingOptions extends WordOptions {
  /** `'md5'`, or a function of your own. Default: `'md5'`. */
  hashFunction?: 'md5' | HashFunction | undefined;
  /** Splits the text instead of `filters`, `lower` and `split`. */
  analyzer?: Analyzer | null | undefined;
}

/**
 * Turns a text into indices below `n` without a vocabulary, by hashing each word.
 *
 * The index is `hash mod (n - 1) + 1`, as in `keras.preprocessing.text.hashing_trick`; different
 * words may share one. With `'md5'` Keras gives the same indices.
 *
 * @param text Any text.
 * @param n The size of the index space, at least 2; 0 is never used.
 * @param options The hash, and how the text becomes words.
 * @returns One index from 1 to `n - 1` a word.
 * @throws RecurrentError when `n` is below 2, or the hash function returns no integer.
 *
 * @example
 * ```ts
 * import { hashingTrick } from 'tfjs-recurrent';
 *
 * console.log(hashingTrick('The cat sat on the mat.', 10));
 * // [ 6, 3, 1, 1, 6, 8 ]
 * ```
 */
export function hashingTrick(text: string, n: number, options: HashingOptions = {}): number[] {
  return hashWords('hashingTrick', text, n, options);
}

/**
 * The same as {@link hashingTrick}, under the name that Keras users know. In Keras the hash is
 * Python's own, which differs from one process to the next; here it is MD5 and repeats.
 *
 * @param text Any text.
 * @param n The size of the index space, at least 2; 0 is never used.
 * @param options The hash, and how the text becomes words.
 * @returns One index from 1 to `n - 1` a word.
 * @throws RecurrentError as {@link hashingTrick} does.
 *
 * @example
 * ```ts
 * import { oneHot } from 'tfjs-recurrent';
 *
 * console.log(oneHot('to be or not to be', 50, { hashFunction: (word) => word.length }));
 * // [ 3, 3, 3, 4, 3, 3 ]
 * ```
 */
export function oneHot(text: string, n: number, options: HashingOptions = {}): number[] {
  return hashWords('oneHot', text, n, options);
}

function hashWords(where: string, text: string, n: number, options: HashingOptions): number[] {
  requireKnownOptions(where, options, [...WORD_OPTIONS, 'hashFunction', 'analyzer']);
  requireString(where, 'text', text);
  requireInteger(where, 'n', n, 2, 'It is the size of the vocabulary, whose index 0 is not used.');
  const { hashFunction = 'md5', analyzer = null } = options;
  if (hashFunction !== 'md5' && typeof hashFunction !== 'function') {
    reject({
      where,
      expected: "hashFunction must be 'md5' or a function",
      received: hashFunction,
      remedy: "Python's own hash differs in every process, so there is nothing to match.",
    });
  }
  const hash =
    hashFunction === 'md5' ? (word: string) => md5(wellFormed(where, word)) : hashFunction;
  const indices = new Map<string, number>();
  return wordsOf(where, text, options, analyzer).map((word) => {
    let index = indices.get(word);
    if (index === undefined) {
      index = Number(modulo(toInteger(where, word, hash(word)), BigInt(n - 1))) + 1;
      indices.set(word, index);
    }
    return index;
  });
}

function wordsOf(
  where: string,
  text: string,
  options: WordOptions,
  analyzer: Analyzer | null,
): string[] {
  if (analyzer !== null) {
    if (typeof analyzer !== 'function') {
      reject({ where, expected: 'analyzer must be a function', received: analyzer });
    }
    const words = [...analyzer(text)];
    for (const word of words) requireString(where, 'each word of the analyzer', word);
    return words;
  }
  return wordScanner(where, options).words(text);
}

function toInteger(where: string, word: string, hash: unknown): bigint {
  if (typeof hash === 'bigint') return hash;
  if (Number.isSafeInteger(hash)) return BigInt(hash as number);
  reject({
    where,
    expected: `hashFunction must return an integer for "${word}"`,
    received: hash,
    remedy: 'Return a bigint where a number would not be exact.',
  });
}

/** Python's modulo, never negative for a positive divisor. */
function modulo(dividend: bigint, divisor: bigint): bigint {
  return ((dividend % divisor) + divisor) % divisor;
}

function wellFormed(where: string, word: string): string {
  if (!/[\ud800-\udfff]/u.test(word)) return word;
  reject({
    where,
    expected: 'the text must not hold half a surrogate pair, which UTF-8 cannot write',
    received: word,
    remedy: 'Repair it with text.toWellFormed().',
    see: 'not-utf-8',
  });
}
