/** AUC as Keras computes it: the area under a curve through so many thresholds. */
import { tf } from '../../foundation/tensorflow.js';
import { requireShape } from './losses.js';
import type { SummedMetric } from './metrics.js';

/** What the curve is of, and how the area between two of its points is taken. */
export interface AreaSettings {
  curve: 'ROC' | 'PR';
  summation: 'interpolation' | 'minoring' | 'majoring';
  /** Between 0 and 1, in ascending order. */
  thresholds: readonly number[];
  fromLogits: boolean;
}

const EPSILON = 1e-7;

/** The thresholds of Keras, where it is told only how many. */
export function evenThresholds(count: number): number[] {
  return Array.from({ length: count - 2 }, (_, i) => (i + 1) / (count - 1));
}

/** The area under a curve of labels of 0 and 1. */
export function areaUnderCurve(settings: AreaSettings): SummedMetric {
  // Below 0 and above 1, for what is rounded.
  const thresholds = [-EPSILON, ...settings.thresholds, 1 + EPSILON];
  const { length } = thresholds;
  return {
    sums(yTrue, yPred) {
      requireShape(yTrue, yPred.shape, 'metric');
      const labels = tf.cast(tf.reshape(tf.cast(yTrue, 'bool'), [1, -1]), 'float32');
      const scores = tf.reshape(settings.fromLogits ? tf.sigmoid(yPred) : yPred, [1, -1]);
      const isAbove = tf.greater(scores, tf.reshape(tf.tensor1d(thresholds), [-1, 1]));
      const above = tf.cast(isAbove, 'float32');
      return tf.concat([
        tf.sum(tf.mul(above, labels), 1),
        tf.sum(tf.mul(above, tf.sub(1, labels)), 1),
        tf.stack([tf.sum(labels), tf.sum(tf.sub(1, labels))]),
      ] as tf.Tensor1D[]);
    },
    result(sums) {
      const truePositives = tf.slice(sums, 0, length);
      const falsePositives = tf.slice(sums, length, length);
      const [positives, negatives] = tf.unstack(tf.slice(sums, 2 * length, 2));
      const rates = { truePositives, falsePositives, positives: positives! };
      if (settings.curve === 'PR' && settings.summation === 'interpolation') {
        return interpolated(rates);
      }
      const recall = tf.divNoNan(truePositives, positives!);
      if (settings.curve === 'ROC') {
        return area(tf.divNoNan(falsePositives, negatives!), recall, settings.summation);
      }
      const predicted = tf.add(truePositives, falsePositives);
      return area(recall, tf.divNoNan(truePositives, predicted), settings.summation);
    },
  };
}

const before = (x: tf.Tensor) => tf.slice(x, 0, x.size - 1);
const after = (x: tf.Tensor) => tf.slice(x, 1, x.size - 1);

function area(x: tf.Tensor, y: tf.Tensor, summation: AreaSettings['summation']): tf.Tensor {
  const [left, right] = [before(y), after(y)];
  const heights = {
    interpolation: () => tf.div(tf.add(left, right), 2),
    minoring: () => tf.minimum(left, right),
    majoring: () => tf.maximum(left, right),
  }[summation]();
  return tf.sum(tf.mul(tf.sub(before(x), after(x)), heights));
}

interface Rates {
  truePositives: tf.Tensor;
  falsePositives: tf.Tensor;
  positives: tf.Tensor;
}

/** Between two points of precision and recall, true positives grow in proportion (Davis & Goadrich 2006). */
function interpolated({ truePositives, falsePositives, positives }: Rates): tf.Tensor {
  const predicted = tf.add(truePositives, falsePositives);
  const growth = tf.sub(before(truePositives), after(truePositives));
  const slope = tf.divNoNan(growth, tf.sub(before(predicted), after(predicted)));
  const intercept = tf.sub(after(truePositives), tf.mul(slope, after(predicted)));
  const bothPositive = tf.logicalAnd(
    tf.greater(before(predicted), 0),
    tf.greater(after(predicted), 0),
  );
  const ratio = tf.divNoNan(before(predicted), after(predicted));
  const logOfRatio = tf.log(tf.where(bothPositive, ratio, tf.onesLike(ratio)));
  const increments = tf.mul(slope, tf.add(growth, tf.mul(intercept, logOfRatio)));
  return tf.sum(tf.divNoNan(increments, positives));
}
