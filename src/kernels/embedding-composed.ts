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
  const gather = tf.customGrad((x, save) => {
    // Saved, because a tidy around the layer disposes of it before the gradient.
    (save as tf.GradSaveFunc)([flat]);
    return {
      value: tf.gather(x as tf.Tensor2D, flat),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) =>
        tf.scatterND(tf.reshape(saved!, [indices.size, 1]), dy, [rows, width]),
    };
  });
  return tf.reshape(gather(table), [...indices.shape, width]);
}
