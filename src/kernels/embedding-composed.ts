/** The twin of embedding.ts in operations that every backend has. */
import { tf } from '../foundation/tensorflow.js';

/**
 * Looks indices up in a table.
 *
 * The gradient is a scatter instead of TensorFlow.js' own for `gather`, which
 * needs UnsortedSegmentSum: missing on wasm (tfjs#8082), and a loop over the
 * whole vocabulary on cpu.
 *
 * @param indices int32 of any shape.
 * @param table [rows, width]
 * @returns [...indices.shape, width]
 */
export function embeddingComposed(indices: tf.Tensor, table: tf.Tensor2D): tf.Tensor {
  const [rows, width] = table.shape;
  const flat = tf.reshape(indices, [indices.size]);
  const gather = tf.customGrad((x) => ({
    value: tf.gather(x as tf.Tensor2D, flat),
    gradFunc: (dy: tf.Tensor) =>
      tf.scatterND(tf.reshape(flat, [indices.size, 1]), dy, [rows, width]),
  }));
  return tf.reshape(gather(table), [...indices.shape, width]);
}
