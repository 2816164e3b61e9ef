import { describe, expect, test } from 'vitest';
import { nGramHashes } from '../../../src/preprocessing/n-grams/n-gram-hashes.js';

const hashes = (text: string, longest = 3) => [...nGramHashes(text.split(' '), longest)];

describe('hashes of n-grams', () => {
  test('are those of all runs of words, where each ends, the shortest first', () => {
    const [good] = hashes('good');
    const [a] = hashes('a');
    const [, , aGood] = hashes('a good');
    expect(hashes('a good')).toEqual([a, good, aGood]);
    expect(hashes('so a good film')).toHaveLength(4 + 3 + 2);
    expect(hashes('so a good film', 1)).toHaveLength(4);
    expect(hashes('x a good')[4]).toBe(aGood);
  });

  test('tell the order of words, and where one ends', () => {
    expect(hashes('not good')[2]).not.toBe(hashes('good not')[2]);
    expect(hashes('no tgood')[2]).not.toBe(hashes('not good')[2]);
  });

  test('are the same everywhere: files are written with them', () => {
    expect(hashes('a good film')).toMatchInlineSnapshot(`
      [
        -550854599,
        -1972197296,
        -762292340,
        846452436,
        -2143490832,
        2037970338,
      ]
    `);
  });

  test('rarely meet: a hundred thousand runs share at most a few', () => {
    const words = Array.from({ length: 34_000 }, (_, i) => `w${i}`);
    const all = nGramHashes(words, 3);
    expect(all.length - new Set(all).size).toBeLessThan(6); // 1.2 are expected
  });

  test('of no words are none', () => {
    expect(nGramHashes([], 3)).toHaveLength(0);
  });
});
