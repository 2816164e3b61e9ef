import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { Tokenizer } from '../../../src/preprocessing/tokenizer/tokenizer.js';
import type {
  Text,
  TokenizerOptions,
} from '../../../src/preprocessing/tokenizer/tokenizer-options.js';

const fitted = (texts: Iterable<Text>, options?: TokenizerOptions) => {
  const tokenizer = new Tokenizer(options);
  tokenizer.fitOnTexts(texts);
  return tokenizer;
};

describe('Tokenizer', () => {
  test('texts may come from anything that can be iterated', () => {
    function* texts() {
      yield 'a b';
      yield ['B', 'c'];
    }
    const tokenizer = fitted(texts());
    expect([...tokenizer.wordIndex.keys()]).toEqual(['b', 'a', 'c']);
    expect(tokenizer.textsToSequences(new Set(['c b', 'a']))).toEqual([[3, 1], [2]]);
  });

  test('words are numbered alike, however the texts come', () => {
    const strings = ['z y x', 'x w', 'z v w u'];
    const lists = strings.map((text) => text.split(' '));
    const mixed = [strings[0], lists[1], strings[2]] as Text[];
    const otherwise = [lists[0], strings[1], lists[2]] as Text[];
    const expected = [...fitted(strings).wordIndex];
    for (const texts of [lists, mixed, otherwise]) {
      expect([...fitted(texts).wordIndex]).toEqual(expected);
      expect([...fitted(texts).wordDocs]).toEqual([...fitted(strings).wordDocs]);
    }
  });

  test('many words, long words and words that differ late are told apart', () => {
    const words = Array.from({ length: 30_000 }, (_, i) => `${'prefix'.repeat(i % 5)}${i}`);
    const long = ['x'.repeat(100_000), `${'x'.repeat(99_999)}y`];
    const tokenizer = fitted([[...words, ...long].join(' '), words.join(' ')]);
    expect([...tokenizer.wordCounts.keys()]).toEqual([...words, ...long]);
    expect(tokenizer.wordCounts.get('29999')).toBeUndefined();
    expect(tokenizer.wordDocs.get(words[77] as string)).toBe(2);
    expect(tokenizer.textsToSequences([words.join(' ')])[0]).toEqual(words.map((_, i) => i + 1));
  });

  test('a text of millions of characters is counted as short ones are', () => {
    const text = 'the quick brown fox '.repeat(60_000);
    const tokenizer = fitted([text, 'quick']);
    expect(tokenizer.wordCounts.get('quick')).toBe(60_001);
    expect(tokenizer.wordDocs.get('quick')).toBe(2);
    const [long, short] = tokenizer.textsToSequences([text, 'fox quick']);
    expect(long?.slice(-4)).toEqual([2, 1, 3, 4]);
    expect(short).toEqual([4, 1]);
  });

  test('NUL, which pads no word, and bytes above ASCII are told apart', () => {
    const words = ['a', 'a\0', 'a\0\0', '\0a', 'é', 'e\u0301', '日本', '🍕', '\ufeffa'];
    expect([...fitted([words.join(' ')]).wordIndex.keys()]).toEqual(words);
  });

  test('half a surrogate pair is a letter like others', () => {
    const tokenizer = fitted(['x \ud83c y', 'z \udf55 \ud83c']);
    expect([...tokenizer.wordIndex.keys()]).toEqual(['\ud83c', 'x', 'y', 'z', '\udf55']);
    expect(tokenizer.textsToSequences(Array(20).fill('\ufffd \ud83c'))[19]).toEqual([1]);
  });

  test('names of JavaScript’s own are words like others', () => {
    const tokenizer = fitted([['__proto__', 'constructor', '__proto__']]);
    expect([...tokenizer.wordIndex]).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
    expect(tokenizer.textsToSequences([['toString', '__proto__']])).toEqual([[1]]);
  });

  test('wordIndex belongs to the user, who may change it at any time', () => {
    const tokenizer = fitted(['a b c']);
    tokenizer.wordIndex.set('b', 9);
    tokenizer.wordIndex.delete('c');
    expect(tokenizer.textsToSequences(['a b c'])).toEqual([[1, 9]]);
    expect(tokenizer.textsToSequences(Array(50).fill('a b c'))[49]).toEqual([1, 9]);
  });

  test('numWords may be changed after fitting', () => {
    const tokenizer = fitted(['a a a b b c']);
    tokenizer.numWords = 3;
    expect(tokenizer.textsToSequences(['a b c'])).toEqual([[1, 2]]);
    tokenizer.numWords = null;
    expect(tokenizer.textsToSequences(['a b c'])).toEqual([[1, 2, 3]]);
    expect(() => {
      tokenizer.numWords = 2.5;
    }).toThrow('Tokenizer: numWords must be a non-negative integer, received 2.5.');
  });

  test('generators take one text at a time', () => {
    const tokenizer = fitted(['a b']);
    const seen: string[] = [];
    function* texts() {
      for (const text of ['a', 'b']) {
        seen.push(text);
        yield text;
      }
    }
    const sequences = tokenizer.textsToSequencesGenerator(texts());
    expect(seen).toEqual([]);
    expect(sequences.next().value).toEqual([1]);
    expect(seen).toEqual(['a']);
  });

  test('generators know what was learned between two texts, also after many', () => {
    const tokenizer = fitted(['a b']);
    const sequences = tokenizer.textsToSequencesGenerator(
      Array.from({ length: 8 }, () => 'b c unknown a'),
    );
    for (let k = 0; k < 6; k++) expect(sequences.next().value).toEqual([2, 1]);
    tokenizer.fitOnTexts(['c c c']);
    expect([...sequences]).toEqual([
      [3, 1, 2],
      [3, 1, 2],
    ]);
  });

  test('a failed fit changes nothing', () => {
    const tokenizer = fitted(['a b']);
    const before = tokenizer.toJson();
    expect(() => tokenizer.fitOnTexts(['b c', 5 as unknown as string])).toThrow('texts[1]');
    expect(() => tokenizer.fitOnSequences([[1], [-1]])).toThrow('sequences[1][0]');
    expect(tokenizer.toJson()).toBe(before);
  });

  test('typed arrays are sequences, too', () => {
    const tokenizer = fitted(['a b']);
    expect(tokenizer.sequencesToTexts([Int32Array.of(2, 1)])).toEqual(['b a']);
  });

  test('getConfig has the keys and values of Keras', () => {
    expect(fitted(['é'], { numWords: 5, charLevel: true }).getConfig()).toEqual({
      num_words: 5,
      filters: '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n',
      lower: true,
      split: ' ',
      char_level: true,
      oov_token: null,
      document_count: 1,
      word_counts: '{"\\u00e9": 1}',
      word_docs: '{"\\u00e9": 1}',
      index_docs: '{"1": 1}',
      index_word: '{"1": "\\u00e9"}',
      word_index: '{"\\u00e9": 1}',
    });
  });
});

describe('Tokenizer rejects', () => {
  test.each<[string, unknown, string]>([
    [
      'a fraction of words',
      { numWords: 0.5 },
      'numWords must be a non-negative integer, received 0.5. Leave it out to keep all words.',
    ],
    [
      'NaN words',
      { numWords: Number.NaN },
      'numWords must be a non-negative integer, received NaN.',
    ],
    ['filters that are a list', { filters: ['!'] }, 'filters must be a string, received ["!"].'],
    ['a lower that is no boolean', { lower: 1 }, 'lower must be true or false, received 1.'],
    [
      'a charLevel that is no boolean',
      { charLevel: 'no' },
      'charLevel must be true or false, received "no".',
    ],
    ['a split that is no string', { split: 1 }, 'split must be a string, received 1.'],
    [
      'an OOV token that is no string',
      { oovToken: true },
      "oovToken must be a string, received true. Write a name such as '<OOV>'.",
    ],
    [
      'an analyzer that is no function',
      { analyzer: 'x' },
      'analyzer must be a function from a text to its words, received "x".',
    ],
    ['names of Python', { num_words: 5 }, 'there is no option num_words. Write numWords.'],
    ['options that are none', 4000, 'options must be an object, received 4000.'],
  ])('%s', (_, options, message) => {
    expect(() => new Tokenizer(options as TokenizerOptions)).toThrow(`Tokenizer: ${message}`);
  });

  test.each<[string, unknown, string]>([
    [
      'a string',
      'a b',
      'texts must be a list of texts, received "a b". Put a single text into a list: [text]. Keras would take each character for a text.',
    ],
    ['nothing', undefined, 'texts must be a list of texts, received undefined.'],
    ['an object', { a: 1 }, 'texts must be a list of texts, received { a }.'],
    [
      'null inside',
      ['a', null],
      'texts[1] must be a string or a list of words, received null. Pass texts as strings.',
    ],
    ['lists of lists', [[['a']]], 'texts[0] must be a string or a list of words, received ["a"].'],
  ])('%s in place of texts', (_, texts, message) => {
    const tokenizer = fitted(['a']);
    const given = texts as string[];
    expect(() => tokenizer.fitOnTexts(given)).toThrow(`Tokenizer.fitOnTexts: ${message}`);
    expect(() => tokenizer.textsToSequences(given)).toThrow(
      `Tokenizer.textsToSequences: ${message}`,
    );
    expect(() => tokenizer.textsToMatrix(given)).toThrow(`Tokenizer.textsToMatrix: ${message}`);
    expect(() => [...tokenizer.textsToSequencesGenerator(given)]).toThrow(
      `Tokenizer.textsToSequencesGenerator: ${message}`,
    );
  });

  test.each<[string, unknown, string]>([
    ['a string', '12', 'sequences must be a list of lists of indices, received "12".'],
    ['nothing', null, 'sequences must be a list of lists of indices, received null.'],
    [
      'one sequence',
      [1, 2],
      'sequences[0] must be a list of indices, received 1. Put a single sequence into a list: [sequence].',
    ],
    [
      'a negative index',
      [[], [1, -2]],
      'sequences[1][1] must be a non-negative integer, received -2.',
    ],
    ['a fraction', [[0.5]], 'sequences[0][0] must be a non-negative integer, received 0.5.'],
    ['NaN', [[Number.NaN]], 'sequences[0][0] must be a non-negative integer, received NaN.'],
    ['words', [['a']], 'sequences[0][0] must be a non-negative integer, received "a".'],
  ])('%s in place of sequences', (_, sequences, message) => {
    const tokenizer = fitted(['a']);
    const given = sequences as number[][];
    for (const method of ['fitOnSequences', 'sequencesToTexts', 'sequencesToMatrix'] as const) {
      expect(() => tokenizer[method](given)).toThrow(`Tokenizer.${method}: ${message}`);
    }
    expect(() => [...tokenizer.sequencesToTextsGenerator(given)]).toThrow(
      `Tokenizer.sequencesToTextsGenerator: ${message}`,
    );
  });

  test.each<[string, unknown]>([
    ['a string', 'ab'],
    ['numbers', [1]],
    ['nothing', undefined],
  ])('an analyzer that returns %s', (_, words) => {
    const tokenizer = new Tokenizer({ analyzer: () => words as string[] });
    expect(() => tokenizer.fitOnTexts(['a'])).toThrow(
      'Tokenizer.fitOnTexts: the analyzer must return words, received ',
    );
  });
});
