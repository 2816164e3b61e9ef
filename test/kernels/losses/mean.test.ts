import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import {
  hasMaskedMean,
  maskedMean,
  maskedMeanGradient,
  mean,
} from '../../../src/kernels/losses/mean.js';
import { meanGradient, meanOf } from '../../../src/layers/model/total-loss.js';
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

describe('the mean of what counts', () => {
  beforeEach(() => tf.setBackend('cpu'));

  const masks = {
    'some count': (shape: number[]) => tf.less(tf.randomUniform(shape, 0, 1, 'float32', 3), 0.7),
    'all count': (shape: number[]) => tf.cast(tf.ones(shape), 'bool'),
    'none counts': (shape: number[]) => tf.cast(tf.zeros(shape), 'bool'),
  };

  test.each(Object.entries(masks))(
    'is its twin to the bit, and so is its gradient: %s',
    (_, of) => {
      for (const shape of [
        [1, 1],
        [7, 5],
        [64, 12],
        [101, 33],
      ]) {
        const x = tf.randomNormal(shape, 3, 2, 'float32', 1);
        const mask = of(shape);
        expect(hasMaskedMean(shape, mask)).toBe(true);
        expect(maskedMean(x, mask).shape).toEqual([]);
        expect(maskedMean(x, mask).dataSync()).toEqual(meanOf(x, mask, null).dataSync());
        for (const weight of [1, 0.3]) {
          const twin = meanGradient(shape, mask, null, weight);
          expect(maskedMeanGradient(mask, weight).shape).toEqual(shape);
          expect(maskedMeanGradient(mask, weight).dataSync()).toEqual(twin.dataSync());
        }
      }
    },
  );

  test('is for masks of the shape of the values, where backends do not round otherwise', async () => {
    expect(hasMaskedMean([2, 3, 1], tf.ones([2, 3], 'bool'))).toBe(false);
    // Of layers of somebody's own.
    for (const dtype of ['int32', 'float32'] as const) {
      expect(hasMaskedMean([2, 3], tf.ones([2, 3], dtype))).toBe(false);
    }
    await tf.setBackend('wasm');
    expect(hasMaskedMean([2, 3], tf.ones([2, 3], 'bool'))).toBe(false);
  });
});
