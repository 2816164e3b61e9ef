import {
  requireBoolean,
  requireKnownOptions,
  requireString,
} from '../../foundation/option-checks.js';
import { DEFAULT_FILTERS, requireSeparator, WordScanner } from './word-scanner.js';

/** How a text becomes words. */
export interface WordOptions {
  /** Every character in it becomes a separator. Default: {@link DEFAULT_FILTERS}. */
  filters?: string | undefined;
  /** Whether the text is lower-cased before anything else. Default: `true`. */
  lower?: boolean | undefined;
  /** What separates words, one character or more. Default: a space. */
  split?: string | undefined;
}

export const WORD_OPTIONS = ['filters', 'lower', 'split'] as const;

/**
 * Splits a text into words: lower-cases it, replaces filtered characters by `split`, then splits.
 *
 * The steps and their order are those of `keras.preprocessing.text.text_to_word_sequence`, so
 * that `\r`, non-breaking spaces and apostrophes stay part of the words.
 *
 * @param text Any text.
 * @param options Which characters separate words, and whether case counts.
 * @returns The words in their order; empty ones are left out.
 * @throws RecurrentError when `text` is not a string, or `split` is empty.
 *
 * @example
 * ```ts
 * import { textToWordSequence } from 'tfjs-recurrent';
 *
 * console.log(textToWordSequence("It isn't bad, is it?"));
 * // [ 'it', "isn't", 'bad', 'is', 'it' ]
 * ```
 */
export function textToWordSequence(text: string, options: WordOptions = {}): string[] {
  const where = 'textToWordSequence';
  requireKnownOptions(where, options, WORD_OPTIONS);
  requireString(where, 'text', text);
  return wordScanner(where, options).words(text);
}

let recent: { key: string; scanner: WordScanner } | undefined;

/** A scanner for checked options; the one of the last call when they are the same again. */
export function wordScanner(where: string, options: WordOptions): WordScanner {
  const { filters = DEFAULT_FILTERS, lower = true, split = ' ' } = options;
  requireString(where, 'filters', filters, "Write '' to filter nothing.");
  requireBoolean(where, 'lower', lower);
  requireString(where, 'split', split);
  requireSeparator(where, split);
  const key = `${lower} ${split.length} ${split}${filters}`;
  if (recent?.key !== key) recent = { key, scanner: new WordScanner(filters, lower, split) };
  return recent.scanner;
}
