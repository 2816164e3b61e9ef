import { beforeEach, describe, expect, it } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { asIntegers } from '../../../src/kernels/bridge/integers.js';
import { BACKENDS, useBackend } from '../kernels.js';

describe.each(BACKENDS)('indices as integers, on %s', (backend) => {
  beforeEach(() => useBackend(backend));

  it.each([
    ['integers', () => tf.tensor2d([[3, 0, -7]], [1, 3], 'int32')],
    ['integers that a model has cast', () => tf.cast(tf.tensor1d([3, 0, -7], 'int32'), 'float32')],
    ['floats', () => tf.tensor1d([3.9, 0.5, -7.9])],
    ['truth values', () => tf.tensor1d([true, false], 'bool')],
    ['what was computed', () => tf.mul(tf.tensor1d([1.5, 2]), 2)],
  ])('are those of tf.cast: %s', (_, make) => {
    tf.tidy(() => {
      const tensor = make();
      const expected = tf.cast(tensor, 'int32');
      const integers = asIntegers(tensor);
      expect(integers.dtype).toBe('int32');
      expect(integers.shape).toEqual(tensor.shape);
      expect([...integers.dataSync()]).toEqual([...expected.dataSync()]);
    });
  });

  it('outlive the floats that they were', () => {
    const before = tf.memory().numTensors;
    const floats = tf.tidy(() => tf.cast(tf.tensor1d([3, 4], 'int32'), 'float32'));
    const integers = asIntegers(floats);
    floats.dispose();
    expect([...integers.dataSync()]).toEqual([3, 4]);
    integers.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(() => integers.dataSync()).toThrow();
  });

  it('have the gradient of tf.cast', () => {
    tf.tidy(() => {
      const through = (integers: (x: tf.Tensor) => tf.Tensor) =>
        tf.grad((x) => tf.sum(tf.mul(tf.cast(integers(x), 'float32'), x)))(tf.tensor1d([1, 2]));
      const expected = through((x) => tf.cast(x, 'int32'));
      expect([...through(asIntegers).dataSync()]).toEqual([...expected.dataSync()]);
    });
  });
});

describe('indices as integers, on cpu', () => {
  it('are the array that a model has cast, not a copy', async () => {
    await useBackend('cpu');
    tf.tidy(() => {
      const made = tf.tensor1d([3, 4], 'int32');
      const { numDataBuffers } = tf.memory();
      const integers = asIntegers(tf.cast(made, 'float32'));
      expect(integers.dataSync()).toEqual(Int32Array.of(3, 4));
      expect(tf.memory().numDataBuffers).toBe(numDataBuffers);
    });
  });
});
