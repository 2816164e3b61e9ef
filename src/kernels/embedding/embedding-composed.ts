/** The twin of embedding.ts in operations that every backend has. */
import { tf } from '../../foundation/tensorflow.js';
import { rejectIndex } from './reject-index.js';
import { FUSED_BACKENDS } from '../bridge/backends.js';

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
  requireRows(indices, rows);
  const flat = tf.reshape(indices, [indices.size]);
  const gather = tf.customGrad((x, save) => {
    // Saved, because a tidy around the layer disposes of it before the gradient.
    (save as tf.GradSaveFunc)([flat]);
    return {
      value: tf.gather(x as tf.Tensor2D, flat),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) =>
        scatterAdd(saved as tf.Tensor1D, dy, [rows, width]),
    };
  });
  return tf.reshape(gather(table), [...indices.shape, width]);
}

// scatterND has no gradient in TensorFlow.js; being linear, its own is the lookup.
function scatterAdd(flat: tf.Tensor1D, dy: tf.Tensor, shape: [number, number]): tf.Tensor {
  const scatter = tf.customGrad((gradient, save) => {
    (save as tf.GradSaveFunc)([flat]);
    return {
      value: tf.scatterND(tf.reshape(flat, [flat.size, 1]), gradient as tf.Tensor, shape),
      gradFunc: (ddTable: tf.Tensor, [saved]: tf.Tensor[]) =>
        tf.gather(ddTable, saved as tf.Tensor1D),
    };
  });
  return scatter(dy);
}

// Elsewhere the indices would have to leave the device first.
function requireRows(indices: tf.Tensor, rows: number): void {
  if (!FUSED_BACKENDS.includes(tf.getBackend())) return;
  const values = indices.dataSync<'int32'>();
  const bad = values.findIndex((index) => index < 0 || index >= rows);
  if (bad >= 0) rejectIndex(values[bad]!, bad, indices.shape, rows);
}
