import { describe, expect, test } from 'vitest';
import { permutation, shuffled } from '../../src/index.js';
import { seededRandom, xoshiro128 } from '../../src/foundation/random.js';

describe('xoshiro128**', () => {
  test('draws what the reference code draws from the state 1, 2, 3, 4', () => {
    const next = xoshiro128(Uint32Array.of(1, 2, 3, 4));
    expect(Array.from({ length: 10 }, next)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
      4258142804,
    ]);
  });
});

describe('seededRandom', () => {
  test('gives the same numbers for the same seeds', () => {
    const [one, two] = [seededRandom(7, 3), seededRandom(7, 3)];
    const drawn = Array.from({ length: 5 }, one);
    expect(Array.from({ length: 5 }, two)).toEqual(drawn);
    expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true);
  });

  test('tells near, swapped and large seeds apart', () => {
    const first = [[0], [1], [2], [0, 1], [1, 0], [1, 1], [2 ** 32], [2 ** 32 + 1], [2 ** 53 - 1]]
      .map((seeds) => seededRandom(...seeds)())
      .map((number) => number.toFixed(6));
    expect(new Set(first).size).toBe(first.length);
  });

  test('spreads evenly', () => {
    const random = seededRandom(1);
    const counts = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 100_000; draw++) counts[Math.floor(random() * 10)]! += 1;
    // Chi-squared with 9 degrees of freedom stays below 27.9 in 999 of 1000 cases.
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(27.9);
  });
});

describe('permutation', () => {
  test('holds every index once', () => {
    expect([...permutation(1000, 5)].sort((a, b) => a - b)).toEqual([...Array(1000).keys()]);
    expect([...permutation(0)]).toEqual([]);
    expect([...permutation(1)]).toEqual([0]);
  });

  test('stays the same from release to release: resumed runs depend on it', () => {
    expect([...permutation(8, 0)]).toEqual([1, 5, 6, 3, 2, 0, 7, 4]);
    expect([...permutation(8, 0, 1)]).toEqual([1, 6, 4, 0, 3, 2, 5, 7]);
    expect([...permutation(8, 1)]).toEqual([2, 1, 4, 3, 7, 5, 0, 6]);
  });

  test('puts every index everywhere equally often', () => {
    const seen = Array.from({ length: 4 }, () => new Array<number>(4).fill(0));
    for (let epoch = 0; epoch < 12_000; epoch++) {
      permutation(4, 3, epoch).forEach((index, place) => {
        seen[index]![place]! += 1;
      });
    }
    for (const count of seen.flat()) expect(Math.abs(count - 3000)).toBeLessThan(200);
  });

  test.each([
    [[-1], 'permutation: length must be a whole number from 0 to 2147483647, received -1.'],
    [[2.5], 'permutation: length must be a whole number from 0 to 2147483647, received 2.5.'],
    [
      [3, -2],
      'permutation: seed must be a whole number from 0 to 9007199254740991, received -2. Leave it out for 0.',
    ],
    [[3, 0, 0.5], 'permutation: epoch must be a whole number, at least 0, received 0.5.'],
  ])('rejects %j', (args, message) => {
    expect(() => permutation(...(args as [number]))).toThrow(message);
  });
});

describe('shuffled', () => {
  test('returns a copy in the order of permutation', () => {
    const list = ['a', 'b', 'c', 'd', 'e'];
    expect(shuffled(list, 2)).toEqual(Array.from(permutation(5, 2), (index) => list[index]));
    expect(list).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('rejects what is no list, and seeds that are no whole number', () => {
    expect(() => shuffled('abc' as unknown as string[])).toThrow(
      'shuffled: list must be an array, received "abc".',
    );
    expect(() => shuffled([1], Number.NaN)).toThrow(
      'shuffled: seed must be a whole number from 0 to 9007199254740991, received NaN.',
    );
  });
});
