/**
 * Sequences of one step in the wrappers of TensorFlow.js, which unstack their steps: the gradient
 * of TensorFlow.js for that fails for a single one.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers } from '../../../src/index.js';
import { expectClose, generator, unwatched, uniform, useBackend } from '../../kernels/kernels.js';

type Layer = tfl.layers.Layer;

/** What is wrapped, and what one step of its input is. */
const wrapped: [name: string, make: () => Layer, step: number[]][] = [
  ['dense', () => layers.dense({ units: 2, activation: 'sigmoid' }), [3]],
  ['dropout', () => layers.dropout({ rate: 0 }), [3]],
  ['lstm', () => layers.lstm({ units: 2 }), [4, 3]],
  ['gru', () => layers.gru({ units: 2, resetAfter: true }), [4, 3]],
  ['bidirectional', () => layers.bidirectional({ layer: layers.lstm({ units: 2 }) }), [4, 3]],
];

/** All weights after steps of gradient descent behind a dense layer, through which a gradient flows. */
async function trained(top: Layer, shape: number[], weights: tf.Tensor[]): Promise<tf.Tensor[]> {
  const first = layers.dense({ units: shape.at(-1)!, inputShape: shape.slice(1) });
  const model = tfl.sequential({ layers: [first, top] });
  model.setWeights(weights);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const random = generator(5);
  const x = uniform(shape, random);
  const y = uniform([shape[0]!, ...(top.outputShape as tfl.Shape).slice(1)] as number[], random);
  await unwatched(async () => {
    for (let step = 0; step < 3; step++) await model.trainOnBatch(x, y);
  });
  const after = model.getWeights();
  expect(after[0]!.dataSync()).not.toEqual(weights[0]!.dataSync());
  return after;
}

/** Random weights for the dense layer and `top`. */
function randomWeights(top: Layer, shape: number[]): tf.Tensor[] {
  const model = tfl.sequential({
    layers: [layers.dense({ units: shape.at(-1)!, inputShape: shape.slice(1) }), top],
  });
  const random = generator(9);
  return model.getWeights().map((weight) => uniform(weight.shape, random));
}

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it.each(wrapped)(
    'tf.layers.timeDistributed around our %s is that layer, for one step',
    async (_name, make, step) => {
      const batch = 4;
      const weights = randomWeights(make(), [batch, ...step]);
      const alone = await trained(make(), [batch, ...step], weights);
      const around = tfl.layers.timeDistributed({ layer: make() });
      const distributed = await trained(around, [batch, 1, ...step], weights);
      expect(distributed.length).toBe(alone.length);
      distributed.forEach((weight, i) => {
        expectClose(`weight ${i}`, weight.dataSync(), alone[i]!.dataSync(), 1e-6);
      });
    },
  );

  it.each(['lstm', 'gru'] as const)(
    'tf.layers.bidirectional around our %s is ours, for one step',
    async (cell) => {
      const make = () => layers[cell]({ units: 2, returnSequences: true }) as tfl.RNN;
      const shape = [4, 1, 3];
      const ours = () => layers.bidirectional({ layer: make() as never });
      const weights = randomWeights(ours(), shape);
      const expected = await trained(ours(), shape, weights);
      const stock = tfl.layers.bidirectional({ layer: make() as never, mergeMode: 'concat' });
      const received = await trained(stock, shape, weights);
      received.forEach((weight, i) => {
        expectClose(`weight ${i}`, weight.dataSync(), expected[i]!.dataSync(), 1e-6);
      });
    },
  );

  it('layers of TensorFlow.js that unstack their steps train behind ours, for one step', async () => {
    const make = () => tfl.layers.simpleRNN({ units: 2 });
    const weights = randomWeights(make(), [4, 1, 3]);
    const simple = await trained(make(), [4, 1, 3], weights);
    // From a state of zeros, one step of it is a dense layer.
    const [kernel, bias] = [weights.at(-3)!, weights.at(-1)!];
    const twin = () => layers.dense({ units: 2, activation: 'tanh' });
    const dense = await trained(twin(), [4, 3], [...weights.slice(0, 2), kernel, bias]);
    [0, 1, 2, 4].forEach((at, i) => {
      expectClose(`weight ${at}`, simple[at]!.dataSync(), dense[i]!.dataSync(), 1e-6);
    });
  });

  it('tf.unstack and tf.split have gradients for one output', () => {
    const x = uniform([1, 3], generator(2));
    for (const only of [tf.unstack, (v: tf.Tensor) => tf.split(v, 1)]) {
      const dx = tf.grad((v) => tf.sum(tf.square(only(v)[0]!)))(x);
      expectClose('the gradient', dx.dataSync(), tf.mul(2, x).dataSync(), 1e-6);
    }
  });
});
