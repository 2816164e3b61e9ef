/** generateFromVectors: the sequences of words that a model of createOneToMany writes. */
import { reject } from '../../foundation/errors.js';
import { requireInteger, requireKnownOptions } from '../../foundation/option-checks.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import {
  GENERATE_OPTIONS,
  type GenerateOptions,
  requireGenerateOptions,
  writeSequences,
} from '../decoding/write-sequences.js';
import { stepsFromVector } from './steps-from-vector.js';

/** How {@link generateFromVectors} writes; `maxLength` is 50 when left out. */
export interface GenerateFromVectorsOptions extends GenerateOptions {
  /** The token that all sequences begin with, as in training. */
  startToken: number;
  /** The token that ends a sequence. */
  endToken: number;
}

const OPTIONS = ['startToken', 'endToken', ...GENERATE_OPTIONS];

/**
 * Writes a sequence of words for each vector, with a model of {@link createOneToMany}: the likeliest word
 * at each step, by beam search, or drawn.
 *
 * @param model Made with `vocabularySize`.
 * @param vectors [rows, inputs], as a tensor or as lists.
 * @param options `startToken` and `endToken`, and how to choose.
 * @returns The tokens of each sequence, without the start and the end token.
 * @throws RecurrentError for vectors of another width, tokens beyond the vocabulary, options that do not
 *   exist, are out of their range or exclude each other, and another model.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { createOneToMany, fitWithSeed, generateFromVectors, teacherForcing } from 'tfjs-recurrent';
 *
 * const [START, END, LOW, HIGH] = [1, 2, 3, 4];
 * const vectors = tf.tensor2d([[0], [1]]);
 * const { inputs, targets } = teacherForcing([[START, LOW, END], [START, HIGH, HIGH, END]]);
 * const model = createOneToMany({
 *   ...{ inputs: 1, vocabularySize: 5, embeddingDim: 8, units: 16, learningRate: 0.02, seed: 1 },
 * });
 * await fitWithSeed(model, [vectors, inputs], targets, { epochs: 60, seed: 1 });
 * const tokens = { startToken: START, endToken: END };
 * console.log(generateFromVectors(model, vectors, tokens));
 * // [ [ 3 ], [ 4, 4 ] ]
 * ```
 */
export function generateFromVectors(
  model: tfl.LayersModel,
  vectors: tf.Tensor2D | readonly (readonly number[])[],
  options: GenerateFromVectorsOptions,
): number[][] {
  const where = 'generateFromVectors';
  requireKnownOptions(where, options, OPTIONS, {
    start: 'Write startToken.',
    end: 'Write endToken.',
  });
  const { startToken, endToken, maxLength = 50 } = Object(options) as GenerateFromVectorsOptions;
  const steps = stepsFromVector(where, model);
  for (const [name, token] of Object.entries({ startToken, endToken })) {
    requireInteger(where, name, token, 1, 'It is a token of the vocabulary; 0 stands for padding.');
    if (token < steps.vocabularySize) continue;
    reject({
      where,
      expected: `${name} must be a token of the vocabulary, below ${steps.vocabularySize}`,
      received: token,
      see: 'outside-the-vocabulary',
    });
  }
  requireGenerateOptions(where, options);
  const rows = rowsOf(where, vectors, steps.inputs);
  if (rows === 0) return [];
  const given =
    vectors instanceof tf.Tensor ? vectors : tf.tensor2d(vectors.flat(), [rows, steps.inputs]);
  const state = steps.begin(given);
  if (given !== vectors) given.dispose();
  try {
    const tokens = new Int32Array(rows).fill(startToken);
    const limits = { maxLength, endToken };
    return writeSequences(steps, { tokens, state }, limits, options).map((row) =>
      Array.from(row.tokens),
    );
  } finally {
    steps.dispose(state);
  }
}

function rowsOf(
  where: string,
  vectors: tf.Tensor2D | readonly (readonly number[])[],
  inputs: number,
): number {
  const isTensor = vectors instanceof tf.Tensor;
  const fits = isTensor
    ? vectors.rank === 2 && vectors.shape[1] === inputs
    : Array.isArray(vectors) &&
      vectors.every(
        (row: unknown) => Array.isArray(row) && row.length === inputs && row.every(Number.isFinite),
      );
  if (!fits) {
    reject({
      where,
      expected: `vectors must be rows of ${inputs} numbers, which the model takes`,
      received: isTensor ? vectors.shape : vectors,
      see: 'wrong-shape',
    });
  }
  return isTensor ? vectors.shape[0]! : (vectors as number[][]).length;
}
