import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { concatenate, split } from '../../../src/kernels/merging/concatenate.js';
import { add, multiply, scale, subtract } from '../../../src/kernels/merging/elementwise.js';
import { repeatSteps, scaleSteps, sumSteps } from '../../../src/kernels/merging/steps.js';
import { BACKENDS, useBackend } from '../kernels.js';

const numbers = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

function expectEqual(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.dataSync()).toEqual(expected.dataSync());
}

describe.each(BACKENDS)('merging on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  const SHAPES = [[1], [3, 5], [2, 3, 7]];
  test.each(SHAPES.map((shape) => [shape]))('value by value, of %j', (shape) => {
    tf.tidy(() => {
      const [a, b] = [numbers(shape, 1), numbers(shape, 2)];
      expectEqual(add(a, b), tf.add(a, b));
      expectEqual(subtract(a, b), tf.sub(a, b));
      expectEqual(multiply(a, b), tf.mul(a, b));
      expectEqual(scale(a, 1 / 3), tf.mul(a, 1 / 3));
    });
  });

  test('of integers, as of floats', () => {
    const a = tf.tensor1d([1, 2], 'int32');
    expectEqual(add(a, a), tf.tensor1d([2, 4]));
  });

  test.each([0, 1, 2])('one behind the other along axis %i, and apart again', (axis) => {
    tf.tidy(() => {
      const sizes = [2, 1, 4];
      const parts = sizes.map((size, i) => {
        const shape = [3, 5, 2];
        shape[axis] = size;
        return numbers(shape, i + 1);
      });
      const whole = concatenate(parts, axis);
      expectEqual(whole, tf.concat(parts, axis));
      split(whole, sizes, axis).forEach((part, i) => {
        expectEqual(part, parts[i]!);
      });
    });
  });

  test.each([
    [1, 1, 1],
    [3, 5, 7],
    [2, 1, 4],
  ])('one row for all steps, %i samples of %i steps and %i columns', (batch, time, columns) => {
    tf.tidy(() => {
      const [rows, x] = [numbers([batch, columns], 1), numbers([batch, time, columns], 2)];
      const repeated = tf.tile(tf.expandDims(rows, 1), [1, time, 1]);
      expectEqual(repeatSteps(rows, time), repeated);
      expectEqual(scaleSteps(x, rows), tf.mul(x, repeated));
      const sums = tf.sum(x, 1).dataSync();
      for (const [i, sum] of sumSteps(x).dataSync().entries()) expect(sum).toBeCloseTo(sums[i]!, 6);
    });
  });
});
