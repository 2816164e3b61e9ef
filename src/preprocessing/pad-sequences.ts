import { tf } from '../foundation/tensorflow.js';
import { type PadOptions, padSequencesToArray, type Step } from './padded-sequences.js';

/**
 * Brings sequences to one length, as `keras.utils.pad_sequences` does.
 *
 * @param sequences Lists of numbers, or of vectors (or deeper) of one shape.
 * @param options Length, type, and what happens at which end.
 * @returns A tensor of shape `[sequences, maxlen, ...shape of a step]`.
 * @throws RecurrentError when a sequence is not a list, a step is not a number or has another shape
 *   than the first, a number does not fit `int32`, or the list is empty and `maxlen` is left out.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { padSequences } from 'tfjs-recurrent';
 *
 * const padded = padSequences([[7], [1, 2, 3, 4]], { maxlen: 3 });
 * console.log(padded.arraySync());
 * // [ [ 0, 0, 7 ], [ 2, 3, 4 ] ]
 * ```
 */
export function padSequences(
  sequences: ArrayLike<ArrayLike<number | boolean>>,
  options?: PadOptions,
): tf.Tensor2D;
export function padSequences(
  sequences: ArrayLike<ArrayLike<Step>>,
  options?: PadOptions,
): tf.Tensor;
export function padSequences(
  sequences: ArrayLike<ArrayLike<Step>>,
  options: PadOptions = {},
): tf.Tensor {
  const { data, shape } = padSequencesToArray(sequences, options);
  return tf.tensor(data, shape, options.dtype ?? 'int32');
}
