/** Gradients scaled down to a norm by operations of TensorFlow.js: the twin of clip-by-norm.ts. */
import { tf } from '../../foundation/tensorflow.js';
import type { NormOf } from './clip-by-norm.js';

/** As {@link clipByNorm}, and where the kernels are missing in its place. */
export function clipByNormComposed(
  gradients: readonly tf.Tensor[],
  most: number,
  normOf: NormOf,
): tf.Tensor[] {
  return tf.tidy(() => {
    const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
    const scale = (sum: tf.Tensor) => tf.div(most, tf.maximum(tf.sqrt(sum), most));
    const ofAll = normOf === 'all' ? scale(tf.addN(squares)) : undefined;
    return gradients.map((gradient, i) => tf.mul(gradient, ofAll ?? scale(squares[i]!)));
  });
}
