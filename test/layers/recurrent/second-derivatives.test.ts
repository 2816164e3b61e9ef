/**
 * The remedy that the fused kernels name for second derivatives, `kernel: 'composed'`, gives the
 * right ones for every activation; with TensorFlow.js alone, most are wrong or fail.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { tf, type tfl } from '../../../src/foundation/tensorflow.js';
import { layers } from '../../../src/index.js';
import { generator, inTidy, uniform, useBackend } from '../../kernels/kernels.js';

beforeAll(() => useBackend('cpu'));

type Layer = tfl.layers.Layer;
type Kernel = 'auto' | 'composed';
type Activation = NonNullable<Parameters<typeof layers.dense>[0]['activation']>;

const GATES: Activation[] = ['sigmoid', 'hardSigmoid', 'tanh', 'softsign', 'softplus', 'elu'];
const ANY: string[] = [
  ...GATES,
  ...['gelu', 'gelu_new', 'linear', 'mish', 'relu', 'relu6', 'selu', 'softmax', 'swish'],
];

const SEQUENCE = [2, 3, 2];
const cases = [
  ...[...ANY, 'logSoftmax']
    .filter((name) => name !== 'linear')
    .map((name) => {
      const activation = name as Activation;
      const make = (kernel: Kernel) => layers.dense({ units: 4, activation, kernel });
      return [`dense, activation: ${name}`, [3, 5], make] as const;
    }),
  ...ANY.map((name) => {
    const activation = name as Activation;
    const make = (kernel: Kernel): Layer => layers.lstm({ units: 3, activation, kernel });
    return [`lstm, activation: ${name}`, SEQUENCE, make] as const;
  }),
  ...GATES.flatMap((recurrentActivation) =>
    (['lstm', 'gru'] as const).map((name) => {
      const make = (kernel: Kernel): Layer =>
        layers[name]({ units: 3, recurrentActivation, kernel });
      return [`${name}, recurrentActivation: ${recurrentActivation}`, SEQUENCE, make] as const;
    }),
  ),
  [
    'bidirectional',
    SEQUENCE,
    (kernel: Kernel): Layer =>
      layers.bidirectional({ layer: layers.lstm({ units: 3, kernel, returnSequences: true }) }),
  ] as const,
];

/** The square of the gradient of a layer: something whose gradient is a second derivative. */
function squaredGradient(layer: Layer, upstream: tf.Tensor): (x: tf.Tensor) => tf.Scalar {
  const weighted = (x: tf.Tensor) => tf.sum(tf.mul(layer.apply(x) as tf.Tensor, upstream));
  return (x) => tf.sum(tf.square(tf.grad(weighted)(x)));
}

const STEP = 0.01;

it.each(cases)(
  'second derivatives are finite differences of the first: %s',
  (name, shape, make) => {
    inTidy(() => {
      const random = generator(4);
      const [composed, auto] = [make('composed'), make('auto')];
      const x = uniform([...shape], random);
      const output = composed.apply(x) as tf.Tensor;
      auto.apply(x);
      const weights = composed.getWeights().map((weight) => uniform(weight.shape, random));
      composed.setWeights(weights);
      auto.setWeights(weights);
      const upstream = uniform(output.shape, random);

      const second = tf.grad(squaredGradient(composed, upstream))(x);
      const analytic = tf.norm(second).dataSync()[0]!;
      const direction = tf.div(second, Math.max(analytic, 1e-12));
      const first = squaredGradient(auto, upstream);
      const at = (distance: number) =>
        first(tf.add(x, tf.mul(direction, distance * STEP))).dataSync()[0]!;
      const numeric = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP);

      // A layer of pieces that are straight has none.
      const straight = /dense.*(relu|relu6|hardSigmoid)$/.test(name);
      if (straight) expect(analytic).toBe(0);
      else expect(analytic).toBeGreaterThan(0);
      const error = Math.abs(numeric - analytic) / Math.max(analytic, at(0));
      expect(error, `${analytic}, and ${numeric} by finite differences`).toBeLessThan(5e-3);
    });
  },
);

describe('the losses that the errors of the fused ones name', () => {
  const labels = [[0, 1, 0]];
  const x = [[0.3, -0.2, 0.5]];

  it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['tf.losses.sigmoidCrossEntropy', (logits) => tf.losses.sigmoidCrossEntropy(labels, logits)],
    ['tf.losses.meanSquaredError', (v) => tf.losses.meanSquaredError(labels, tf.tanh(v))],
    ['tf.losses.absoluteDifference', (v) => tf.losses.absoluteDifference(labels, tf.tanh(v))],
    ['tf.log', (v) => tf.neg(tf.sum(tf.mul(labels, tf.log(tf.softmax(v))), -1))],
  ])('have second derivatives: %s', (_, loss) => {
    inTidy(() => {
      const first = (v: tf.Tensor) => tf.sum(tf.square(tf.grad((w) => tf.sum(loss(w)))(v)));
      const second = tf.grad(first)(tf.tensor(x));
      const [values] = second.arraySync() as [number[]];
      values.forEach((value, i) => {
        const at = (distance: number) =>
          first(
            tf.tensor([x[0]!.map((each, k) => (k === i ? each + distance : each))]),
          ).dataSync()[0]!;
        const numeric = (8 * (at(STEP) - at(-STEP)) - (at(2 * STEP) - at(-2 * STEP))) / (12 * STEP);
        expect(value).not.toBe(0);
        expect(Math.abs(value - numeric)).toBeLessThan(1e-3);
      });
    });
  });
});

it('first derivatives of the operations that were mended are those of before, to the bit', () => {
  inTidy(() => {
    const x = uniform([2, 3], generator(8), 3);
    const y = tf.sigmoid(x);
    const dx = tf.grad((v) => tf.sum(tf.sigmoid(v)))(x);
    expect(dx.dataSync()).toEqual(tf.mul(y, tf.sub(tf.scalar(1), y)).dataSync());
    const dTanh = tf.grad((v) => tf.sum(tf.tanh(v)))(x);
    expect(dTanh.dataSync()).toEqual(tf.sub(tf.scalar(1), tf.square(tf.tanh(x))).dataSync());
  });
});
