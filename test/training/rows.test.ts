import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, test } from 'vitest';
import { takeRows } from '../../src/training/rows.js';

afterAll(() => tf.setBackend('cpu'));

const order = Int32Array.of(2, 0, 2);

describe.each(['cpu', 'wasm'])('rows of tensors on the %s backend', (backend) => {
  test.each([
    ['float32 of rank 1', () => tf.tensor1d([0.5, 1.5, 2.5]), [2.5, 0.5, 2.5]],
    [
      'int32 of rank 2',
      () => tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2], 'int32'),
      [
        [5, 6],
        [1, 2],
        [5, 6],
      ],
    ],
    ['bool of rank 3', () => tf.tensor3d([1, 0, 1], [3, 1, 1], 'bool'), [[[1]], [[1]], [[1]]]],
  ])('%s', async (_, make, expected) => {
    await tf.setBackend(backend);
    const tensor = make() as tf.Tensor;
    const before = tf.memory().numTensors;
    const taken = takeRows(tensor, order);
    expect(taken.arraySync()).toEqual(expected);
    expect(taken.dtype).toBe(tensor.dtype);
    expect(tf.memory().numTensors).toBe(before + 1);
    tf.dispose([tensor, taken]);
  });
});

test('rows of text', async () => {
  await tf.setBackend('cpu');
  const tensor = tf.tensor2d(['a', 'b', 'c', 'd', 'e', 'f'], [3, 2]);
  const taken = takeRows(tensor, order);
  expect(taken.arraySync()).toEqual([
    ['e', 'f'],
    ['a', 'b'],
    ['e', 'f'],
  ]);
  tf.dispose([tensor, taken]);
});
