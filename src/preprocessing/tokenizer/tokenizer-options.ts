import { reject } from '../../foundation/errors.js';
import {
  requireBoolean,
  requireInteger,
  requireKnownOptions,
  requireString,
} from '../../foundation/option-checks.js';
import { DEFAULT_FILTERS, requireSeparator } from './word-scanner.js';
import { WORD_OPTIONS, type WordOptions } from './words.js';

/** A text, or one that was already split into words. */
export type Text = string | readonly string[];

/** What `Tokenizer.get_config` returns in Keras, under the names that Keras writes. */
export interface TokenizerConfig {
  num_words: number | null;
  filters: string;
  lower: boolean;
  split: string;
  char_level: boolean;
  oov_token: string | null;
  document_count: number;
  /** JSON text, as are those below. */
  word_counts: string;
  word_docs: string;
  index_docs: string;
  index_word: string;
  word_index: string;
}

/** Splits a text into words in the user's own way. */
export type Analyzer = (text: string) => Iterable<string>;

/** The options of a {@link Tokenizer}; `null` means the same as leaving one out. */
export interface TokenizerOptions extends WordOptions {
  /** Only indices below this number are used: the `numWords - 1` most common words. Default: all. */
  numWords?: number | null | undefined;
  /** Whether every character is a word; `filters` and `split` then have no effect. Default: `false`. */
  charLevel?: boolean | undefined;
  /** Stands for unknown words and takes index 1. Default: they are left out. */
  oovToken?: string | null | undefined;
  /** Splits texts instead of `filters`, `lower` and `split`. It is not saved by `toJson`. */
  analyzer?: Analyzer | null | undefined;
}

/** The options with their defaults filled in. */
export interface CheckedTokenizerOptions {
  numWords: number | null;
  filters: string;
  lower: boolean;
  split: string;
  charLevel: boolean;
  oovToken: string | null;
  analyzer: Analyzer | null;
}

/** Checks the options of a tokenizer and fills in what was left out. */
export function checkTokenizerOptions(
  where: string,
  options: TokenizerOptions,
): CheckedTokenizerOptions {
  requireKnownOptions(where, options, [
    'numWords',
    ...WORD_OPTIONS,
    'charLevel',
    'oovToken',
    'analyzer',
  ]);
  const checked: CheckedTokenizerOptions = {
    numWords: options.numWords ?? null,
    filters: options.filters ?? DEFAULT_FILTERS,
    lower: options.lower ?? true,
    split: options.split ?? ' ',
    charLevel: options.charLevel ?? false,
    oovToken: options.oovToken ?? null,
    analyzer: options.analyzer ?? null,
  };
  checkNumWords(where, checked.numWords);
  requireString(where, 'filters', checked.filters, "Write '' to filter nothing.");
  requireBoolean(where, 'lower', checked.lower);
  requireString(where, 'split', checked.split);
  requireBoolean(where, 'charLevel', checked.charLevel);
  if (!checked.charLevel) requireSeparator(where, checked.split);
  if (checked.oovToken !== null) {
    requireString(where, 'oovToken', checked.oovToken, "Write a name such as '<OOV>'.");
  }
  if (checked.analyzer !== null && typeof checked.analyzer !== 'function') {
    reject({
      where,
      expected: 'analyzer must be a function from a text to its words',
      received: checked.analyzer,
    });
  }
  return checked;
}

/** Rejects a `numWords` that is neither `null` nor a non-negative integer; 0 means no limit. */
export function checkNumWords(where: string, numWords: number | null): void {
  if (numWords === null) return;
  requireInteger(where, 'numWords', numWords, 0, 'Leave it out to keep all words.');
}
