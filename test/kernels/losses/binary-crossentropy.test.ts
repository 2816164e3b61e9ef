import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { binaryCrossentropy } from '../../../src/kernels/losses/binary-crossentropy.js';
import { lossAndGradient, stockLoss } from './stock-loss.js';

afterAll(() => tf.setBackend('cpu'));

const uniform = (shape: number[], seed: number) => tf.randomUniform(shape, 0, 1, 'float32', seed);
const coins = (shape: number[], seed: number) => tf.round(uniform(shape, seed));

// Around the clip of 1e-7, where it rounds to 0 or 1, and what no sigmoid returns.
const EDGES = [
  0,
  1e-45,
  1e-8,
  1e-7,
  1.0000001e-7,
  1.1e-7,
  0.5,
  0.99999988,
  0.9999999,
  1,
  -1,
  2,
  NaN,
];

describe('binaryCrossentropy on the cpu backend', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test.each([
    ['one output', [100, 1]],
    ['many outputs', [7, 13]],
    ['outputs of every step', [3, 4, 2]],
    ['one sample without a batch', [5]],
  ])('is that of TensorFlow.js to the bit: %s', (_, shape) => {
    const [yTrue, yPred] = [coins(shape, 1), uniform(shape, 2)];
    const expected = lossAndGradient(stockLoss('binaryCrossentropy'), yTrue, yPred);
    expect(lossAndGradient(binaryCrossentropy, yTrue, yPred)).toEqual(expected);
    expect(new Set(expected.gradient).size).toBeGreaterThan(1);
  });

  test('also at the ends of its range, and for labels between 0 and 1', () => {
    for (const label of [0, 0.25, 1]) {
      const yPred = tf.tensor2d(EDGES, [EDGES.length, 1]);
      const yTrue = tf.fill(yPred.shape, label);
      const expected = lossAndGradient(stockLoss('binaryCrossentropy'), yTrue, yPred);
      expect(lossAndGradient(binaryCrossentropy, yTrue, yPred)).toEqual(expected);
    }
  });

  test.each(['int32', 'bool'] as const)('takes labels of type %s', (dtype) => {
    const [yTrue, yPred] = [tf.cast(coins([9, 2], 1), dtype), uniform([9, 2], 2)];
    const expected = lossAndGradient(stockLoss('binaryCrossentropy'), yTrue, yPred);
    expect(lossAndGradient(binaryCrossentropy, yTrue, yPred)).toEqual(expected);
  });

  test('says that it has no second derivative', () => {
    const [yTrue, yPred] = [coins([2, 1], 1), uniform([2, 1], 2)];
    const sum = (x: tf.Tensor) => tf.sum(binaryCrossentropy(yTrue, x)) as tf.Scalar;
    const slope = (x: tf.Tensor) => tf.sum(tf.grad(sum)(x)) as tf.Scalar;
    expect(() => tf.grad(slope)(yPred)).toThrow(
      'binaryCrossentropy: the fused kernel has first derivatives only.',
    );
  });
});

describe('binaryCrossentropy on the wasm backend', () => {
  test('is that of TensorFlow.js but for the rounding of its logarithms', async () => {
    await tf.setBackend('wasm');
    const [yTrue, yPred] = [coins([50, 3], 1), uniform([50, 3], 2)];
    const expected = lossAndGradient(stockLoss('binaryCrossentropy'), yTrue, yPred);
    const { losses, gradient } = lossAndGradient(binaryCrossentropy, yTrue, yPred);
    for (let i = 0; i < losses.length; i++) {
      expect(Math.abs(losses[i]! - expected.losses[i]!)).toBeLessThan(1e-6);
    }
    for (let i = 0; i < gradient.length; i++) {
      const scale = Math.max(1, Math.abs(expected.gradient[i]!));
      expect(Math.abs(gradient[i]! - expected.gradient[i]!) / scale).toBeLessThan(1e-5);
    }
  });
});
