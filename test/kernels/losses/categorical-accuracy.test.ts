import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { categoricalAccuracy } from '../../../src/kernels/losses/categorical-accuracy.js';
import { BACKENDS } from '../kernels.js';

afterAll(() => tf.setBackend('cpu'));

const uniform = (shape: number[], seed: number) => tf.randomUniform(shape, 0, 1, 'float32', seed);
const stock = tfl.metrics.categoricalAccuracy;
const stockSparse = tfl.metrics.sparseCategoricalAccuracy;

describe.each(BACKENDS)('categoricalAccuracy on the %s backend', (backend) => {
  beforeEach(() => tf.setBackend(backend));

  test.each([[[50, 3]], [[4, 5, 7]], [[2, 1]], [[3000, 64]]])(
    'is that of TensorFlow.js for shape %j',
    (shape) => {
      const [yTrue, yPred] = [uniform(shape, 1), uniform(shape, 2)];
      const ours = categoricalAccuracy(yTrue, yPred, false);
      expect(ours.shape).toEqual(shape.slice(0, -1));
      expect([...ours.dataSync()]).toEqual([...stock(yTrue, yPred).dataSync()]);
    },
  );

  test.each(['float32', 'int32'] as const)('also for numbers of classes of type %s', (dtype) => {
    const yPred = uniform([6, 10, 5], 1);
    const numbers = tf.cast(tf.floor(tf.mul(uniform([6, 10, 1], 2), 5)), dtype);
    for (const yTrue of [numbers, tf.squeeze(numbers, [2])]) {
      const ours = categoricalAccuracy(yTrue, yPred, true);
      const theirs = [...stockSparse(yTrue, yPred).dataSync()];
      expect(ours.shape).toEqual([6, 10]);
      expect([...ours.dataSync()]).toEqual(theirs);
      expect(theirs).toContain(1);
      expect(theirs).toContain(0);
    }
  });

  test('takes the first of several that are the largest, and NaN for less than all but in front', () => {
    const yPred = tf.tensor2d([
      [0.4, 0.4, 0.2],
      [0.2, Number.NaN, 0.3],
      [Number.NaN, 0.9, 0.1],
      [-1, -1, -0],
    ]);
    for (const label of [0, 1, 2, 3, 0.5, -1]) {
      const yTrue = tf.fill([4, 1], label);
      const ours = [...categoricalAccuracy(yTrue, yPred, true).dataSync()];
      expect(ours).toEqual([...stockSparse(yTrue, yPred).dataSync()]);
    }
    const first = categoricalAccuracy(tf.tensor1d([0, 2, 0, 2]), yPred, true).dataSync();
    expect([...first]).toEqual([1, 1, 1, 1]);
  });
});
