import { describe, expect, test } from 'vitest';
import { type HashingOptions, hashingTrick, oneHot } from '../../../src/preprocessing/hashing.js';
import { DEFAULT_FILTERS } from '../../../src/preprocessing/tokenizer/word-scanner.js';
import {
  textToWordSequence,
  type WordOptions,
} from '../../../src/preprocessing/tokenizer/words.js';

describe('textToWordSequence', () => {
  test('options may change from call to call', () => {
    expect(textToWordSequence('a,B')).toEqual(['a', 'b']);
    expect(textToWordSequence('a,B', { lower: false })).toEqual(['a', 'B']);
    expect(textToWordSequence('a,B', { filters: '' })).toEqual(['a,b']);
    expect(textToWordSequence('a,B')).toEqual(['a', 'b']);
  });

  test('more filters can be added to the default', () => {
    const filters = `${DEFAULT_FILTERS}'\u00a0`;
    expect(textToWordSequence("it's\u00a0mine", { filters })).toEqual(['it', 's', 'mine']);
  });

  test.each<[string, unknown, unknown, string]>([
    ['no text', 5, {}, 'text must be a string, received 5.'],
    ['a list of texts', ['a'], {}, 'text must be a string, received ["a"].'],
    [
      'no filters',
      'a',
      { filters: 1 },
      "filters must be a string, received 1. Write '' to filter nothing.",
    ],
    ['no boolean', 'a', { lower: 'yes' }, 'lower must be true or false, received "yes".'],
    ['no separator', 'a', { split: / / }, 'split must be a string, received a RegExp.'],
    [
      'an empty separator',
      'a',
      { split: '' },
      'split must not be empty, received "". Leave it out to split at spaces; for single characters use a Tokenizer with charLevel.',
    ],
    ['a misspelt option', 'a', { Filters: '' }, 'there is no option Filters. Write filters.'],
    [
      'an unknown option',
      'a',
      { filter: '' },
      'there is no option filter. Did you mean filters? The options are filters, lower, split.',
    ],
    ['options that are none', 'a', 'lower', 'options must be an object, received "lower".'],
  ])('rejects %s', (_, text, options, message) => {
    expect(() => textToWordSequence(text as string, options as WordOptions)).toThrow(
      `textToWordSequence: ${message}`,
    );
  });
});

describe('hashingTrick and oneHot', () => {
  test('take an analyzer in place of filters', () => {
    const analyzer = (text: string) => text.split('|');
    const hashFunction = (word: string) => word.length;
    expect(hashingTrick('a b|c', 100, { analyzer, hashFunction })).toEqual([4, 2]);
  });

  test('follow Python where a hash is negative or large', () => {
    expect(hashingTrick('word', 10, { hashFunction: () => -1 })).toEqual([9]);
    expect(hashingTrick('word', 10, { hashFunction: () => 2n ** 128n })).toEqual([5]);
  });

  test('oneHot repeats, though Python’s hash does not', () => {
    expect(oneHot('the cat', 1000)).toEqual(hashingTrick('the cat', 1000, { hashFunction: 'md5' }));
  });

  test.each<[string, unknown, unknown, unknown, string]>([
    ['no text', ['a'], 5, {}, 'text must be a string, received ["a"].'],
    [
      'no size',
      'a',
      undefined,
      {},
      'n must be an integer of at least 2, received undefined. It is the size of the vocabulary, whose index 0 is not used.',
    ],
    ['a fraction', 'a', 2.5, {}, 'n must be an integer of at least 2, received 2.5.'],
    ['NaN', 'a', Number.NaN, {}, 'n must be an integer of at least 2, received NaN.'],
    [
      'Python’s hash',
      'a',
      5,
      { hashFunction: 'hash' },
      'hashFunction must be \'md5\' or a function, received "hash".',
    ],
    [
      'a hash that is no integer',
      'a',
      5,
      { hashFunction: () => 0.5 },
      'hashFunction must return an integer for "a", received 0.5. Return a bigint where a number would not be exact.',
    ],
    [
      'half a surrogate pair',
      'a \ud83c b',
      5,
      {},
      'the text must not hold half a surrogate pair, which UTF-8 cannot write, received "\\ud83c". Repair it with text.toWellFormed().',
    ],
    [
      'an analyzer that is none',
      'a',
      5,
      { analyzer: 'split' },
      'analyzer must be a function, received "split".',
    ],
    [
      'a misspelt option',
      'a',
      5,
      { hash_function: 'md5' },
      'there is no option hash_function. Write hashFunction.',
    ],
  ])('reject %s', (_, text, n, options, message) => {
    const call = (hash: typeof oneHot) => () =>
      hash(text as string, n as number, options as HashingOptions);
    expect(call(hashingTrick)).toThrow(`hashingTrick: ${message}`);
    expect(call(oneHot)).toThrow(`oneHot: ${message}`);
  });
});
