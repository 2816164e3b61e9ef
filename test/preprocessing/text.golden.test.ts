import { describe, expect, test } from 'vitest';
import {
  type HashFunction,
  type HashingOptions,
  hashingTrick,
  oneHot,
} from '../../src/preprocessing/hashing.js';
import { DEFAULT_FILTERS } from '../../src/preprocessing/tokenizer/word-scanner.js';
import { textToWordSequence, type WordOptions } from '../../src/preprocessing/tokenizer/words.js';
import { Deviations, type KerasException, readGolden } from './golden.js';

interface TextCase extends Required<WordOptions> {
  name: string;
  text: string;
  filters: string;
  lower: boolean;
  split: string;
  expected: string[];
}

interface HashCase extends Omit<TextCase, 'expected'> {
  n: number;
  hash_function: string;
  expected: number[];
}

const golden = readGolden<{
  default_filters: string;
  text_to_word_sequence: TextCase[];
  text_to_word_sequence_errors: (TextCase & KerasException)[];
  hashing_trick: HashCase[];
  hashing_trick_errors: (HashCase & KerasException)[];
  hashing_trick_custom: HashCase[];
  one_hot: HashCase[];
}>('text.json');

const N_MESSAGE = /n must be an integer of at least 2, received -?\d/;
const deviations = new Deviations({
  n_zero: N_MESSAGE,
  n_negative: N_MESSAGE,
  n_is_one_empty_text: N_MESSAGE,
});

const wordOptions = ({ filters, lower, split }: Omit<TextCase, 'expected'>) => ({
  filters,
  lower,
  split,
});

/** The stand-in for Python's hash: the sum over code points c of (i + 1) · c. */
const codePointHash: HashFunction = (word) =>
  [...word].reduce((sum, character, i) => sum + (i + 1) * (character.codePointAt(0) as number), 0);

const check = (hash: typeof hashingTrick, entry: HashCase, options: HashingOptions) => {
  const run = () => hash(entry.text, entry.n, { ...wordOptions(entry), ...options });
  const message = deviations.of(entry.name);
  if (message) expect(run).toThrow(message);
  else expect(run()).toEqual(entry.expected);
};

describe('textToWordSequence agrees with Keras', () => {
  test('on which characters are filtered', () => {
    expect(DEFAULT_FILTERS).toBe(golden.default_filters);
  });

  test.each(golden.text_to_word_sequence)('$name', (entry) => {
    expect(textToWordSequence(entry.text, wordOptions(entry))).toEqual(entry.expected);
  });

  test.each(golden.text_to_word_sequence_errors)('$name', (entry) => {
    expect(() => textToWordSequence(entry.text, wordOptions(entry))).toThrow(
      'textToWordSequence: split must not be empty, received "".',
    );
  });
});

describe('hashingTrick and oneHot agree with Keras', () => {
  test.each(golden.hashing_trick)('md5: $name', (entry) => {
    check(hashingTrick, entry, { hashFunction: 'md5' });
  });

  test.each(golden.hashing_trick_custom)('a hash of one’s own: $name', (entry) => {
    check(hashingTrick, entry, { hashFunction: codePointHash });
  });

  test.each(golden.one_hot)('oneHot: $name', (entry) => {
    check(oneHot, entry, { hashFunction: codePointHash });
  });

  test.each(golden.hashing_trick_errors)('$name', (entry) => {
    deviations.of(entry.name);
    expect(() => hashingTrick(entry.text, entry.n)).toThrow(N_MESSAGE);
  });

  test('and COMPATIBILITY.md tells where they do not', () => {
    deviations.expectAllDescribed();
  });
});
