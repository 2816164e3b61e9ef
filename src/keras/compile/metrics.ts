/**
 * Metrics as Keras computes them, where TensorFlow.js has none or another one: means over samples or
 * steps. Source: keras/src/metrics of Keras 3.15.
 */
import { tf } from '../../foundation/tensorflow.js';
import { requireShape } from './losses.js';

/** The value of each sample or step, or one of all. */
export type Metric = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

/** The share of outputs that are their label. */
export const accuracy: Metric = (yTrue, yPred) => {
  requireShape(yTrue, yPred.shape, 'metric');
  return tf.tidy(() => tf.cast(tf.equal(tf.cast(yTrue, 'float32'), yPred), 'float32'));
};

/** The share of outputs on the side of `threshold` on which their labels of 0 and 1 are. */
export function binaryAccuracy(threshold: number): Metric {
  return (yTrue, yPred) => {
    requireShape(yTrue, yPred.shape, 'metric');
    return tf.tidy(() => {
      const predicted = tf.cast(tf.greater(yPred, threshold), 'float32');
      return tf.cast(tf.equal(tf.cast(yTrue, 'float32'), predicted), 'float32');
    });
  };
}

/** The share of samples whose most likely class is that of the label, a number. */
export const sparseCategoricalAccuracy: Metric = (yTrue, yPred) =>
  tf.tidy(() => {
    const predicted = tf.argMax(yPred, -1);
    const classes = tf.cast(tf.reshape(yTrue, predicted.shape), 'int32');
    return tf.cast(tf.equal(classes, predicted), 'float32');
  });

/** The share of samples whose label is among the `k` most likely classes. */
export function topKCategoricalAccuracy(k: number): Metric {
  return (yTrue, yPred) => tf.tidy(() => amongFirst(k, yTrue, yPred));
}

/** The same for labels that are numbers of classes. */
export function sparseTopKCategoricalAccuracy(k: number): Metric {
  return (yTrue, yPred) =>
    tf.tidy(() => {
      const classes = tf.cast(tf.reshape(yTrue, [yTrue.size]), 'int32');
      const oneHot = tf.oneHot(classes, yPred.shape.at(-1)!);
      return amongFirst(k, tf.reshape(oneHot, yPred.shape), yPred);
    });
}

/** Classes of the same probability count as one place, as tf.math.in_top_k has it. */
function amongFirst(k: number, oneHot: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
  const wanted = tf.oneHot(tf.argMax(oneHot, -1), yPred.shape.at(-1)!);
  const own = tf.sum(tf.mul(tf.cast(wanted, 'float32'), yPred), -1, true);
  const better = tf.sum(tf.cast(tf.greater(yPred, own), 'float32'), -1);
  return tf.cast(tf.less(better, k), 'float32');
}

/** A metric of whole passes: sums of batches add up, and the value is made from them. */
export interface SummedMetric {
  /** What adds up, of one batch. */
  sums(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor1D;
  /** The value, from sums over batches. */
  result(sums: tf.Tensor1D): tf.Tensor;
}

/** How Keras tells what a metric of 0 and 1 looks at. */
export interface Positives {
  threshold: number;
  /** The one class that counts, or all of them. */
  classId: number | undefined;
}

type Counted = 'truePositives' | 'falsePositives' | 'trueNegatives' | 'falseNegatives';

/** How many outputs are of each kind. */
function count(kinds: readonly Counted[], { threshold, classId }: Positives): SummedMetric['sums'] {
  return (yTrue, yPred) => {
    requireShape(yTrue, yPred.shape, 'metric');
    const [labels, predictions] = [yTrue, yPred].map((x) => ofClass(x, classId));
    const isTrue = tf.cast(labels!, 'bool');
    const isPositive = tf.greater(predictions!, threshold);
    const counts = kinds.map((kind) => {
      const label = kind === 'truePositives' || kind === 'falseNegatives';
      const positive = kind === 'truePositives' || kind === 'falsePositives';
      const both = tf.logicalAnd(
        label ? isTrue : tf.logicalNot(isTrue),
        positive ? isPositive : tf.logicalNot(isPositive),
      );
      return tf.sum(tf.cast(both, 'float32'));
    });
    return tf.stack(counts) as tf.Tensor1D;
  };
}

function ofClass(x: tf.Tensor, classId: number | undefined): tf.Tensor {
  return classId === undefined ? x : tf.gather(x, [classId], -1);
}

/** The first of the sums, out of the first two; 0 of nothing. */
const share: SummedMetric['result'] = (sums) => {
  const [part, rest] = tf.unstack(sums);
  return tf.divNoNan(part!, tf.add(part!, rest!));
};

/** The share of what is predicted to be positive that is. */
export const precision = (positives: Positives): SummedMetric => ({
  sums: count(['truePositives', 'falsePositives'], positives),
  result: share,
});

/** The share of what is positive that is predicted to be. */
export const recall = (positives: Positives): SummedMetric => ({
  sums: count(['truePositives', 'falseNegatives'], positives),
  result: share,
});

/** How many outputs are of a kind. */
export const counted = (kind: Counted, threshold: number): SummedMetric => ({
  sums: count([kind], { threshold, classId: undefined }),
  result: (sums) => tf.reshape(sums, []),
});

/** The root of the mean of squared errors. */
export const rootMeanSquaredError: SummedMetric = {
  sums: (yTrue, yPred) => {
    requireShape(yTrue, yPred.shape, 'metric');
    const squares = tf.sum(tf.squaredDifference(yPred, tf.cast(yTrue, 'float32')));
    return tf.stack([squares, tf.scalar(yPred.size)]) as tf.Tensor1D;
  },
  result: (sums) => {
    const [squares, size] = tf.unstack(sums);
    return tf.sqrt(tf.div(squares!, size!));
  },
};
