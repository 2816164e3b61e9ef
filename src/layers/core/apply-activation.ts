/** An activation of a layer, also within the gradient of a gradient. */
import { tf } from '../../foundation/tensorflow.js';
import type { StockDense } from '../stock.js';

/**
 * As the activation itself, but that the logSoftmax of TensorFlow.js has a gradient of its own,
 * which has no derivative: where one may be asked for, its operations are written out.
 */
export function applyActivation(
  activation: NonNullable<StockDense['activation']>,
  x: tf.Tensor,
): tf.Tensor {
  const nested = tf.engine().state.gradientDepth > 1;
  if (!nested || activation.getClassName() !== 'logSoftmax') return activation.apply(x);
  const shifted = tf.sub(x, tf.max(x, -1, true));
  return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), -1, true)));
}
