import { beforeEach, describe, expect, it } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { asIndices } from '../../../src/kernels/embedding/indices.js';
import { BACKENDS, useBackend } from '../kernels.js';

describe.each(BACKENDS)('indices as integers, on %s', (backend) => {
  beforeEach(() => useBackend(backend));

  it.each([
    ['integers', () => tf.tensor2d([[3, 0, 7]], [1, 3], 'int32')],
    ['integers that a model has cast', () => tf.cast(tf.tensor1d([3, 0, 7], 'int32'), 'float32')],
    ['floats', () => tf.tensor1d([3.9, 0.5, -0.9])],
    ['truth values', () => tf.tensor1d([true, false], 'bool')],
    ['what was computed', () => tf.mul(tf.tensor1d([1.5, 2]), 2)],
  ])('are those of tf.cast: %s', (_, make) => {
    tf.tidy(() => {
      const tensor = make();
      const expected = tf.cast(tensor, 'int32');
      const integers = asIndices(tensor, 10);
      expect(integers.dtype).toBe('int32');
      expect(integers.shape).toEqual(tensor.shape);
      expect([...integers.dataSync()]).toEqual([...expected.dataSync()]);
    });
  });

  it.each([
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['minus infinity', Number.NEGATIVE_INFINITY],
    ['what 32 bits would wrap to a row', 2 ** 32],
    ['what is cut off to -1', -1.5],
    ['the number of rows', 10],
  ])('are no rows, as floats: %s', (_, value) => {
    tf.tidy(() => {
      const { numTensors } = tf.memory();
      const tensor = tf.tensor2d([1, 2, value, 3], [2, 2]);
      expect(() => asIndices(tensor, 10)).toThrow(
        `embedding: the index at [1, 0] must be a row of the table, from 0 to 9, received ${value}.`,
      );
      expect(tf.memory().numTensors).toBe(numTensors + 1);
    });
  });

  it('outlive the floats that they were', () => {
    const before = tf.memory().numTensors;
    const floats = tf.tidy(() => tf.cast(tf.tensor1d([3, 4], 'int32'), 'float32'));
    const integers = asIndices(floats, 10);
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
      expect([...through((x) => asIndices(x, 10)).dataSync()]).toEqual([...expected.dataSync()]);
    });
  });
});

describe('indices as integers, on cpu', () => {
  it('are the array that a model has cast, not a copy', async () => {
    await useBackend('cpu');
    tf.tidy(() => {
      const made = tf.tensor1d([3, 4], 'int32');
      const { numDataBuffers } = tf.memory();
      const integers = asIndices(tf.cast(made, 'float32'), 10);
      expect(integers.dataSync()).toEqual(Int32Array.of(3, 4));
      expect(tf.memory().numDataBuffers).toBe(numDataBuffers);
    });
  });
});
