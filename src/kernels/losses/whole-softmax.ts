/** The cross-entropy of classes against all others, a part of the rows at a time. */
import { tf } from '../../foundation/tensorflow.js';
import { softmax } from '../activations/softmax.js';
import { fusedAvailable } from '../bridge/register.js';
import { dense } from '../dense/dense.js';
import { logLosses, logLossesComposed } from './log-losses.js';
import type { SampledInputs } from './sampled-softmax.js';

// Logits of so many values at once: 16 MB.
const MOST_VALUES = 2 ** 22;

/** The loss of each row, [rows], where no gradient is recorded or, with one, in operations of TensorFlow.js. */
export function wholeSoftmax({ x, kernel, bias, labels }: SampledInputs): tf.Tensor1D {
  const columns = tf.transpose(kernel);
  if (!fusedAvailable() || tf.engine().isTapeOn() || x.size === 0) {
    return logLossesComposed(tf.add(tf.matMul(x, columns), bias), labels);
  }
  const rows = Math.max(1, Math.floor(MOST_VALUES / bias.size));
  const parts: tf.Tensor1D[] = [];
  for (let first = 0; first < labels.length; first += rows) {
    const part = tf.tidy(() => {
      const some = tf.slice(x, [first, 0], [Math.min(rows, labels.length - first), -1]);
      const logits = dense({ x: some, kernel: columns, bias }, false);
      const probabilities = softmax(logits) as tf.Tensor2D;
      return logLosses(logits, probabilities, labels.subarray(first, first + rows));
    });
    parts.push(part);
  }
  return tf.concat1d(parts);
}
