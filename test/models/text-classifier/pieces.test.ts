import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/foundation/random.js';
import {
  evenPieces,
  randomPieces,
  randomPiecesOfAll,
} from '../../../src/models/text-classifier/pieces.js';

/** The words `from`, `from + 1` and so on. */
const words = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

describe('even pieces', () => {
  test.each([
    [0, [0]],
    [1, [1]],
    [100, [100]],
    [101, [51, 50]],
    [299, [100, 99, 100]],
    [1000, new Array(10).fill(100)],
  ])('of %i words are as few as possible, of lengths %j', (count, lengths) => {
    const pieces = evenPieces(words(count), 100);
    expect(pieces.map(({ length }) => length)).toEqual(lengths);
    expect(pieces.flat()).toEqual(words(count));
  });
});

describe('random pieces', () => {
  const lengths = { least: 40, most: 100 };
  const random = seededRandom(3);
  const draws = Array.from({ length: 200 }, () => randomPieces(words(450), lengths, random));

  test('follow one another, of lengths within the bounds but for both ends', () => {
    for (const pieces of draws) {
      const all = pieces.flat();
      expect(all).toEqual(words(all.length, all[0]));
      expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(100);
      const inner = pieces.slice(1, -1).map(({ length }) => length);
      expect(Math.min(...inner)).toBeGreaterThanOrEqual(40);
    }
  });

  test('leave out no more than nineteen words at either end', () => {
    const starts = draws.map((pieces) => pieces[0]![0]!);
    const ends = draws.map((pieces) => pieces.at(-1)!.at(-1)!);
    expect(Math.max(...starts)).toBeLessThan(20);
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(450 - 20);
  });

  test('have their borders nearly anywhere', () => {
    const borders = new Set(draws.flatMap((pieces) => pieces.slice(1).map(([first]) => first)));
    const missing = words(400, 25).filter((word) => !borders.has(word));
    // Some 1,200 borders were drawn: by chance, 400 · exp(−1200 / 450), or 28 places, have none.
    expect(missing.length).toBeLessThan(60);
  });

  test.each([0, 1, 19, 39])('of a text of %i words are one, of most of its words', (count) => {
    for (let draw = 0; draw < 50; draw++) {
      const pieces = randomPieces(words(count), lengths, random);
      expect(pieces).toHaveLength(1);
      expect(pieces[0]!.length).toBeGreaterThanOrEqual(Math.min(20, count));
    }
  });
});

describe('the pieces of all texts', () => {
  const texts = [words(300), words(30, 1000), words(170, 2000)];
  const labels = Int32Array.of(4, 5, 6);
  const lengths = { least: 20, most: 50 };
  const draw = (seed: number, epoch: number) =>
    randomPiecesOfAll(texts, labels, lengths, { seed, epoch });

  test('have the labels of their texts, in a mixed order', () => {
    const { pieces, labels: ofPieces } = draw(1, 0);
    expect(pieces).toHaveLength(ofPieces.length);
    pieces.forEach(([first], i) => {
      expect(ofPieces[i]).toBe(4 + Math.floor(first! / 1000));
    });
    expect([...ofPieces]).not.toEqual([...ofPieces].sort());
  });

  test('repeat themselves by seed and epoch, and are others in every epoch', () => {
    expect(draw(1, 2)).toEqual(draw(1, 2));
    expect(draw(1, 2)).not.toEqual(draw(1, 3));
    expect(draw(2, 2)).not.toEqual(draw(1, 2));
  });
});
