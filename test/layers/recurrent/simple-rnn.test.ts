import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers, registerLayers } from '../../../src/index.js';
import type { SimpleRnnLayerArgs } from '../../../src/index.js';
import { SimpleRnnLayer } from '../../../src/layers/recurrent/simple-rnn.js';
import { expectClose, generator, inTidy, uniform, useBackend } from '../../kernels/kernels.js';

beforeAll(() => useBackend('cpu'));

type SimpleRnn = tfl.RNN & { states: tf.Tensor[] };
const make = (args: Partial<SimpleRnnLayerArgs> = {}) =>
  layers.simpleRNN({ units: 3, ...args }) as SimpleRnn;
const values = (output: unknown) => (output as tf.Tensor).dataSync<'float32'>();

/** Ours and the stock layer, with the same random weights. */
function both(args: Partial<SimpleRnnLayerArgs>, x: tf.Tensor) {
  const stock = tfl.layers.simpleRNN({ units: 3, ...args });
  const ours = make(args);
  stock.apply(x);
  ours.apply(x);
  const weights = ours.getWeights().map(({ shape }, i) => uniform(shape, generator(i)));
  ours.setWeights(weights);
  stock.setWeights(weights);
  return [ours, stock] as const;
}

describe('layers.simpleRNN', () => {
  it.each(['tanh', 'relu', 'linear', 'sigmoid'] as const)(
    'is the stock layer within 1e-6, weights, names and settings too, with %s',
    (activation) => {
      inTidy(() => {
        const x = uniform([2, 4, 5], generator(1));
        const [ours, stock] = both({ activation, returnSequences: true, name: 'reader' }, x);
        expectClose('output', values(ours.apply(x)), values(stock.apply(x)), 1e-6);
        expect(ours.getConfig()).toEqual(stock.getConfig());
        const names = (layer: tfl.layers.Layer) => layer.weights.map((w) => w.originalName);
        expect(names(ours)).toEqual(names(stock));
      });
    },
  );

  it('begins where initialState says', () => {
    inTidy(() => {
      const layer = make({ returnState: true });
      const x = uniform<tf.Rank.R3>([2, 4, 5], generator(1));
      const [whole] = layer.apply(x) as tf.Tensor[];
      const [, state] = layer.apply(tf.slice(x, [0, 0, 0], [2, 2, 5])) as tf.Tensor[];
      const rest = tf.slice(x, [0, 2, 0], [2, 2, 5]);
      const [last] = layer.apply(rest, { initialState: [state!] }) as tf.Tensor[];
      expectClose('output', values(last), values(whole), 1e-6);
    });
  });

  it('with stateful goes on where it stood', () => {
    const before = tf.memory().numTensors;
    const stateful = make({ stateful: true, batchInputShape: [2, 2, 5] });
    const whole = make();
    inTidy(() => {
      const x = uniform<tf.Rank.R3>([2, 4, 5], generator(1));
      const expected = values(whole.apply(x));
      const halves = [tf.slice(x, [0, 0, 0], [2, 2, 5]), tf.slice(x, [0, 2, 0], [2, 2, 5])];
      stateful.apply(halves[0]!);
      stateful.setWeights(whole.getWeights());
      stateful.resetStates();
      const [, second] = halves.map((half) => values(stateful.apply(half)));
      expectClose('second half', second!, expected, 1e-6);
    });
    stateful.dispose();
    whole.dispose();
    tf.dispose(stateful.states);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is ours on both sides of a Bidirectional', () => {
    const around = layers.bidirectional({
      layer: make({ name: 'reader', kernel: 'fused' }),
      mergeMode: 'concat',
    }) as tfl.layers.Layer & Record<'forwardLayer' | 'backwardLayer', tfl.layers.Layer>;
    expect(around.forwardLayer).toBeInstanceOf(SimpleRnnLayer());
    expect(around.forwardLayer).toMatchObject({ name: 'forward_reader', kernel: 'fused' });
    expect(around.backwardLayer).toMatchObject({ goBackwards: true, kernel: 'fused' });
    expect(inTidy(() => (around.apply(tf.ones([2, 4, 5])) as tf.Tensor).shape)).toEqual([2, 6]);
    around.dispose();
  });

  it('is built by tf.loadLayersModel after registerLayers, and predicts what was saved', async () => {
    const stock = tfl.sequential({
      layers: [tfl.layers.simpleRNN({ units: 3, inputShape: [4, 5] })],
    });
    let saved: tf.io.ModelArtifacts | undefined;
    await stock.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
      }),
    );
    registerLayers();
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory(saved!));
    expect(loaded.layers[0]).toBeInstanceOf(SimpleRnnLayer());
    inTidy(() => {
      const x = uniform([2, 4, 5], generator(1));
      expectClose('output', values(loaded.predict(x)), values(stock.predict(x)), 1e-6);
    });
    stock.dispose();
    loaded.dispose();
  });

  it('refuses a kernel that it does not know, and says why there can be no fused one', () => {
    expect(() => make({ kernel: 'fast' as never })).toThrow(
      "layers.simpleRNN: kernel must be 'auto', 'fused' or 'composed', received \"fast\". Leave it out for 'auto'.",
    );
    const layer = make({ activation: 'elu', kernel: 'fused' });
    expect(() => inTidy(() => layer.apply(tf.ones([1, 2, 3])))).toThrow(
      "layers.simpleRNN: kernel: 'fused' was asked for, but activation is 'elu'. " +
        "With kernel: 'auto' the layer falls back to TensorFlow.js operations.",
    );
  });
});
