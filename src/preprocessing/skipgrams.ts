import { reject } from '../foundation/errors.js';
import {
  isList,
  requireBoolean,
  requireInteger,
  requireKnownOptions,
} from '../foundation/option-checks.js';
import { type Random, seededRandom, shuffleInPlace } from '../foundation/random.js';

/** How {@link skipgrams} chooses pairs of words. */
export interface SkipgramOptions {
  /** How many words to each side are context. Default: 4. */
  windowSize?: number | undefined;
  /** How many random pairs to add, per pair of the text; 0 for none. Default: 1. */
  negativeSamples?: number | undefined;
  /** Whether the pairs are shuffled; otherwise pairs of the text come first. Default: `true`. */
  shuffle?: boolean | undefined;
  /** Whether labels are `[0, 1]` and `[1, 0]` instead of 1 and 0. Default: `false`. */
  categorical?: boolean | undefined;
  /** The probability of keeping each word, as {@link makeSamplingTable} gives. Default: all are kept. */
  samplingTable?: ArrayLike<number> | null | undefined;
  /** Makes the sampling, the random pairs and the shuffling repeat. Default: they differ each time. */
  seed?: number | undefined;
}

/** Pairs of word indices, and whether each comes from the text. */
export interface Skipgrams<Label = number> {
  /** `[word, context]`. */
  couples: [number, number][];
  /** 1 or `[0, 1]` for pairs of the text, 0 or `[1, 0]` for random ones. */
  labels: Label[];
}

type Label = 0 | 1 | [0 | 1, 0 | 1];

const WHERE = 'skipgrams';

/**
 * Pairs every word of a sequence with its neighbours and with random words, as word2vec trains on.
 *
 * Index 0 counts as no word. See `keras.preprocessing.sequence.skipgrams` and Mikolov et al., 2013,
 * https://arxiv.org/abs/1301.3781. Unlike there, the seed governs all that is random.
 *
 * @param sequence Word indices below `vocabularySize`.
 * @param vocabularySize How many words there are, index 0 included.
 * @param options Window, random pairs, labels, seed.
 * @returns Pairs and labels, equally many.
 * @throws RecurrentError when an index is not an integer from 0 to below `vocabularySize`, the
 *   sampling table is too short, or random pairs are asked for from an empty vocabulary.
 *
 * @example
 * ```ts
 * import { skipgrams } from 'tfjs-recurrent';
 *
 * const { couples, labels } = skipgrams([1, 2, 3], 4, { windowSize: 1, negativeSamples: 0, shuffle: false });
 * console.log(couples, labels);
 * // [ [ 1, 2 ], [ 2, 1 ], [ 2, 3 ], [ 3, 2 ] ] [ 1, 1, 1, 1 ]
 * ```
 */
export function skipgrams(
  sequence: ArrayLike<number>,
  vocabularySize: number,
  options: SkipgramOptions & { categorical: true },
): Skipgrams<[number, number]>;
export function skipgrams(
  sequence: ArrayLike<number>,
  vocabularySize: number,
  options?: SkipgramOptions & { categorical?: false | undefined },
): Skipgrams<number>;
export function skipgrams(
  sequence: ArrayLike<number>,
  vocabularySize: number,
  options?: SkipgramOptions,
): Skipgrams<number | [number, number]>;
export function skipgrams(
  sequence: ArrayLike<number>,
  vocabularySize: number,
  options: SkipgramOptions = {},
): Skipgrams<number | [number, number]> {
  const checked = checkOptions(options);
  const { negativeSamples, categorical, samplingTable } = checked;
  requireInteger(WHERE, 'vocabularySize', vocabularySize, 1);
  requireIndices(sequence, vocabularySize, samplingTable);
  if (negativeSamples > 0 && vocabularySize < 2) {
    reject({
      where: WHERE,
      expected: 'vocabularySize must be at least 2 to draw negative samples',
      received: vocabularySize,
      remedy: 'Index 0 counts as no word. Set negativeSamples to 0 to draw none.',
    });
  }

  const random = options.seed === undefined ? Math.random : seededRandom(options.seed);
  const couples = positives(sequence, checked.windowSize, samplingTable, random);
  const positiveCount = couples.length;
  const words = couples.map(([word]) => word);
  shuffleInPlace(words, random);
  const negativeCount = Math.floor(positiveCount * negativeSamples);
  for (let k = 0; k < negativeCount; k++) {
    const word = words[k % positiveCount] as number;
    couples.push([word, 1 + Math.floor(random() * (vocabularySize - 1))]);
  }
  const labelled = couples.map((couple, k): [[number, number], Label] => {
    if (k < positiveCount) return [couple, categorical ? [0, 1] : 1];
    return [couple, categorical ? [1, 0] : 0];
  });
  if (checked.shuffle) shuffleInPlace(labelled, random);
  return {
    couples: labelled.map(([couple]) => couple),
    labels: labelled.map(([, label]) => label),
  };
}

function positives(
  sequence: ArrayLike<number>,
  windowSize: number,
  samplingTable: ArrayLike<number> | null,
  random: Random,
): [number, number][] {
  const couples: [number, number][] = [];
  for (let i = 0; i < sequence.length; i++) {
    const word = sequence[i] as number;
    if (word === 0) continue;
    if (samplingTable && (samplingTable[word] as number) < random()) continue;
    const end = Math.min(sequence.length, i + windowSize + 1);
    for (let j = Math.max(0, i - windowSize); j < end; j++) {
      const context = sequence[j] as number;
      if (j !== i && context !== 0) couples.push([word, context]);
    }
  }
  return couples;
}

function checkOptions(options: SkipgramOptions) {
  requireKnownOptions(WHERE, options, [
    'windowSize',
    'negativeSamples',
    'shuffle',
    'categorical',
    'samplingTable',
    'seed',
  ]);
  const {
    windowSize = 4,
    negativeSamples = 1,
    shuffle = true,
    categorical = false,
    samplingTable = null,
    seed,
  } = options;
  requireInteger(WHERE, 'windowSize', windowSize, 0);
  if (!(Number.isFinite(negativeSamples) && negativeSamples >= 0)) {
    reject({
      where: WHERE,
      expected: 'negativeSamples must be a number of at least 0',
      received: negativeSamples,
      remedy: 'It is the number of random pairs per pair of the text; 0 for none.',
    });
  }
  requireBoolean(WHERE, 'shuffle', shuffle);
  requireBoolean(WHERE, 'categorical', categorical);
  if (samplingTable !== null && !isList(samplingTable)) {
    reject({
      where: WHERE,
      expected: 'samplingTable must be a list of probabilities',
      received: samplingTable,
      remedy: 'Make one with makeSamplingTable(vocabularySize).',
    });
  }
  if (seed !== undefined) requireInteger(WHERE, 'seed', seed, 0);
  return { windowSize, negativeSamples, shuffle, categorical, samplingTable };
}

function requireIndices(
  sequence: unknown,
  vocabularySize: number,
  samplingTable: ArrayLike<number> | null,
): void {
  if (!isList(sequence)) {
    reject({ where: WHERE, expected: 'sequence must be a list of indices', received: sequence });
  }
  for (let i = 0; i < sequence.length; i++) {
    const index = sequence[i] as number;
    requireInteger(WHERE, `sequence[${i}]`, index, 0);
    if (index >= vocabularySize) {
      reject({
        where: WHERE,
        expected: `sequence[${i}] must be below vocabularySize ${vocabularySize}`,
        received: index,
        remedy: 'vocabularySize counts index 0: it is the highest index plus 1.',
        see: 'outside-the-vocabulary',
      });
    }
    if (samplingTable === null || index === 0) continue;
    const probability = samplingTable[index];
    if (typeof probability === 'number' && !Number.isNaN(probability)) continue;
    reject({
      where: WHERE,
      expected: `samplingTable must hold a probability for index ${index}`,
      received: probability,
      remedy: 'Make one with makeSamplingTable(vocabularySize).',
      see: 'outside-the-vocabulary',
    });
  }
}
