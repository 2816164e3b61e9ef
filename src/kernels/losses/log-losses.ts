/**
 * The cross-entropy of logits whose softmax is there: −log p of the right column, exact however small
 * p is, from the largest logit of a row, whose p is never small. Twin: `logLossesComposed`.
 */
import { tf } from '../../foundation/tensorflow.js';
import { floatsOf } from '../bridge/call.js';
import { registerKernels } from '../bridge/register.js';
import type { KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const KERNEL = 'RecurrentLogLosses';

/**
 * @param logits [rows, columns]
 * @param probabilities Their softmax.
 * @param labels Of each row the right column.
 * @returns [rows]
 */
export function logLosses(
  logits: tf.Tensor2D,
  probabilities: tf.Tensor2D,
  labels: Int32Array,
): tf.Tensor1D {
  register();
  return runKernel(KERNEL, { logits, probabilities }, { labels });
}

/** The same from logits alone, in operations that every backend has. */
export function logLossesComposed(logits: tf.Tensor2D, labels: Int32Array): tf.Tensor1D {
  // Of floats, the wasm backend makes the bits of integers.
  const hot = tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), logits.shape[1]), 'float32');
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  const right = tf.sum(tf.mul(shifted, hot), 1);
  return tf.sub(tf.log(tf.sum(tf.exp(shifted), 1)), right);
}

const register = registerKernels({ kernels: { [KERNEL]: compute }, gradients: [] });

function compute(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  { labels }: { labels: Int32Array },
): tf.TensorInfo {
  const [rows, columns] = inputs.logits!.shape as [number, number];
  const losses = call.output([rows]);
  const [logits, probabilities] = floatsOf(call, inputs.logits!, inputs.probabilities!);
  const out = call.runtime.memory.floats(losses.address, rows);
  for (let row = 0, start = 0; row < rows; row++, start += columns) {
    let largest = start;
    for (let at = start + 1; at < start + columns; at++) {
      if (logits[at]! > logits[largest]!) largest = at;
    }
    const normalizer = logits[largest]! - Math.log(probabilities[largest]!);
    out[row] = normalizer - logits[start + labels[row]!]!;
  }
  return losses.tensor;
}
