import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { sigmoid, sigmoidGradient } from '../../../src/kernels/dense/sigmoid.js';
import { BACKENDS } from '../kernels.js';

afterAll(() => tf.setBackend('cpu'));

describe.each(BACKENDS)('sigmoid on the %s backend', (backend) => {
  beforeEach(() => tf.setBackend(backend));

  test('is tf.sigmoid to the bit, and so is its gradient', () => {
    const some = [0, 1e-45, -1e-38, 17, -17, 89, -104, Infinity, -Infinity, Number.NaN];
    const many = tf.randomNormal([1000], 0, 6, 'float32', 1).dataSync();
    const x = tf.tensor1d([...some, ...many]);
    expect(sigmoid(x).dataSync()).toEqual(tf.sigmoid(x).dataSync());
    const gradient = (of: typeof sigmoid) =>
      tf
        .grad((x) => tf.sum(of(x)))(x)
        .dataSync();
    expect(gradient(sigmoid)).toEqual(gradient(tf.sigmoid));
  });
});

describe.each(BACKENDS)('sigmoidGradient on the %s backend', (backend) => {
  beforeEach(() => tf.setBackend(backend));

  test('is dy·(y·(1 − y)) to the bit, at the ends of its range, too', () => {
    const some = [0, 1e-45, 1e-38, 2 ** -29, 2 ** -25, 3e-8, 0.25, 0.5, 0.99999994, 1, Number.NaN];
    const many = tf.sigmoid(tf.randomNormal([1000], 0, 6, 'float32', 1)).dataSync();
    const y = tf.tensor1d([...some, ...many]);
    const dy = tf.randomNormal([y.size], 0, 1, 'float32', 2);
    const twin = tf.mul(dy, tf.mul(y, tf.sub(1, y)));
    expect(sigmoidGradient(dy, y).dataSync()).toEqual(twin.dataSync());
  });

  test('says that it has no derivative', () => {
    const y = tf.tensor1d([0.5]);
    const slope = (dy: tf.Tensor) => tf.sum(sigmoidGradient(dy, y)) as tf.Scalar;
    expect(() => tf.grad(slope)(tf.ones([1]))).toThrow('sigmoidGradient: the fused kernel has');
  });
});
