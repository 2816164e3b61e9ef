/**
 * Attention in ordinary operations of TensorFlow.js, as Keras computes it: what runs where there are no
 * kernels of ours, and what those are tested against. Scores that look at hidden states by a product
 * are of Luong et al. 2015, those that add them of Bahdanau et al. 2015.
 */
import { tf } from '../../foundation/tensorflow.js';

/** How a query and a key make a score. */
export interface Scoring {
  /**
   * - `'dot'`: scale · Σ query_d · key_d
   * - `'tanh'`: Σ factors_d · tanh(scale · (query_d + key_d))
   */
  score: 'dot' | 'tanh';
  /** Whether query i sees no key behind the i-th. */
  causal: boolean;
}

/** What attention weights are computed from. */
export interface WeightsInputs {
  /** [batch, queries, width] */
  query: tf.Tensor3D;
  /** [batch, keys, width] */
  key: tf.Tensor3D;
  /** []; 1 where left out */
  scale?: tf.Tensor | undefined;
  /** [width], or [] for the same everywhere; 1 where left out. Of `'tanh'` alone. */
  factors?: tf.Tensor | undefined;
  /** bool [batch, keys]: false for keys that do not count */
  mask?: tf.Tensor | undefined;
}

/** What a weighted sum is computed from. */
export interface ContextInputs {
  /** [batch, queries, keys] */
  weights: tf.Tensor3D;
  /** [batch, keys, columns] */
  value: tf.Tensor3D;
  /** bool [batch, queries]: what is false gets zeros */
  mask?: tf.Tensor | undefined;
}

// What Keras takes from a score that does not count. Where none counts, differences of the scores
// are lost in it and all keys weigh the same.
const FAR_BELOW = 1e9;

/** Softmax of the scores over the keys: [batch, queries, keys]. */
export function attentionWeightsComposed(inputs: WeightsInputs, scoring: Scoring): tf.Tensor3D {
  const scores = scoresOf(inputs, scoring);
  const counts = countingKeys(inputs, scoring);
  if (!counts) return tf.softmax(scores);
  return tf.softmax(tf.where(counts, scores, tf.sub<tf.Tensor3D>(scores, FAR_BELOW)));
}

function scoresOf({ query, key, scale, factors }: WeightsInputs, { score }: Scoring): tf.Tensor3D {
  if (score === 'dot') {
    const products: tf.Tensor3D = tf.matMul(query, key, false, true);
    return scale ? tf.mul<tf.Tensor3D>(products, scale) : products;
  }
  const sums = tf.add(tf.expandDims(query, 2), tf.expandDims(key, 1)); // [batch, queries, keys, width]
  const bent = tf.tanh(scale ? tf.mul(sums, scale) : sums);
  return tf.sum<tf.Tensor3D>(factors ? tf.mul(bent, factors) : bent, -1);
}

/** Which keys count for each query: bool [batch or 1, queries or 1, keys]; null where all do. */
function countingKeys({ query, key, mask }: WeightsInputs, { causal }: Scoring): tf.Tensor | null {
  const given = mask ? tf.expandDims(tf.cast(mask, 'bool'), 1) : null;
  if (!causal) return given;
  const [queries, keys] = [query.shape[1], key.shape[1]];
  const rows = tf.reshape(tf.range(0, queries), [1, queries, 1]);
  const columns = tf.reshape(tf.range(0, keys), [1, 1, keys]);
  const past = tf.greaterEqual(rows, columns);
  return given ? tf.logicalAnd(given, past) : past;
}

/** weights · value, with zeros where a query does not count: [batch, queries, columns]. */
export function contextComposed({ weights, value, mask }: ContextInputs): tf.Tensor3D {
  const context: tf.Tensor3D = tf.matMul(weights, value);
  if (!mask) return context;
  return tf.where(tf.expandDims(tf.cast(mask, 'bool'), 2), context, tf.zerosLike(context));
}
