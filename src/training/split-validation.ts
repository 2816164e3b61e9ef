import { reject } from '../foundation/errors.js';
import { requireBoolean, requireKnownOptions } from '../foundation/option-checks.js';
import { requireLabels, warnOfSingleClass } from './labels.js';
import { permutation } from './permutation.js';
import { requireSeed } from '../foundation/random.js';
import { type Column, isFraction, rowCount, takeRows } from './rows.js';
import { splitPlace } from './split-place.js';

/**
 * Samples as columns of one length: whatever lists, typed arrays or tensors
 * belong to them, one of them called `labels` or `y`.
 */
export type LabelledData = { labels: Column } | { y: Column };

/** How {@link splitValidation} splits. */
export interface SplitValidationOptions {
  /** The fraction of the samples that goes to validation, between 0 and 1; 0.2 when left out. */
  validationSplit?: number;
  /**
   * Whether samples are shuffled before they are split; true when left out.
   * `false` takes the last samples, as Keras and TensorFlow.js do with their own
   * `validationSplit`: right for samples in random order, wrong for samples
   * ordered by class, such as the film reviews of IMDb.
   */
  shuffle?: boolean;
  /** Of the shuffle: a whole number from 0 to 2⁵³ − 1; 0 when left out. */
  seed?: number;
}

/** The two parts that {@link splitValidation} returns, with the columns of the whole. */
export interface ValidationParts<T> {
  train: T;
  validation: T;
}

const WHERE = 'splitValidation';

/**
 * Splits samples and their labels into a training and a validation part.
 *
 * Every column is split alike: texts, sequences, paths, tensors. `classNames`,
 * which names classes and not samples, goes to both parts as it is, so that the
 * result of `readTextDirectory` can be given whole. The validation part holds
 * the samples from `floor(samples · (1 − validationSplit))` on, as in Keras.
 * Warns on the console, with the remedy, when a part holds a single class.
 *
 * @param data Columns of one length, one of them `labels` or `y`; left as it is. Tensors are
 *   split along their first axis into new tensors, which the caller disposes.
 * @returns `{ train, validation }`, each with the columns of `data`.
 * @throws RecurrentError when columns are empty, differ in length or are no columns, when labels
 *   are missing, not finite or ragged, when `validationSplit` is not between 0 and 1 or leaves a
 *   part empty, or when `seed` is no whole number.
 *
 * @example
 * ```ts
 * import { splitValidation } from 'tfjs-recurrent';
 *
 * const texts = ['superb', 'moving', 'a joy', 'dull', 'a mess'];
 * const labels = [1, 1, 1, 0, 0];
 * const { train, validation } = splitValidation({ texts, labels }, { validationSplit: 0.4, seed: 1 });
 * console.log(train.texts.join(', '), train.labels);
 * // moving, a mess, a joy [ 1, 0, 1 ]
 * console.log(validation.texts.join(', '), validation.labels);
 * // superb, dull [ 1, 0 ]
 * ```
 */
export function splitValidation<T extends LabelledData>(
  data: T,
  options: SplitValidationOptions = {},
): ValidationParts<T> {
  requireKnownOptions(WHERE, options, ['validationSplit', 'shuffle', 'seed']);
  const { validationSplit = 0.2, shuffle = true, seed = 0 } = options;
  if (!isFraction(validationSplit)) {
    reject({
      where: WHERE,
      expected: 'validationSplit must be between 0 and 1',
      received: validationSplit,
      remedy: '0.2 takes every fifth sample.',
    });
  }
  requireBoolean(WHERE, 'shuffle', shuffle);
  requireSeed(WHERE, seed);
  const { columns, labels, length } = readColumns(data);
  const samples = { count: length, name: 'sample' };
  const more = 'Give more samples or another fraction.';
  const splitAt = splitPlace(WHERE, samples, validationSplit, more);

  const order = shuffle ? permutation(length, seed) : Int32Array.from({ length }, (_, i) => i);
  const part = (indices: Int32Array) => {
    const taken = Object.entries(columns).map(([name, column]) => [
      name,
      takeRows(column, indices),
    ]);
    return { ...data, ...Object.fromEntries(taken) } as T & Record<string, Column>;
  };
  const train = part(order.subarray(0, splitAt));
  const validation = part(order.subarray(splitAt));
  const remedy = shuffle
    ? 'Check that the labels hold every class, or give more samples.'
    : 'Samples ordered by class need shuffle: true, which mixes them before they are split.';
  warnOfSingleClass(WHERE, 'training', train[labels]!, remedy);
  warnOfSingleClass(WHERE, 'validation', validation[labels]!, remedy);
  return { train, validation };
}

function readColumns(data: LabelledData) {
  const given: Record<string, unknown> = { ...data };
  const labels = 'labels' in given ? 'labels' : 'y';
  if (!(labels in given)) {
    reject({
      where: WHERE,
      expected: 'data must hold labels or y',
      received: data,
      remedy: 'Give columns of one length: { texts, labels } or { x, y }.',
    });
  }
  const columns: Record<string, Column> = {};
  const length = rowCount(given[labels]);
  for (const [name, column] of Object.entries(given)) {
    if (name === 'classNames') continue;
    const rows = rowCount(column);
    if (rows === undefined || length === undefined) {
      reject({
        where: WHERE,
        expected: `${rows === undefined ? name : labels} must be an array or a tensor`,
        received: rows === undefined ? column : given[labels],
        remedy: 'Give columns of one length: { texts, labels } or { x, y }.',
      });
    }
    if (rows !== length) {
      reject({
        where: WHERE,
        expected: `${name} and ${labels} must have one entry for each sample, but ${name} has ${rows} and ${labels} has ${length}`,
        remedy: 'Give every sample one label.',
        see: 'uneven-data',
      });
    }
    columns[name] = column as Column;
  }
  if (length === 0) {
    reject({
      where: WHERE,
      expected: `${Object.keys(columns).join(' and ')} must not be empty`,
      remedy: 'Check the folder or the limit that the samples were read with.',
      see: 'uneven-data',
    });
  }
  requireLabels(WHERE, labels, columns[labels]!);
  return { columns, labels, length: length! };
}
