/** generateFromVectors: the sequences of words that a model of createOneToMany writes. */
import { reject } from '../../foundation/errors.js';
import { requireInteger, requireKnownOptions } from '../../foundation/option-checks.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { beamSearch } from '../decoding/beam-search.js';
import { greedy } from '../decoding/greedy.js';
import { sample } from '../decoding/sample.js';
import type { Decoded } from '../decoding/step-model.js';
import { type LayerStates, type StepsFromVector, stepsFromVector } from './steps-from-vector.js';

/** How {@link generateFromVectors} writes. */
export interface GenerateFromVectorsOptions {
  /** The token that all sequences begin with, as in training. */
  startToken: number;
  /** The token that ends a sequence. */
  endToken: number;
  /** The most tokens that a sequence gets. Default 50. */
  maxLength?: number | undefined;
  /** Hypotheses that a beam search keeps. Default 1, which takes the likeliest token each time. */
  beams?: number | undefined;
  /** The exponent of a beam search's length penalty. Default 0.6. */
  lengthPenalty?: number | undefined;
  /** Draws tokens; below 1 the likely ones more often, above 1 less often. Not with `beams`. */
  temperature?: number | undefined;
  /** Draws from that many of the likeliest tokens. Not with `beams`. */
  topK?: number | undefined;
  /** Draws from the likeliest tokens that have this probability together. Not with `beams`. */
  topP?: number | undefined;
  /** A whole number that repeats what is drawn; given alone, tokens are drawn at temperature 1. */
  seed?: number | undefined;
}

const DRAWING = ['temperature', 'topK', 'topP', 'seed'] as const;
const OPTIONS = [...['startToken', 'endToken', 'maxLength', 'beams', 'lengthPenalty'], ...DRAWING];

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
    });
  }
  requireInteger(where, 'maxLength', maxLength, 1);
  const rows = rowsOf(where, vectors, steps.inputs);
  if (rows === 0) return [];
  const given =
    vectors instanceof tf.Tensor ? vectors : tf.tensor2d(vectors.flat(), [rows, steps.inputs]);
  const state = steps.begin(given);
  if (given !== vectors) given.dispose();
  try {
    const tokens = new Int32Array(rows).fill(startToken);
    return decode(where, steps, { tokens, state }, { ...options, maxLength }).map((row) =>
      Array.from(row.tokens),
    );
  } finally {
    steps.dispose(state);
  }
}

function decode(
  where: string,
  steps: StepsFromVector,
  start: { tokens: Int32Array; state: LayerStates },
  options: GenerateFromVectorsOptions & { maxLength: number },
): Decoded[] {
  const { maxLength, endToken, beams, lengthPenalty } = options;
  const limits = { maxLength, endToken };
  const drawing = DRAWING.filter((name) => options[name] !== undefined);
  if (beams !== undefined || lengthPenalty !== undefined) {
    if (drawing.length > 0) {
      reject({
        where,
        expected: `${drawing[0]} draws tokens, and beams search for the likeliest`,
        remedy: 'Leave one of them out.',
      });
    }
    return beamSearch(steps, start, { ...limits, beams, lengthPenalty });
  }
  if (drawing.length === 0) return greedy(steps, start, limits);
  const settings = Object.fromEntries(drawing.map((name) => [name, options[name]]));
  return sample(steps, start, { ...limits, ...settings });
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
    });
  }
  return isTensor ? vectors.shape[0]! : (vectors as number[][]).length;
}
