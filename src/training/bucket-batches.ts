/** bucketBatches: batches of sequences of similar lengths, padded only to the longest of each. */
import { reject } from '../foundation/errors.js';
import {
  isList,
  requireBoolean,
  requireInteger,
  requireKnownOptions,
} from '../foundation/option-checks.js';
import { requireSeed, seededRandom, shuffleInPlace } from '../foundation/random.js';
import { tf } from '../foundation/tensorflow.js';
import { padSequences } from '../preprocessing/pad-sequences.js';
import type { PadOptions } from '../preprocessing/padded-sequences.js';
import type { Batches } from './continuous-batches.js';

/** How batches are made. */
export interface BucketBatchesOptions extends Pick<PadOptions, 'padding' | 'value' | 'dtype'> {
  /** How many sequences a batch has; what is left in a bucket makes a smaller one. Default: 32. */
  batchSize?: number | undefined;
  /**
   * Where buckets begin: `[50, 100]` makes those of up to 49 steps, of 50 to 99, and of 100 or more.
   * Default: none; sequences are put into the order of their lengths, and cut into batches.
   */
  boundaries?: readonly number[] | undefined;
  /** Whether equal lengths, and the batches, are mixed anew for each epoch. Default: `true`. */
  shuffle?: boolean | undefined;
  /** Makes `shuffle` repeat. Default: it differs each time. */
  seed?: number | undefined;
}

const WHERE = 'bucketBatches';

/**
 * Puts sequences of similar lengths into a batch and pads them to the longest of it alone, so that
 * little padding is computed. PyTorch's users know it as a bucket sampler, TensorFlow's as
 * `bucket_by_sequence_length`.
 *
 * Each sequence comes once an epoch. A batch that is shorter changes what a model computes where
 * padding counts: let the embedding have `maskZero`, or compare with the same lengths.
 *
 * @param sequences Lists of numbers, such as words.
 * @param labels One for each sequence: numbers, or lists of numbers of one length.
 * @param options Sizes, buckets and order, and `padding` (`'pre'` by default), `value` and `dtype` of
 *   `padSequences`.
 * @returns Batches for `model.fitDataset`: `xs` [batch, longest of the batch], `ys` [batch, 1] for
 *   labels that are numbers, else [batch, length of a label].
 * @throws RecurrentError for an empty list, an empty sequence, a label for none or none for one,
 *   boundaries that do not rise, and options of another kind.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { bucketBatches } from 'tfjs-recurrent';
 *
 * const reviews = [[4, 2, 9, 8, 1], [3], [5, 6], [7, 1, 2, 2, 3, 1]];
 * const batches = bucketBatches(reviews, [1, 0, 0, 1], { batchSize: 2, shuffle: false });
 * const epoch = await batches.iterator();
 * for (let i = 0; i < batches.size; i++) {
 *   const { xs, ys } = (await epoch.next()).value;
 *   console.log(xs.arraySync(), ys.dataSync().join(' '));
 * }
 * // [ [ 0, 3 ], [ 5, 6 ] ] 0 0
 * // [ [ 0, 4, 2, 9, 8, 1 ], [ 7, 1, 2, 2, 3, 1 ] ] 1 1
 * ```
 */
export function bucketBatches(
  sequences: readonly ArrayLike<number>[],
  labels: ArrayLike<number> | readonly ArrayLike<number>[],
  options: BucketBatchesOptions = {},
): Batches {
  const { batchSize, boundaries, shuffle, seed, ...padding } = checkOptions(options);
  requireSamples(sequences, labels);
  const lengths = Array.from(sequences, ({ length }) => length);
  const bucketOf = (i: number) => boundaries?.filter((begin) => lengths[i]! >= begin).length ?? 0;
  const buckets = boundaries ? boundaries.length + 1 : 1;
  const inOrder = Array.from(lengths, (_, i) => i);
  const batchesOf = (order: readonly number[]) =>
    Array.from({ length: buckets }, (_, bucket) => {
      const own = order.filter((i) => bucketOf(i) === bucket);
      // Sorting keeps the order of equal lengths.
      if (!boundaries) own.sort((a, b) => lengths[a]! - lengths[b]!);
      return Array.from({ length: Math.ceil(own.length / batchSize) }, (_, k) =>
        own.slice(k * batchSize, (k + 1) * batchSize),
      );
    }).flat();
  const plain = batchesOf(inOrder);
  let epoch = 0;
  const begin = () => {
    if (!shuffle) return plain;
    const random = seed === undefined ? Math.random : seededRandom(seed, epoch++);
    const order = [...inOrder];
    shuffleInPlace(order, random);
    const batches = batchesOf(order);
    shuffleInPlace(batches, random);
    return batches;
  };
  return {
    size: plain.length,
    async iterator() {
      let batches: number[][] | undefined;
      let index = 0;
      return {
        next: async () => {
          // Only now: TensorFlow.js asks for more passes than it makes.
          batches ??= begin();
          const rows = batches[index++];
          if (!rows) return { done: true, value: undefined };
          const xs = padSequences(
            rows.map((i) => sequences[i]!) as number[][],
            padding,
          ) as tf.Tensor;
          return { done: false, value: { xs, ys: labelsOf(labels, rows) } };
        },
      };
    },
  };
}

function labelsOf(
  labels: ArrayLike<number> | readonly ArrayLike<number>[],
  rows: readonly number[],
): tf.Tensor {
  const picked = rows.map((i) =>
    isList(labels[i]) ? [...Array.from(labels[i] as ArrayLike<number>)] : [labels[i] as number],
  );
  return tf.tensor2d(picked, [rows.length, picked[0]!.length], 'float32');
}

function checkOptions(options: BucketBatchesOptions) {
  requireKnownOptions(WHERE, options, [
    ...['batchSize', 'boundaries', 'shuffle', 'seed', 'padding', 'value', 'dtype'],
  ]);
  const { batchSize = 32, boundaries, shuffle = true, seed, ...padding } = options;
  requireInteger(WHERE, 'batchSize', batchSize, 1);
  requireBoolean(WHERE, 'shuffle', shuffle);
  if (seed !== undefined) requireSeed(WHERE, seed);
  if (boundaries !== undefined) requireRising(boundaries);
  return { batchSize, boundaries, shuffle, seed, ...padding };
}

function requireRising(boundaries: unknown): void {
  const rise =
    isList(boundaries) &&
    Array.from(boundaries).every(
      (one, i) =>
        Number.isInteger(one) && (one as number) > ((i > 0 ? boundaries[i - 1] : 0) as number),
    );
  if (rise) return;
  reject({
    where: WHERE,
    expected: 'boundaries must be positive integers, each above the one before',
    received: boundaries,
  });
}

function requireSamples(sequences: unknown, labels: unknown): void {
  for (const [name, list] of [
    ['sequences', sequences],
    ['labels', labels],
  ] as const) {
    if (isList(list) && list.length > 0) continue;
    reject({
      where: WHERE,
      expected: `${name} must be a list with something in it`,
      received: list,
    });
  }
  const [rows, values] = [sequences, labels] as [ArrayLike<unknown>, ArrayLike<unknown>];
  if (rows.length !== values.length) {
    reject({
      where: WHERE,
      expected: `labels must be as many as sequences, ${rows.length}`,
      received: values.length,
      remedy: 'Give every sequence one label.',
      see: 'uneven-data',
    });
  }
  const width = isList(values[0]) ? values[0].length : null;
  for (let i = 0; i < rows.length; i++) {
    const [sequence, label] = [rows[i], values[i]];
    if (!isList(sequence) || sequence.length === 0) {
      reject({
        where: WHERE,
        expected: `sequences[${i}] must be a list of numbers, not an empty one`,
        received: sequence,
      });
    }
    const numbers = width === null ? [label] : isList(label) ? Array.from(label) : [];
    const fits = numbers.length === (width ?? 1) && numbers.every((one) => Number.isFinite(one));
    if (fits) continue;
    reject({
      where: WHERE,
      expected: `labels[${i}] must be ${width === null ? 'a number' : `a list of ${width} numbers`}, as the first one is`,
      received: label,
      see: 'uneven-data',
    });
  }
}
