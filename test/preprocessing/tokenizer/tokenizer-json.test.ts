import { describe, expect, test } from 'vitest';
import { readMap, writeMap } from '../../../src/preprocessing/tokenizer/ordered-json.js';
import { Tokenizer } from '../../../src/preprocessing/tokenizer/tokenizer.js';
import { tokenizerFromJson } from '../../../src/preprocessing/tokenizer/tokenizer-json.js';

const REMEDY = 'Pass the text that toJson, or to_json of a Keras Tokenizer, wrote.';

const saved = () => {
  const tokenizer = new Tokenizer({ oovToken: '<OOV>' });
  tokenizer.fitOnTexts([['10', '2', '__proto__', '"\\\n\u007f', '🍕', '\ud83c', '']]);
  return tokenizer.toJson();
};

/** The saved tokenizer with some of its configuration replaced. */
const changed = (changes: object) => {
  const file = JSON.parse(saved());
  return JSON.stringify({ ...file, config: { ...file.config, ...changes } });
};

describe('tokenizerFromJson', () => {
  test('keeps the order of words, whatever they are', () => {
    const loaded = tokenizerFromJson(saved());
    expect([...loaded.wordIndex.keys()].slice(0, 4)).toEqual(['<OOV>', '10', '2', '__proto__']);
    expect(loaded.toJson()).toBe(saved());
  });

  test('reads nb_words, the name before Keras 2', () => {
    const file = JSON.parse(saved());
    delete file.config.num_words;
    file.config.nb_words = 3;
    expect(tokenizerFromJson(JSON.stringify(file)).numWords).toBe(3);
  });

  test('reads what json.dump(tokenizer.to_json(), file) leaves: a JSON string in a JSON string', () => {
    expect(tokenizerFromJson(JSON.stringify(saved())).toJson()).toBe(saved());
  });

  test.each<[string, unknown, string]>([
    ['no text', { a: 1 }, 'json must be a string, received { a }.'],
    ['no JSON', '{', 'the text must be JSON, received "{".'],
    ['null', 'null', 'class_name must be "Tokenizer", received undefined.'],
    [
      'a model',
      '{"class_name": "Sequential", "config": {}}',
      'class_name must be "Tokenizer", received "Sequential".',
    ],
    ['no config', '{"class_name": "Tokenizer"}', 'config must be an object, received undefined.'],
    [
      'a config without words',
      '{"class_name": "Tokenizer", "config": {}}',
      'config.word_counts must be the JSON text of an object, received undefined.',
    ],
    [
      'a map that is a list',
      changed({ word_index: '[]' }),
      'config.word_index must be the JSON text of an object, received "[]".',
    ],
    [
      'a map that is cut off',
      changed({ word_docs: '{"a": 1' }),
      'config.word_docs must be the JSON text of an object, received "{\\"a\\": 1".',
    ],
    [
      'counts that are none',
      changed({ word_counts: '{"a": "b"}' }),
      'config.word_counts must hold non-negative integers only, received "a: b".',
    ],
    [
      'negative indices',
      changed({ word_index: '{"a": -1}' }),
      'config.word_index must hold non-negative integers only, received "a: -1".',
    ],
    [
      'words that are none',
      changed({ index_word: '{"1": 2}' }),
      'config.index_word must hold words only, received "1: 2".',
    ],
    [
      'keys that are no indices',
      changed({ index_docs: '{"x": 2}' }),
      'the keys of config.index_docs must be indices, received "x".',
    ],
    [
      'a document count that is none',
      changed({ document_count: 1.5 }),
      'config.document_count must be a non-negative integer, received 1.5.',
    ],
    [
      'keys of something else',
      changed({ units: 32 }),
      'config.units does not belong to a tokenizer, received 32.',
    ],
    [
      '__proto__ among the keys',
      saved().replace('"lower"', '"__proto__"'),
      'config.__proto__ does not belong to a tokenizer, received true.',
    ],
  ])('rejects %s', (_, json, message) => {
    expect(() => tokenizerFromJson(json as string)).toThrow(
      `tokenizerFromJson: ${message} ${REMEDY}`,
    );
  });

  test('names the option that has a wrong value', () => {
    expect(() => tokenizerFromJson(changed({ num_words: -1 }))).toThrow(
      'Tokenizer: numWords must be a non-negative integer, received -1.',
    );
  });
});

describe('ordered JSON', () => {
  test('of a repeated key the last value counts, as in Python', () => {
    expect([...(readMap('{"a": 1, "b": 2, "a": 3}') ?? [])]).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
  });

  test('spaces do not matter, and numbers may be written in any way', () => {
    expect(readMap(' {\n"a" :1.5e1 ,"b":"c"} ')).toEqual(
      new Map<string, unknown>([
        ['a', 15],
        ['b', 'c'],
      ]),
    );
  });

  test.each([
    '',
    '{',
    '{}x',
    '{"a"}',
    '{"a": }',
    '{"a": 1,}',
    '{a: 1}',
    '{"a": [1]}',
    '{"\\x": 1}',
  ])('%j is no flat object', (text) => {
    expect(readMap(text)).toBeUndefined();
  });

  test('what is written can be read', () => {
    const map = new Map<string, string | number>([
      ['\u0000\u2028"', 'é\\'],
      ['2', 1],
    ]);
    expect(writeMap(map)).toBe('{"\\u0000\\u2028\\"": "\\u00e9\\\\", "2": 1}');
    expect([...(readMap(writeMap(map)) ?? [])]).toEqual([...map]);
  });

  test('long maps come back as they were, escapes among plain words', () => {
    const words = Array.from({ length: 20_000 }, (_, index) => {
      return [index % 7 === 0 ? `"é\\${index}` : `word${index}`, index % 3 ? index : `w${index}`];
    }) as [string, string | number][];
    const map = new Map(words);
    const text = writeMap(map);
    expect(JSON.parse(text)).toEqual(Object.fromEntries(map));
    expect([...(readMap(text) ?? [])]).toEqual(words);
  });
});
