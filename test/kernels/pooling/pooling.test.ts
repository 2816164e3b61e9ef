import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import {
  type GlobalPoolInputs,
  globalPool,
  globalPoolComposed,
} from '../../../src/kernels/pooling/global-pool.js';
import { pool1d } from '../../../src/kernels/pooling/pool1d.js';
import type { Pool1dSettings } from '../../../src/kernels/pooling/pool1d-forward.js';
import { BACKENDS, bytesInUse, useBackend } from '../kernels.js';

// Halves, so that some values are equal and sums are exact.
const halves = (shape: number[], seed: number) =>
  tf.div(tf.round(tf.randomNormal(shape, 0, 3, 'float32', seed)), 2);

/** tf.pool takes images: one that is a column high. */
function twin(x: tf.Tensor3D, { mode, size, strides, padding }: Pool1dSettings): tf.Tensor3D {
  const image = tf.expandDims(x, 2) as tf.Tensor4D;
  const pool = mode === 'max' ? tf.maxPool : tf.avgPool;
  return tf.squeeze(pool(image, [size, 1], [strides, 1], padding), [2]);
}

function both(run: (x: tf.Tensor3D) => tf.Tensor, x: tf.Tensor3D): Float32Array[] {
  return tf.tidy(() => {
    const y = run(x);
    const dy = halves(y.shape, 7);
    const dx = tf.grad((z) => run(z as tf.Tensor3D))(x, dy);
    return [y.dataSync<'float32'>(), tf.add(dx, 0).dataSync<'float32'>()];
  });
}

describe('pool1d', () => {
  // TensorFlow.js has no gradient of these on wasm.
  beforeAll(() => useBackend('cpu'));

  const cases = (['max', 'average'] as const).flatMap((mode) =>
    (['valid', 'same'] as const).flatMap((padding) =>
      [
        [2, 2],
        [3, 1],
        [4, 3],
      ].map(([size, strides]) => ({ mode, padding, size: size!, strides: strides! })),
    ),
  );
  test.each(cases)(
    'is that of TensorFlow.js: $mode of $size steps, strides $strides, $padding',
    (settings) => {
      for (const shape of [
        [2, 9, 3],
        [3, 4, 1],
        [5, 12, 8],
      ]) {
        const x = halves(shape, 1) as tf.Tensor3D;
        const before = bytesInUse();
        const actual = both((z) => pool1d(z, settings), x);
        const expected = both((z) => twin(z, settings), x);
        expect(bytesInUse()).toBe(before);
        if (settings.mode === 'max') expect(actual).toEqual(expected);
        else {
          const [y, dx] = actual as [Float32Array, Float32Array];
          y.forEach((value, at) => {
            expect(value).toBeCloseTo(expected[0]![at]!, 6);
          });
          // TensorFlow.js divides by the whole window on the way back, also where it sticks out. Means
          // are linear: dy·y = dx·x.
          const dy = halves(pool1d(x, settings).shape, 7).dataSync();
          const dot = (u: Float32Array, v: ArrayLike<number>) =>
            u.reduce((sum, value, i) => sum + value * v[i]!, 0);
          expect(dot(y, dy)).toBeCloseTo(dot(dx, x.dataSync()), 4);
          if (settings.padding === 'valid') {
            dx.forEach((value, at) => {
              expect(value).toBeCloseTo(expected[1]![at]!, 6);
            });
          }
        }
      }
    },
  );
});

describe.each(BACKENDS)('globalPool on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(['max', 'average'] as const)('%s is its twin, with a mask and without', (mode) => {
    const x = halves([3, 7, 5], 1) as tf.Tensor3D;
    const mask = tf.tensor2d(
      [0, 0, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1],
      [3, 7],
    );
    const inputs: Omit<GlobalPoolInputs, 'x'>[] = [{}, { mask }, { mask: tf.cast(mask, 'bool') }];
    for (const others of inputs) {
      const actual = both((z) => globalPool({ x: z, ...others }, mode), x);
      const expected = both((z) => globalPoolComposed({ x: z, ...others }, mode), x);
      actual.forEach((values, i) => {
        values.forEach((value, at) => {
          expect(value).toBeCloseTo(expected[i]![at]!, 5);
        });
      });
    }
  });

  test.each(['max', 'average'] as const)('%s of no step is NaN', (mode) => {
    const x = tf.ones([2, 3, 1]) as tf.Tensor3D;
    const mask = tf.tensor2d([0, 0, 0, 1, 1, 0], [2, 3]);
    for (const run of [globalPool, globalPoolComposed]) {
      expect([...run({ x, mask }, mode).dataSync()]).toEqual([Number.NaN, 1]);
    }
  });
});
