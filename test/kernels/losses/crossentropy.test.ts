import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { crossentropy } from '../../../src/kernels/losses/crossentropy.js';
import { BACKENDS, bytesInUse, generator, useBackend } from '../kernels.js';
import { lossAndGradient, stockLoss } from './stock-loss.js';

/** Rows of probabilities, some of them nearly 0 or 1. */
function probabilities(shape: number[], seed: number): tf.Tensor {
  return tf.tidy(() => tf.softmax(tf.mul(tf.randomNormal(shape, 0, 1, 'float32', seed), 4)));
}

function classesOf(shape: number[], seed: number): Float32Array {
  const next = generator(seed);
  const classes = shape.at(-1)!;
  const size = tf.util.sizeFromShape(shape.slice(0, -1));
  return Float32Array.from({ length: size }, () => Math.floor(next() * classes));
}

/** The largest distance, as a part of the largest value. */
function distance(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  const most = Math.max(1e-3, ...expected.map(Math.abs));
  return Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!))) / most;
}

const SHAPES: [string, number[]][] = [
  ['two classes', [5, 2]],
  ['five classes', [7, 5]],
  ['64 classes at every step', [3, 11, 64]],
  ['more rows than one thread takes', [70, 100, 13]],
];

describe.each(BACKENDS)('on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(SHAPES)('categoricalCrossentropy is that of TensorFlow.js: %s', (_, shape) => {
    const yPred = probabilities(shape, 1);
    const labels = tf.tensor(classesOf(shape, 2), shape.slice(0, -1), 'int32');
    const yTrue = tf.cast(tf.oneHot(labels, shape.at(-1)!), 'float32');
    const before = bytesInUse();
    const actual = lossAndGradient((y, p) => crossentropy(y, p, false), yTrue, yPred);
    const expected = lossAndGradient(stockLoss('categoricalCrossentropy'), yTrue, yPred);
    expect(distance(actual.losses, expected.losses)).toBeLessThan(2e-6);
    expect(distance(actual.gradient, expected.gradient)).toBeLessThan(2e-6);
    expect(bytesInUse()).toBe(before);
  });

  test('labels may be probabilities themselves, and rows of any sum', () => {
    const yPred = tf.randomUniform([9, 4], 0, 3, 'float32', 3);
    const yTrue = probabilities([9, 4], 4);
    const actual = lossAndGradient((y, p) => crossentropy(y, p, false), yTrue, yPred);
    const expected = lossAndGradient(stockLoss('categoricalCrossentropy'), yTrue, yPred);
    expect(distance(actual.losses, expected.losses)).toBeLessThan(2e-6);
    expect(distance(actual.gradient, expected.gradient)).toBeLessThan(2e-6);
  });

  test.each(SHAPES)('sparseCategoricalCrossentropy is that of TensorFlow.js: %s', (_, shape) => {
    const yPred = probabilities(shape, 5);
    const yTrue = tf.tensor(classesOf(shape, 6), [...shape.slice(0, -1), 1]);
    const actual = lossAndGradient((y, p) => crossentropy(y, p, true), yTrue, yPred);
    const expected = lossAndGradient(stockLoss('sparseCategoricalCrossentropy'), yTrue, yPred);
    expect(distance(actual.losses, expected.losses)).toBeLessThan(2e-6);
    expect(distance(actual.gradient, expected.gradient)).toBeLessThan(2e-6);
  });

  test('probabilities of 0 and 1 are clipped as there, and pass nothing back', () => {
    const yPred = tf.tensor2d([
      [0, 1, 0],
      [1, 0, 0],
      [1e-8, 0.5, 0.5],
    ]);
    for (const [name, yTrue] of [
      ['categoricalCrossentropy', tf.tensor2d([0, 1, 0, 0, 1, 0, 1, 0, 0], [3, 3])],
      ['sparseCategoricalCrossentropy', tf.tensor1d([1, 1, 0])],
    ] as const) {
      const sparse = name === 'sparseCategoricalCrossentropy';
      const actual = lossAndGradient((y, p) => crossentropy(y, p, sparse), yTrue, yPred);
      const expected = lossAndGradient(stockLoss(name), yTrue, yPred);
      expect(distance(actual.losses, expected.losses)).toBeLessThan(2e-6);
      expect(distance(actual.gradient, expected.gradient)).toBeLessThan(2e-6);
    }
  });

  test('NaN stays NaN', () => {
    const yPred = tf.tensor2d([[NaN, 0.5]]);
    expect(crossentropy(tf.tensor2d([[0, 1]]), yPred, false).dataSync()[0]).toBeNaN();
    expect(crossentropy(tf.tensor1d([1]), yPred, true).dataSync()[0]).toBeNaN();
  });

  test.each([[3], [-1], [NaN]])('%d is no class of three', (label) => {
    const yPred = probabilities([2, 3], 7);
    expect(() => crossentropy(tf.tensor1d([0, label]), yPred, true)).toThrow(
      `sparseCategoricalCrossentropy: labels must be numbers from 0 to 2, one for each output, received ${label}. ` +
        'Count the classes from 0, or give the last layer as many units as there are classes.',
    );
  });
});
