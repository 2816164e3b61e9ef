import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { softmax } from '../../../src/kernels/activations/softmax.js';
import { BACKENDS, bytesInUse, useBackend } from '../kernels.js';

describe.each(BACKENDS)('softmax on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  // Widths that are and are not multiples of four, and more rows than one thread takes.
  test.each([
    [[3, 1]],
    [[5, 2]],
    [[4, 3]],
    [[6, 4]],
    [[7, 13]],
    [[2, 9, 64]],
    [[80, 100, 7]],
    [[6]],
  ])('is tf.softmax and its gradient within 1e-6: %j', (shape) => {
    const before = bytesInUse();
    tf.tidy(() => {
      const x = tf.mul(tf.randomNormal(shape, 0, 1, 'float32', 1), 10);
      const dy = tf.randomNormal(shape, 0, 1, 'float32', 2);
      const [actual, expected] = [softmax(x), tf.softmax(x)];
      expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]).toBeLessThan(1e-6);
      const [dActual, dExpected] = [tf.grad(softmax)(x, dy), tf.grad((z) => tf.softmax(z))(x, dy)];
      expect(tf.max(tf.abs(tf.sub(dActual, dExpected))).dataSync()[0]).toBeLessThan(1e-6);
    });
    expect(bytesInUse()).toBe(before);
  });

  test('keeps small probabilities to six digits, as far as floats that are not denormal go', () => {
    const x = [0, -0.0009765625, -1, -20, -50, -80, -86.5];
    const y = softmax(tf.tensor1d(x)).dataSync();
    const sum = x.reduce((all, value) => all + Math.exp(value), 0);
    x.forEach((value, i) => {
      const expected = Math.exp(value) / sum;
      expect(Math.abs(y[i]! / expected - 1), `e^${value}`).toBeLessThan(1e-6);
    });
    expect(softmax(tf.tensor1d([0, -88])).dataSync()[1]).toBe(0);
  });

  test('large numbers, infinities and NaN are as in TensorFlow.js', () => {
    const x = tf.tensor2d([
      [3e38, 1, 0],
      [-Infinity, 0, 0],
      [NaN, 0, 0],
      [-Infinity, -Infinity, -Infinity],
    ]);
    const [actual, expected] = [softmax(x).dataSync(), tf.softmax(x).dataSync()];
    expected.forEach((value, i) => {
      if (Number.isNaN(value)) expect(actual[i], `value ${i}`).toBeNaN();
      else expect(actual[i], `value ${i}`).toBeCloseTo(value, 6);
    });
  });
});
