import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { mean } from '../../../src/kernels/losses/mean.js';
import { BACKENDS } from '../kernels.js';

afterAll(() => tf.setBackend('cpu'));

describe.each(BACKENDS)('the mean of all values on the %s backend', (backend) => {
  beforeEach(() => tf.setBackend(backend));

  test.each([[1], [3], [100], [7, 5], [10_001]])('is tf.mean to the bit: shape %j', (...shape) => {
    const x = tf.randomNormal(shape, 3, 2, 'float32', 1);
    expect(mean(x).shape).toEqual([]);
    expect(mean(x).dataSync()).toEqual(tf.mean(x).dataSync());
  });

  test('is NaN of NaN, and that of whole numbers a fraction', () => {
    expect(mean(tf.tensor1d([1, Number.NaN])).dataSync()).toEqual(Float32Array.of(Number.NaN));
    expect(mean(tf.tensor1d([1, 2], 'int32')).dataSync()).toEqual(Float32Array.of(1.5));
  });
});
