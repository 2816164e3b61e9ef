import { reject } from '../foundation/errors.js';
import { requireInteger, requireKnownOptions } from '../foundation/option-checks.js';

/** How sharply {@link makeSamplingTable} thins common words out. */
export interface SamplingTableOptions {
  /** word2vec's sampling factor. Default: 1e-5. */
  samplingFactor?: number | undefined;
}

// Keras rounds the Euler–Mascheroni constant to this.
const GAMMA = 0.577;

/**
 * How likely each word should be kept by {@link skipgrams}, so that common words are rarer in it.
 *
 * The probability of the word of rank i is `min(1, sqrt(factor · inverse frequency))`, where Zipf's
 * law gives the inverse frequency: `i·(ln i + γ) + 1/2 - 1/(12i)`. Rank 0 counts as 1, as in Keras.
 *
 * @param size How many words there are, index 0 included.
 * @param options The sampling factor.
 * @returns One probability an index, the most common word first.
 * @throws RecurrentError when `size` is not a positive integer or the factor not a positive number.
 *
 * @example
 * ```ts
 * import { makeSamplingTable } from 'tfjs-recurrent';
 *
 * console.log(makeSamplingTable(4, { samplingFactor: 0.1 }).map((p) => p.toFixed(3)));
 * // [ '0.315', '0.315', '0.548', '0.742' ]
 * ```
 */
export function makeSamplingTable(size: number, options: SamplingTableOptions = {}): number[] {
  const where = 'makeSamplingTable';
  requireKnownOptions(where, options, ['samplingFactor']);
  requireInteger(where, 'size', size, 1);
  const { samplingFactor = 1e-5 } = options;
  if (!(Number.isFinite(samplingFactor) && samplingFactor > 0)) {
    reject({
      where,
      expected: 'samplingFactor must be a positive number',
      received: samplingFactor,
    });
  }
  return Array.from({ length: size }, (_, index) => {
    const rank = Math.max(1, index);
    const inverseFrequency = rank * (Math.log(rank) + GAMMA) + 0.5 - 1 / (12 * rank);
    const scaled = samplingFactor * inverseFrequency;
    return Math.min(1, scaled / Math.sqrt(scaled));
  });
}
