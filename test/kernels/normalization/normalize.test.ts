import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import {
  type NormalizeInputs,
  normalize,
  normalizeComposed,
} from '../../../src/kernels/normalization/normalize.js';
import type { NormalizeSettings } from '../../../src/kernels/normalization/normalize-forward.js';
import { BACKENDS, bytesInUse, useBackend } from '../kernels.js';

const normal = (shape: number[], seed: number, mean = 0) =>
  tf.randomNormal(shape, mean, 2, 'float32', seed);

function outputAndGradients(
  run: typeof normalize,
  inputs: NormalizeInputs,
  settings: NormalizeSettings,
): Float32Array[] {
  return tf.tidy(() => {
    const output = run(inputs, settings);
    const weights = normal(inputs.x.shape, 9);
    const names = Object.keys(inputs) as (keyof NormalizeInputs)[];
    const loss = (...tensors: tf.Tensor[]) => {
      const named = Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
      return tf.sum(tf.mul(run(named as unknown as NormalizeInputs, settings).y, weights));
    };
    const gradients = tf.grads(loss)(names.map((name) => inputs[name]!));
    return [output.y, output.mean, output.variance, ...gradients].map((tensor) =>
      tensor.dataSync<'float32'>(),
    );
  });
}

const SHAPES = [
  [3, 5],
  [2, 7, 4],
  [40, 9, 13],
  [1, 1, 6],
];

describe.each(BACKENDS)('normalize on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  const cases = (['rows', 'columns'] as const).flatMap((over) =>
    SHAPES.map((shape) => ({ over, shape })),
  );
  test.each(cases)('is its twin over $over of $shape, and its gradients', ({ over, shape }) => {
    const columns = shape.at(-1)!;
    const x = normal(shape, 1, 3);
    const gamma = normal([columns], 2) as tf.Tensor1D;
    const beta = normal([columns], 3) as tf.Tensor1D;
    const before = bytesInUse();
    for (const inputs of [{ x, gamma, beta }, { x, gamma }, { x, beta }, { x }]) {
      const settings = { over, epsilon: 1e-3 };
      const actual = outputAndGradients(normalize, inputs, settings);
      const expected = outputAndGradients(normalizeComposed, inputs, settings);
      expect(actual.length).toBe(expected.length);
      for (const [i, values] of actual.entries()) {
        const most = Math.max(1, ...expected[i]!.map(Math.abs));
        const off = values.map((value, at) => Math.abs(value - expected[i]![at]!) / most);
        expect(Math.max(...off), `${Object.keys(inputs)}: ${i}`).toBeLessThan(3e-6);
      }
    }
    expect(bytesInUse()).toBe(before);
  });

  test('a large mean takes nothing from the variance', () => {
    const x = tf.tensor2d([[10000, 10001, 10002, 10003]]);
    const { y, variance } = normalize({ x }, { over: 'rows', epsilon: 0 });
    expect(variance.dataSync()[0]).toBeCloseTo(1.25, 6);
    const expected = [-1.5, -0.5, 0.5, 1.5].map((value) => value / Math.sqrt(1.25));
    y.dataSync().forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
  });
});
