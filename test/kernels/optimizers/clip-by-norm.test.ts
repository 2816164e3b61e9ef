import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { clipByNorm } from '../../../src/kernels/optimizers/clip-by-norm.js';
import { clipByNormComposed } from '../../../src/kernels/optimizers/clip-by-norm-composed.js';
import { BACKENDS, onThreads, useBackend } from '../kernels.js';

const SHAPES = [[3, 5], [7], [1], [2, 3, 4], [300, 500]];
const gradients = () =>
  SHAPES.map((shape, i) => tf.randomNormal(shape, 0, 1, 'float32', i + 1) as tf.Tensor);
const values = (tensors: readonly tf.Tensor[]) => tensors.map((tensor) => [...tensor.dataSync()]);
const norm = (numbers: readonly number[]) =>
  Math.sqrt(numbers.reduce((sum, value) => sum + value * value, 0));

describe.each(BACKENDS)('clipping by norm on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  describe.each(['each', 'all'] as const)('of %s', (normOf) => {
    // The sums of TensorFlow.js on wasm are of floats, those of 150,000 values good to five digits.
    describe.each([
      { name: 'the kernel', clip: clipByNorm, error: 2e-7 },
      { name: 'the twin', clip: clipByNormComposed, error: 2e-5 },
    ])('$name', ({ clip, error }) => {
      test.each([1e-3, 2, 1e6])('is as by the book, for %f', (most) => {
        tf.tidy(() => {
          const given = values(gradients());
          const found = clip(gradients(), most, normOf);
          expect(found.map(({ shape }) => shape)).toEqual(SHAPES);
          values(found).forEach((one, i) => {
            const counted = normOf === 'each' ? given[i]! : given.flat();
            const scale = most / Math.max(norm(counted), most);
            const errors = one.map((value, at) => {
              const wanted = scale * given[i]![at]!;
              return Math.abs(value - wanted) / Math.abs(wanted);
            });
            expect(errors.reduce((a, b) => Math.max(a, b))).toBeLessThanOrEqual(error);
          });
        });
      });
    });

    test('leaves gradients within the norm as they are, to the bit', () => {
      tf.tidy(() => {
        const given = gradients();
        expect(values(clipByNorm(given, 1e6, normOf))).toEqual(values(given));
      });
    });

    test('of a norm that is no number gives none', () => {
      tf.tidy(() => {
        const [first, second] = clipByNorm([tf.tensor1d([Number.NaN, 1]), tf.ones([2])], 1, normOf);
        expect([...first!.dataSync()]).toEqual([Number.NaN, Number.NaN]);
        const isNumber = normOf === 'each';
        expect([...second!.dataSync()].every((value) => Number.isNaN(value) !== isNumber)).toBe(
          true,
        );
      });
    });
  });

  test('gives each gradient, or all of them together, the norm that is asked for', () => {
    tf.tidy(() => {
      const small = gradients().slice(0, 4);
      for (const one of values(clipByNorm(small.slice(1, 2), 0.5, 'each'))) {
        expect(norm(one)).toBeCloseTo(0.5, 6);
      }
      expect(norm(values(clipByNorm(small, 0.5, 'all')).flat())).toBeCloseTo(0.5, 6);
    });
  });
});

test('the same bits come out on any number of threads', async () => {
  const [one, ...more] = await onThreads(() =>
    tf.tidy(() => values(clipByNorm(gradients(), 2, 'all'))),
  );
  for (const found of more) expect(found).toEqual(one);
});
