import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { binaryAccuracy } from '../../../src/kernels/losses/binary-accuracy.js';
import { BACKENDS } from '../kernels.js';

afterAll(() => tf.setBackend('cpu'));

const uniform = (shape: number[], seed: number) => tf.randomUniform(shape, 0, 1, 'float32', seed);
const stock = tfl.metrics.binaryAccuracy;

describe.each(BACKENDS)('binaryAccuracy on the %s backend', (backend) => {
  beforeEach(() => tf.setBackend(backend));

  test.each(['float32', 'int32', 'bool'] as const)(
    'is that of TensorFlow.js, for labels of type %s',
    (dtype) => {
      for (const shape of [[100, 1], [3, 4, 1], [1]]) {
        const yTrue = tf.cast(tf.round(uniform(shape, 1)), dtype);
        const yPred = uniform(shape, 2);
        const ours = binaryAccuracy(yTrue, yPred);
        expect(ours.shape).toEqual(shape.slice(0, -1));
        expect(ours.dataSync()).toEqual(stock(yTrue, yPred).dataSync());
      }
    },
  );

  test('also at the threshold, for what is no number, and for labels that are neither', () => {
    const yPred = tf.tensor2d([0, 0.49999997, 0.5, 0.50000006, 1, Number.NaN], [6, 1]);
    for (const label of [0, 1, 0.5, 2]) {
      const yTrue = tf.fill([6, 1], label);
      const ours = binaryAccuracy(yTrue, yPred).dataSync();
      expect(ours).toEqual(stock(yTrue, yPred).dataSync());
    }
    expect([...binaryAccuracy(tf.ones([6, 1]), yPred).dataSync()]).toEqual([0, 0, 0, 1, 1, 0]);
  });
});
