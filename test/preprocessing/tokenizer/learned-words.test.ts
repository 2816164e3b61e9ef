import { describe, expect, test } from 'vitest';
import { Tokenizer } from '../../../src/preprocessing/tokenizer/tokenizer.js';
import { tokenizerFromJson } from '../../../src/preprocessing/tokenizer/tokenizer-json.js';

const TEXTS = ['b a b', 'c b', 'a <oov> d'];
const MAPS = ['wordCounts', 'wordDocs', 'wordIndex', 'indexWord', 'indexDocs'] as const;

function fitted(oovToken: string | null = null): Tokenizer {
  const tokenizer = new Tokenizer({ oovToken, filters: '' });
  tokenizer.fitOnTexts(TEXTS);
  return tokenizer;
}

const entries = (tokenizer: Tokenizer) =>
  Object.fromEntries(MAPS.map((name) => [name, [...tokenizer[name]]]));

describe('what a tokenizer has learned', () => {
  test('is what was counted', () => {
    expect(entries(fitted())).toEqual({
      wordCounts: Object.entries({ b: 3, a: 2, c: 1, '<oov>': 1, d: 1 }),
      wordDocs: Object.entries({ b: 2, a: 2, c: 1, '<oov>': 1, d: 1 }),
      wordIndex: Object.entries({ b: 1, a: 2, c: 3, '<oov>': 4, d: 5 }),
      indexWord: ['b', 'a', 'c', '<oov>', 'd'].map((word, rank) => [rank + 1, word]),
      indexDocs: [2, 2, 1, 1, 1].map((documents, rank) => [rank + 1, documents]),
    });
  });

  test('puts an OOV token first', () => {
    const { wordIndex, indexDocs } = entries(fitted('?'));
    expect(wordIndex).toEqual(Object.entries({ '?': 1, b: 2, a: 3, c: 4, '<oov>': 5, d: 6 }));
    expect(indexDocs).toEqual([2, 2, 1, 1, 1].map((documents, rank) => [rank + 2, documents]));
  });

  test('gives an OOV token that is a word of the texts the index of the word, as Keras does', () => {
    const { wordIndex, indexWord } = entries(fitted('<oov>'));
    expect(wordIndex).toEqual(Object.entries({ '<oov>': 5, b: 2, a: 3, c: 4, d: 6 }));
    expect(indexWord).toEqual(wordIndex!.map(([word, index]) => [index, word]));
  });

  test('does not depend on which map is asked for first, or when', () => {
    for (const oovToken of [null, '?', '<oov>']) {
      const expected = entries(fitted(oovToken));
      for (const first of MAPS) {
        const tokenizer = fitted(oovToken);
        const map = tokenizer[first];
        tokenizer.textsToSequences(TEXTS);
        expect(tokenizer[first]).toBe(map);
        expect(entries(tokenizer)).toEqual(expected);
      }
    }
  });

  test('grows in the same way whether it was looked at between two fits or not', () => {
    const again = (look: (tokenizer: Tokenizer) => void) => {
      const tokenizer = fitted('?');
      look(tokenizer);
      tokenizer.fitOnTexts(['d e', ['c', 'd', 'd']]);
      return entries(tokenizer);
    };
    const expected = again(() => {});
    expect(expected.wordIndex).toEqual(
      Object.entries({ '?': 1, d: 2, b: 3, a: 4, c: 5, '<oov>': 6, e: 7 }),
    );
    for (const name of MAPS) expect(again((tokenizer) => tokenizer[name])).toEqual(expected);
  });

  test('keeps what the user has put in its place', () => {
    const tokenizer = fitted('?');
    tokenizer.wordIndex = new Map(Object.entries({ '?': 1, a: 7 }));
    expect(tokenizer.textsToSequences(['a b'])).toEqual([[7, 1]]);
    expect(tokenizer.indexWord.get(2)).toBe('b');
    tokenizer.fitOnTexts(['a a a a']);
    expect(tokenizer.textsToSequences(['a b'])).toEqual([[2, 3]]);
  });

  test('adds to what came from JSON, or from sequences', () => {
    const read = tokenizerFromJson(fitted('?').toJson());
    const kept = fitted('?');
    for (const tokenizer of [read, kept]) tokenizer.fitOnTexts(['e e e e']);
    expect(entries(read)).toEqual(entries(kept));

    const counted = new Tokenizer();
    counted.fitOnSequences([[1, 9]]);
    counted.fitOnTexts(['x', 'x']);
    expect([...counted.indexDocs]).toEqual([
      [1, 2],
      [9, 1],
    ]);
    expect(counted.documentCount).toBe(3);
  });
});
