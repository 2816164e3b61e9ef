/** ctcDecode: the labels that a network trained by `losses.ctc` reads from its frames. */
import { reject } from '../../foundation/errors.js';
import {
  requireBoolean,
  requireInteger,
  requireKnownOptions,
  requireOneOf,
} from '../../foundation/option-checks.js';
import { tf } from '../../foundation/tensorflow.js';
import type { Lengths } from '../../layers/losses/ctc.js';
import { beamSearchOfFrames } from './ctc-beam.js';

/** The options of {@link ctcDecode}. */
export interface CtcDecodeOptions {
  /** `'greedy'`, the likeliest class of each frame, or `'beam'`, the likeliest labels. Default: `'greedy'`. */
  strategy?: 'greedy' | 'beam';
  /** How many rows of labels a beam keeps after each frame. Default: 100. */
  beamWidth?: number;
  /** How many rows of labels a beam returns, the likeliest first. Default: 1. */
  topPaths?: number;
  /** Whether greedy decoding takes the same class in frames one behind the other for one label. Default: true. */
  mergeRepeated?: boolean;
  /** The class that stands for no label, the blank. Default: 0. */
  maskIndex?: number;
}

/** Labels that were read, and how likely they are. */
export interface CtcPath {
  labels: number[];
  /**
   * With a beam, the logarithm of the probability of the labels, over all alignments that the beam kept.
   * Greedy: the sum of the logits that were taken, as in Keras, where it is negative.
   */
  score: number;
}

const WHERE = 'ctcDecode';
const NAMES = ['strategy', 'beamWidth', 'topPaths', 'mergeRepeated', 'maskIndex'];

/**
 * Reads labels from frames, as `keras.ops.ctc_decode` does. Greedy decoding takes the likeliest class of
 * each frame, joins those that repeat, and leaves the blanks out. A beam adds up the alignments that read
 * the same, which finds likelier labels where two classes are close.
 *
 * @param logits `[batch, time, classes]`, what `losses.ctc` was given: no softmax before.
 * @param lengths `[batch]` How many frames of each row count. Default: all of them.
 * @param options Strategy `'greedy'` (default) or `'beam'`; `beamWidth` 100, `topPaths` 1; `mergeRepeated`
 *   true, of greedy decoding alone; `maskIndex` 0 names the blank.
 * @returns For each row of the batch, the paths found, the likeliest first: one with `'greedy'`, up to
 *   `topPaths` with `'beam'`, fewer where no more exist.
 * @throws RecurrentError for lengths beyond the frames, logits that are NaN or Infinity, and options that
 *   cannot be.
 * @see Graves et al. 2006; the beam is that of Hannun et al. 2014, First-Pass Large Vocabulary Continuous
 *   Speech Recognition using Bi-Directional Recurrent DNNs, without a language model.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { ctcDecode } from 'tfjs-recurrent';
 *
 * const logits = tf.log(tf.tensor3d([[[0.6, 0.4], [0.6, 0.4]]])); // the blank, then label 1
 * console.log(ctcDecode(logits)[0][0].labels);
 * // []
 * const [path] = ctcDecode(logits, undefined, { strategy: 'beam' })[0];
 * // Three alignments of four read 1.
 * console.log(path.labels, Math.exp(path.score).toFixed(2));
 * // [ 1 ] 0.64
 * ```
 */
export function ctcDecode(
  logits: tf.Tensor,
  lengths?: Lengths,
  options: CtcDecodeOptions = {},
): CtcPath[][] {
  requireKnownOptions(WHERE, options, NAMES, {
    blank: 'Write maskIndex, as in Keras.',
    blankIndex: 'Write maskIndex, as in Keras.',
  });
  const { strategy = 'greedy', beamWidth = 100, topPaths = 1 } = options;
  const { mergeRepeated = true, maskIndex = 0 } = options;
  requireOneOf(WHERE, 'strategy', strategy, ['greedy', 'beam']);
  requireInteger(WHERE, 'beamWidth', beamWidth, 1);
  requireInteger(WHERE, 'topPaths', topPaths, 1);
  requireBoolean(WHERE, 'mergeRepeated', mergeRepeated);
  if (topPaths > beamWidth && strategy === 'beam') {
    reject({
      where: WHERE,
      expected: `topPaths must be at most beamWidth, ${beamWidth}`,
      received: topPaths,
      remedy: 'A beam returns no more than it keeps: raise beamWidth.',
    });
  }
  if (strategy === 'beam' && !mergeRepeated) {
    reject({
      where: WHERE,
      expected: 'mergeRepeated: false is for greedy decoding alone',
      remedy: 'A beam joins what repeats without a blank in between, as the loss does.',
      see: 'conflicting-options',
    });
  }
  const [batch, time, classes] = shapeOf(logits);
  requireInteger(WHERE, 'maskIndex', maskIndex, 0);
  if (maskIndex >= classes) {
    reject({
      where: WHERE,
      expected: `maskIndex must be one of the classes, 0 to ${classes - 1}`,
      received: maskIndex,
    });
  }
  const frames = framesOf(lengths, batch, time);
  const values = logits.dataSync();
  return Array.from({ length: batch }, (_, row) => {
    const start = row * time * classes;
    const ofRow = values.subarray(start, start + frames[row]! * classes);
    requireNumbers(ofRow, row);
    if (strategy === 'beam') {
      return beamSearchOfFrames(ofRow, classes, maskIndex, beamWidth, topPaths);
    }
    return [greedy(ofRow, classes, maskIndex, mergeRepeated)];
  });
}

function greedy(
  logits: ArrayLike<number>,
  classes: number,
  blank: number,
  mergeRepeated: boolean,
): CtcPath {
  const labels: number[] = [];
  let score = 0;
  let before = blank;
  for (let start = 0; start < logits.length; start += classes) {
    let best = 0;
    for (let k = 1; k < classes; k++) if (logits[start + k]! > logits[start + best]!) best = k;
    score += logits[start + best]!;
    if (best !== blank && !(mergeRepeated && best === before)) labels.push(best);
    before = best;
  }
  return { labels, score };
}

function shapeOf({ shape }: tf.Tensor): [number, number, number] {
  if (shape.length === 3) return shape as [number, number, number];
  return reject({
    where: WHERE,
    expected: 'logits must have the shape [batch, time, classes]',
    received: shape,
    remedy: 'A single sequence is tf.expandDims(logits, 0).',
    see: 'wrong-shape',
  });
}

function framesOf(lengths: Lengths | undefined, batch: number, time: number): ArrayLike<number> {
  if (lengths === undefined) return new Array<number>(batch).fill(time);
  const given = lengths instanceof tf.Tensor ? lengths.dataSync() : lengths;
  if (given.length !== batch) {
    reject({
      where: WHERE,
      expected: `lengths must have one length for each of the ${batch} rows`,
      received: given.length,
      see: 'uneven-data',
    });
  }
  for (let row = 0; row < batch; row++) {
    if (Number.isInteger(given[row]) && given[row]! >= 0 && given[row]! <= time) continue;
    reject({
      where: WHERE,
      expected: `lengths must be whole numbers from 0 to ${time}, the most frames a row has`,
      received: given[row],
    });
  }
  return given;
}

/** -Infinity is a probability of 0. */
function requireNumbers(logits: ArrayLike<number>, row: number): void {
  for (let i = 0; i < logits.length; i++) {
    if (logits[i]! < Number.POSITIVE_INFINITY) continue;
    reject({
      where: WHERE,
      expected: `logits must be numbers; row ${row} has another`,
      received: logits[i],
      remedy: 'A network that returns NaN has diverged: train it with a smaller learning rate.',
      see: 'not-a-number',
    });
  }
}
