import { layers as stock, regularizers, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { withSlopeOfAbs } from '../../../src/foundation/slope-of-abs.js';
import { tf } from '../../../src/foundation/tensorflow.js';
import { penaltyOf } from '../../../src/kernels/losses/penalty.js';
import { calculate } from '../../../src/layers/model/penalties.js';
import { BACKENDS, onThreads, useBackend } from '../kernels.js';

const SHAPES = [[1], [7], [3, 5], [300, 500]];
const PENALTIES = [
  { l1: 0.01, l2: 0 },
  { l1: 0, l2: 0.02 },
  { l1: 0.03, l2: 0.01 },
];
// Zeros among them, where |w| has a corner.
const weightsOf = (shape: number[]) => tf.relu(tf.randomNormal(shape, 0.3, 1, 'float32', 3));
const numberIn = (scalar: tf.Tensor) => scalar.dataSync()[0]!;

describe.each(BACKENDS)('penalties on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  describe.each(PENALTIES)('of %o', (penalty) => {
    test.each(SHAPES.map((shape) => [shape]))('are as by TensorFlow.js, %j', (shape) => {
      tf.tidy(() => {
        const weights = weightsOf(shape);
        const twin = (w: tf.Tensor) => regularizers.l1l2(penalty).apply(w as never) as tf.Scalar;
        const [found, wanted] = [numberIn(penaltyOf(weights, penalty)), numberIn(twin(weights))];
        // TensorFlow.js adds floats up on wasm, 150,000 of them to four digits.
        const digits = backend === 'wasm' && weights.size > 1000 ? 1e-4 : 1e-6;
        expect(Math.abs(found - wanted)).toBeLessThanOrEqual(digits * wanted);
        const gradient = tf.grad((w) => penaltyOf(w, penalty))(weights);
        const ofTwin = withSlopeOfAbs(() => tf.grad(twin)(weights));
        expect(gradient.shape).toEqual(shape);
        expect(gradient.dataSync()).toEqual(ofTwin.dataSync());
      });
    });
  });

  test('count as much as what comes back to them', () => {
    tf.tidy(() => {
      const w = tf.tensor1d([2, -3, 0]);
      const gradient = tf.grad((x) => tf.mul(penaltyOf(x, { l1: 1, l2: 0.5 }), 4))(w);
      expect([...gradient.dataSync()]).toEqual([12, -16, 0]);
    });
  });

  test('are what layers add to a loss; regularizers are as before afterwards', () => {
    const layer = stock.dense({
      ...{ units: 2, inputShape: [3], kernelInitializer: 'ones' },
      kernelRegularizer: regularizers.l2({ l2: 0.5 }),
    });
    const model = sequential({ layers: [layer] });
    const { apply } = Object.getPrototypeOf(regularizers.l1l2());
    expect(tf.tidy(() => calculate(layer.losses).map(numberIn))).toEqual([3]);
    expect(Object.getPrototypeOf(regularizers.l1l2()).apply).toBe(apply);
    model.dispose();
  });
});

test('the same bits come out on any number of threads', async () => {
  const [one, ...more] = await onThreads(() =>
    tf.tidy(() => numberIn(penaltyOf(weightsOf([300, 500]), { l1: 0.1, l2: 0.1 }))),
  );
  for (const found of more) expect(found).toEqual(one);
});
