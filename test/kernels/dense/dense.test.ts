import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { type DenseInputs, dense, denseComposed } from '../../../src/kernels/dense/dense.js';
import { layers } from '../../../src/index.js';
import { BACKENDS, bytesInUse, expectClose, kernels, useBackend } from '../kernels.js';

/** Rows, inputs and units: ones, multiples of nothing, multiples of all, and wide. */
const SIZES = [
  [1, 1, 1],
  [3, 5, 7],
  [5, 4, 8],
  [2, 9, 1],
  [101, 33, 17],
  [6, 2, 300],
] as const;

describe.each(BACKENDS)('the fused dense product on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it.each(
    SIZES.flatMap((size) => [
      [...size, ''],
      [...size, ', then relu'],
    ]) as [number, number, number, string][],
  )('is its twin within 2e-6, gradients too: %i × %i → %i%s', (rows, inputs, units, relu) => {
    const bytes = bytesInUse();
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R2>([rows, inputs], 0, 1, 'float32', 1);
      const kernel = tf.randomNormal<tf.Rank.R2>([inputs, units], 0, 1, 'float32', 2);
      const bias = tf.randomNormal<tf.Rank.R1>([units], 0, 1, 'float32', 3);
      const weights = tf.randomNormal([rows, units], 0, 1, 'float32', 4);
      for (const given of [
        [x, kernel, bias],
        [x, kernel],
      ] as const) {
        const compute = (run: typeof dense, [x, kernel, bias]: readonly tf.Tensor[]) =>
          run({ x, kernel, ...(bias && { bias }) } as DenseInputs, relu !== '');
        const values = (run: typeof dense) => {
          const loss = (...args: tf.Tensor[]) => tf.sum(tf.mul(weights, compute(run, args)));
          const gradients = tf.grads(loss as (...args: tf.Tensor[]) => tf.Tensor)([...given]);
          return [compute(run, given), ...gradients].map((tensor) => tensor.dataSync<'float32'>());
        };
        const [fused, twin] = [values(dense), values(denseComposed)];
        expect(fused).toHaveLength(given.length + 1);
        const names = ['output', 'gradient of x', 'of the kernel', 'of the bias'];
        for (const [i, array] of twin.entries()) expectClose(names[i]!, fused[i]!, array, 2e-6);
      }
    });
    tf.zeros([1]).dispose();
    tf.tidy(() => dense({ x: tf.zeros([1, 1]), kernel: tf.zeros([1, 1]) }, false).dataSync());
    expect(bytesInUse()).toBe(bytes);
  });

  it('passes back the same on two threads, to the bit', () => {
    const gradients = (threads: number) => {
      kernels().setThreads(threads);
      return tf.tidy(() => {
        const x = tf.randomNormal<tf.Rank.R2>([90, 33], 0, 1, 'float32', 1);
        const kernel = tf.randomNormal<tf.Rank.R2>([33, 101], 0, 1, 'float32', 2);
        const bias = tf.randomNormal<tf.Rank.R1>([101], 0, 1, 'float32', 3);
        const loss = (...[x, kernel, bias]: tf.Tensor[]) =>
          tf.sum(tf.square(dense({ x, kernel, bias } as DenseInputs, true)));
        return tf
          .grads(loss)([x, kernel, bias])
          .map((tensor) => tensor.dataSync());
      });
    };
    const one = gradients(1);
    expect(gradients(2)).toEqual(one);
    kernels().setThreads('auto');
  });

  it.each([
    [6401, 37, 13, true],
    [1001, 40, 8, false],
    [257, 300, 101, true],
  ])(
    'shares %d rows of %d inputs and %d units among threads, to the bit',
    async (rows, inputs, units, relu) => {
      await useBackend('cpu');
      const product = (threads: number) => {
        kernels().setThreads(threads);
        return tf.tidy(() => {
          const x = tf.randomNormal<tf.Rank.R2>([rows, inputs], 0, 1, 'float32', 1);
          const kernel = tf.randomNormal<tf.Rank.R2>([inputs, units], 0, 1, 'float32', 2);
          const bias = tf.randomNormal<tf.Rank.R1>([units], 0, 1, 'float32', 3);
          return dense({ x, kernel, bias }, relu).dataSync();
        });
      };
      const one = product(1);
      for (const threads of [2, 3, 5]) expect(product(threads)).toEqual(one);
      kernels().setThreads('auto');
    },
  );

  it('keeps NaN, in relu and its gradient too', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([[Number.NaN, 1]]);
      const kernel = tf.tensor2d([[1], [2]]);
      expect([...dense({ x, kernel }, true).dataSync()]).toEqual([Number.NaN]);
      const gradient = tf.grad((w) => tf.sum(dense({ x, kernel: w as tf.Tensor2D }, true)))(kernel);
      expect([...gradient.dataSync()]).toEqual([Number.NaN, 1]);
    });
  });

  it('refuses a second derivative', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([[1, 2]]);
      const kernel = tf.tensor2d([[1], [2]]);
      const first = tf.grad((w) =>
        tf.sum(tf.square(dense({ x, kernel: w as tf.Tensor2D }, false))),
      );
      expect(() => tf.grad((w) => tf.sum(first(w)))(kernel)).toThrow(
        "dense: the fused kernel has first derivatives only. For second derivatives, build the layer with kernel: 'composed'.",
      );
    });
  });
});

describe('layers.dense', () => {
  it.each(BACKENDS)('is tf.layers.dense on %s, for any rank and activation', async (backend) => {
    await useBackend(backend);
    tf.tidy(() => {
      for (const shape of [
        [3, 5],
        [2, 4, 5],
      ]) {
        for (const activation of ['linear', 'relu', 'softmax'] as const) {
          const x = tf.randomNormal(shape, 0, 1, 'float32', 5);
          const [fused, composed] = (['fused', 'composed'] as const).map((kernel) =>
            layers.dense({ units: 3, activation, kernel }),
          );
          for (const layer of [fused!, composed!]) layer.build(shape);
          composed!.setWeights(fused!.getWeights());
          const [ours, theirs] = [fused!, composed!].map((layer) => layer.apply(x) as tf.Tensor);
          expect(ours!.shape).toEqual(theirs!.shape);
          expectClose(activation, ours!.dataSync<'float32'>(), theirs!.dataSync<'float32'>(), 2e-6);
        }
      }
    });
  });
});
