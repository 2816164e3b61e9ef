import { describe, expect, test } from 'vitest';
import {
  makeSamplingTable,
  type SamplingTableOptions,
} from '../../src/preprocessing/sampling-table.js';
import { type SkipgramOptions, skipgrams } from '../../src/preprocessing/skipgrams.js';

const SEQUENCE = Array.from({ length: 60 }, (_, i) => (i * 7) % 23);

describe('skipgrams', () => {
  test('a seed makes all that is random repeat', () => {
    const samplingTable = makeSamplingTable(23, { samplingFactor: 0.01 });
    const draw = (seed?: number) => skipgrams(SEQUENCE, 23, { samplingTable, seed });
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
    expect(draw()).not.toEqual(draw());
  });

  test('shuffling keeps couples and labels together', () => {
    const plain = skipgrams(SEQUENCE, 23, { shuffle: false, seed: 1 });
    const shuffled = skipgrams(SEQUENCE, 23, { seed: 1 });
    const sorted = ({ couples, labels }: typeof plain) =>
      couples.map((couple, i) => `${couple} ${labels[i]}`).sort();
    expect(sorted(shuffled)).toEqual(sorted(plain));
    expect(shuffled.couples).not.toEqual(plain.couples);
  });

  test('a probability decides how often a word is kept', () => {
    const words = Array.from({ length: 2000 }, (_, i) => 1 + (i % 2));
    const options = { samplingTable: [0, 0.25, 1], windowSize: 1, negativeSamples: 0, seed: 3 };
    const { couples } = skipgrams(words, 3, options);
    const share = couples.filter(([word]) => word === 1).length / 2000;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.3);
  });

  test('negative samples cover the whole vocabulary except 0', () => {
    const { couples, labels } = skipgrams([1, 2, 1, 2], 5, { negativeSamples: 50, seed: 1 });
    const drawn = new Set(couples.filter((_, i) => labels[i] === 0).map(([, word]) => word));
    expect([...drawn].sort()).toEqual([1, 2, 3, 4]);
  });

  test('categorical labels tell noise from text in two columns', () => {
    const { labels } = skipgrams([1, 2], 3, { categorical: true, shuffle: false, seed: 1 });
    expect(labels).toEqual([
      [0, 1],
      [0, 1],
      [1, 0],
      [1, 0],
    ]);
  });

  test.each<[string, unknown, unknown, unknown, string]>([
    ['no sequence', 'ab', 5, {}, 'sequence must be a list of indices, received "ab".'],
    [
      'a negative index',
      [1, -1],
      5,
      {},
      'sequence[1] must be a non-negative integer, received -1.',
    ],
    ['a fraction', [0.5], 5, {}, 'sequence[0] must be a non-negative integer, received 0.5.'],
    ['NaN', [Number.NaN], 5, {}, 'sequence[0] must be a non-negative integer, received NaN.'],
    [
      'an index beyond the vocabulary',
      [5],
      5,
      {},
      'sequence[0] must be below vocabularySize 5, received 5. vocabularySize counts index 0: it is the highest index plus 1.',
    ],
    ['no vocabulary', [0], 0, {}, 'vocabularySize must be a positive integer, received 0.'],
    [
      'noise from nothing',
      [0, 0],
      1,
      {},
      'vocabularySize must be at least 2 to draw negative samples, received 1. Index 0 counts as no word. Set negativeSamples to 0 to draw none.',
    ],
    [
      'a negative window',
      [1],
      5,
      { windowSize: -1 },
      'windowSize must be a non-negative integer, received -1.',
    ],
    [
      'negative negatives',
      [1],
      5,
      { negativeSamples: -1 },
      'negativeSamples must be a number of at least 0, received -1. It is the number of random pairs per pair of the text; 0 for none.',
    ],
    [
      'a short table',
      [3],
      5,
      { samplingTable: [1, 1] },
      'samplingTable must hold a probability for index 3, received undefined. Make one with makeSamplingTable(vocabularySize).',
    ],
    [
      'a table that is none',
      [3],
      5,
      { samplingTable: 0.5 },
      'samplingTable must be a list of probabilities, received 0.5.',
    ],
    [
      'a seed that is none',
      [3],
      5,
      { seed: 0.5 },
      'seed must be a non-negative integer, received 0.5.',
    ],
    [
      'a shuffle that is no boolean',
      [3],
      5,
      { shuffle: 'no' },
      'shuffle must be true or false, received "no".',
    ],
    [
      'a misspelt option',
      [3],
      5,
      { window_size: 2 },
      'there is no option window_size. Write windowSize.',
    ],
  ])('rejects %s', (_, sequence, size, options, message) => {
    expect(() =>
      skipgrams(sequence as number[], size as number, options as SkipgramOptions),
    ).toThrow(`skipgrams: ${message}`);
  });
});

describe('makeSamplingTable rejects', () => {
  test.each<[unknown, unknown, string]>([
    [1.5, {}, 'size must be a positive integer, received 1.5.'],
    [5, { samplingFactor: 0 }, 'samplingFactor must be a positive number, received 0.'],
    [5, { samplingFactor: Number.NaN }, 'samplingFactor must be a positive number, received NaN.'],
    [5, { sampling_factor: 1 }, 'there is no option sampling_factor. Write samplingFactor.'],
  ])('size %j with %j', (size, options, message) => {
    expect(() => makeSamplingTable(size as number, options as SamplingTableOptions)).toThrow(
      `makeSamplingTable: ${message}`,
    );
  });
});
