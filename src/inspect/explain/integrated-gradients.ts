/**
 * What each word adds to a logit, by its gradient: along a path from vectors that say nothing to those of
 * the words, or at the words alone.
 */
import { tf } from '../../foundation/tensorflow.js';
import type { Embedded, ExplainedModel } from './explained-model.js';
import { gaussLegendre, type RulePoint } from './gauss-legendre.js';

/** What is explained, and from where the path begins. */
export interface Path {
  /** [1, time, width] */
  words: Embedded;
  /** The vectors of the baseline, of the same shape. */
  baseline: Float32Array;
  classIndex: number;
}

// Points of the path that run at once: more take memory and no less time.
const AT_ONCE = 32;

/**
 * (x - x')·∫₀¹ ∂F(x' + α(x - x'))/∂x dα for each step, summed over the width of its vector; the integral
 * by the rule of Gauss and Legendre with `steps` points.
 *
 * @see Sundararajan, Taly & Yan 2017, "Axiomatic attribution for deep networks", arXiv:1703.01365, (1).
 */
export function integratedGradients(
  model: ExplainedModel,
  path: Path,
  steps: number,
): Float64Array {
  return alongPath(model, path, gaussLegendre(steps));
}

/** (x - x')·∂F(x)/∂x for each step: the path is its end alone. */
export function gradientTimesInput(model: ExplainedModel, path: Path): Float64Array {
  return alongPath(model, path, [{ at: 1, weight: 1 }]);
}

function alongPath(
  model: ExplainedModel,
  { words, baseline, classIndex }: Path,
  points: readonly RulePoint[],
): Float64Array {
  const [, time, width] = words.x.shape;
  const end = words.x.dataSync() as Float32Array;
  const way = end.map((value, i) => value - baseline[i]!);
  const sums = new Float64Array(time);
  for (let first = 0; first < points.length; first += AT_ONCE) {
    const part = points.slice(first, first + AT_ONCE);
    const x = new Float32Array(part.length * end.length);
    part.forEach(({ at }, k) => {
      const row = k * end.length;
      for (let i = 0; i < end.length; i++) x[row + i] = baseline[i]! + at * way[i]!;
    });
    const found = gradientsAt(model, x, words, part.length, classIndex);
    // Read out here: a tidy looks for tensors in what it returns, number by number.
    const gradients = found.dataSync();
    part.forEach(({ weight }, k) => {
      for (let t = 0, i = 0; t < time; t++) {
        let sum = 0;
        for (let n = 0; n < width; n++, i++) sum += gradients[k * end.length + i]! * way[i]!;
        sums[t]! += weight * sum;
      }
    });
    found.dispose();
  }
  return sums;
}

/** The gradients of a logit with respect to the vectors, all rows in one batch. */
function gradientsAt(
  model: ExplainedModel,
  vectors: Float32Array,
  { x: { shape }, mask }: Embedded,
  rows: number,
  classIndex: number,
): tf.Tensor {
  return tf.tidy(() => {
    const [, time, width] = shape;
    const repeated = mask && tf.tile(tf.cast(tf.reshape(mask, [1, time]), 'int32'), [rows, 1]);
    const told = repeated && tf.cast(repeated, 'bool');
    const logitOf = (x: tf.Tensor) => {
      const logits = model.logitsOfVectors({ x: x as tf.Tensor3D, mask: told });
      return tf.sum(tf.slice(logits, [0, classIndex], [rows, 1])) as tf.Scalar;
    };
    const x = tf.tensor3d(vectors, [rows, time, width]);
    return tf.grad(logitOf)(x);
  });
}
