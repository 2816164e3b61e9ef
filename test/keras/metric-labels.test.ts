/** Metrics of Keras files compare labels with outputs of their own shape, and with no other. */
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { tf } from '../../src/foundation/tensorflow.js';
import * as metrics from '../../src/keras/compile/metrics.js';

const ALL = { threshold: 0.5, classId: undefined };

const METRICS: Record<string, metrics.Metric> = {
  accuracy: metrics.accuracy,
  binaryAccuracy: metrics.binaryAccuracy(0.4),
  precision: metrics.precision(ALL).sums,
  recall: metrics.recall(ALL).sums,
  counted: metrics.counted('falsePositives', 0.5).sums,
  rootMeanSquaredError: metrics.rootMeanSquaredError.sums,
};

describe.each(Object.entries(METRICS))('%s', (_, metric) => {
  test.each([[[2]], [[2, 1]], [[1, 3]]])('refuses labels of %j for outputs of 2, 3', (shape) => {
    expect(() => metric(tf.ones(shape), tf.zeros([2, 3]))).toThrow(
      'metric: labels must have the shape [2, 3] of what the model returns',
    );
  });
});

test('accuracy of labels in the shape of the outputs', () => {
  const [yTrue, yPred] = [tf.tensor2d([[1, 0]]), tf.tensor2d([[1, 1]])];
  expect(metrics.accuracy(yTrue, yPred).arraySync()).toEqual([[1, 0]]);
});
