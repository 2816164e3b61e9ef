/** The twin of sampled-softmax.ts in operations that every backend has. */
import { tf } from '../../foundation/tensorflow.js';
import { embeddingComposed } from '../embedding/embedding-composed.js';
import { logLossesComposed } from './log-losses.js';
import { type Candidates, logExpected } from './log-uniform.js';
import type { SampledInputs } from './sampled-softmax.js';

// What a drawn class that is the label itself is set to: its probability is zero.
const NEVER = -1e30;

/** The loss of each row, [rows]. */
export function sampledSoftmaxComposed(
  { x, kernel, bias, labels }: SampledInputs,
  candidates: Candidates,
): tf.Tensor1D {
  const { ids } = candidates;
  const expected = (classes: Int32Array) =>
    tf.tensor1d(Float32Array.from(classes, (id) => logExpected(id, candidates)));
  const right = tf.tensor1d(labels, 'int32');
  const drawn = tf.tensor1d(ids, 'int32');
  const biases = tf.reshape(bias, [bias.size, 1]) as tf.Tensor2D;
  const offsetOf = (classes: tf.Tensor1D, list: Int32Array) =>
    tf.sub(tf.reshape(embeddingComposed(classes, biases), [list.length]), expected(list));
  const ofLabels = tf.add(
    tf.sum(tf.mul(x, embeddingComposed(right, kernel)), 1),
    offsetOf(right, labels),
  );
  const ofDrawn = tf.add(
    tf.matMul(x, embeddingComposed(drawn, kernel) as tf.Tensor2D, false, true),
    offsetOf(drawn, ids),
  );
  const hits = tf.equal(tf.expandDims(right, 1), tf.expandDims(drawn, 0));
  const others = tf.where(hits, tf.fill(ofDrawn.shape, NEVER), ofDrawn);
  const logits = tf.concat([tf.expandDims(ofLabels, 1), others], 1) as tf.Tensor2D;
  return logLossesComposed(logits, new Int32Array(labels.length));
}
