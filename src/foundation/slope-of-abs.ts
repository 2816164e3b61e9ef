/** The slope of |x| at 0, where TensorFlow.js and TensorFlow differ. */
import { tf } from './tensorflow.js';

const ofAbs: tf.GradFunc = (dy, [x]) => ({
  x: () => tf.mul(dy as tf.Tensor, tf.sub(tf.step(x!), tf.step(tf.neg(x!)))),
});

/**
 * Runs what may record |x| on a tape: its slope at 0 is then 0, as in TensorFlow, where TensorFlow.js has
 * -1, by which l1 moves weights away from 0. Only meanwhile, since the binaryCrossentropy of TensorFlow.js
 * would have a wrong gradient at a logit of 0 without that -1.
 */
export function withSlopeOfAbs<T>(body: () => T): T {
  const stock = tf.getGradient('Abs');
  tf.registerGradient({ ...stock, gradFunc: ofAbs });
  try {
    return body();
  } finally {
    tf.registerGradient(stock);
  }
}
