import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers, registerLayers } from '../../../src/index.js';
import { GruLayer, type GruLayerArgs } from '../../../src/layers/recurrent/gru.js';
import { expectClose, generator, inTidy, uniform, useBackend } from '../../kernels/kernels.js';

beforeAll(async () => {
  await useBackend('cpu');
  registerLayers(); // TensorFlow.js would make its own GRU of a saved one, which refuses resetAfter
});

type Gru = tfl.RNN & { states: tf.Tensor[]; randomState: number };
const make = (args: Partial<GruLayerArgs> = {}) => layers.gru({ units: 3, ...args }) as Gru;
const values = (output: unknown) => (output as tf.Tensor).dataSync<'float32'>();
const EITHER = [false, true];

describe('layers.gru', () => {
  it('is the stock layer within 1e-6, weights, names and settings too', () => {
    inTidy(() => {
      const args = { units: 3, returnSequences: true, name: 'reader' };
      const [ours, stock] = [layers.gru(args), tfl.layers.gru(args)];
      const x = uniform([2, 4, 5], generator(1));
      ours.apply(x);
      stock.apply(x);
      const weights = ours.getWeights().map(({ shape }, i) => uniform(shape, generator(i)));
      ours.setWeights(weights);
      stock.setWeights(weights);
      expectClose('output', values(ours.apply(x)), values(stock.apply(x)), 1e-6);
      expect(ours.getConfig()).toEqual(stock.getConfig());
      const names = (layer: tfl.layers.Layer) => layer.weights.map((w) => w.originalName);
      expect(names(ours)).toEqual(names(stock));
    });
  });

  it.each(EITHER)('begins where initialState says, resetAfter: %s', (resetAfter) => {
    inTidy(() => {
      const layer = make({ resetAfter, returnState: true });
      const x = uniform<tf.Rank.R3>([2, 4, 5], generator(1));
      const [whole] = layer.apply(x) as tf.Tensor[];
      const [, state] = layer.apply(tf.slice(x, [0, 0, 0], [2, 2, 5])) as tf.Tensor[];
      const [rest] = layer.apply(tf.slice(x, [0, 2, 0], [2, 2, 5]), {
        initialState: [state!],
      }) as tf.Tensor[];
      expectClose('output', values(rest), values(whole), 1e-6);
    });
  });

  it.each(EITHER)('with stateful goes on where it stood, resetAfter: %s', (resetAfter) => {
    const before = tf.memory().numTensors;
    const stateful = make({ resetAfter, stateful: true, batchInputShape: [2, 2, 5] });
    const whole = make({ resetAfter });
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

  it('drops inputs and states while training, and only then, the same by both kernels', () => {
    inTidy(() => {
      const x = tf.ones([2, 4, 5]);
      for (const args of [{ dropout: 0.5 }, { recurrentDropout: 0.5 }]) {
        const [layer, other] = (['fused', 'composed'] as const).map((kernel) =>
          make({ ...args, kernel }),
        ) as [Gru, Gru];
        const calm = values(layer.apply(x));
        expect(values(layer.apply(x))).toEqual(calm);
        other.apply(x);
        other.setWeights(layer.getWeights());
        other.randomState = layer.randomState;
        const dropped = values(layer.apply(x, { training: true }));
        expect(dropped).not.toEqual(calm);
        expectClose('output', values(other.apply(x, { training: true })), dropped, 1e-6);
      }
    });
  });

  it.each(EITHER)('keeps resetAfter inside Bidirectional: %s', (resetAfter) => {
    const both = layers.bidirectional({
      layer: make({ resetAfter, name: 'reader' }),
      mergeMode: 'concat',
    }) as tfl.layers.Layer & Record<'forwardLayer' | 'backwardLayer', tfl.layers.Layer>;
    expect(both.forwardLayer).toBeInstanceOf(GruLayer());
    expect(both.forwardLayer).toMatchObject({ resetAfter, name: 'forward_reader' });
    expect(both.backwardLayer).toMatchObject({ resetAfter, name: 'backward_reader' });
    expect(both.backwardLayer).toMatchObject({ goBackwards: true });
    expect(inTidy(() => (both.apply(tf.ones([2, 4, 5])) as tf.Tensor).shape)).toEqual([2, 6]);
    expect(both.getConfig()).toMatchObject({ layer: { config: { resetAfter, name: 'reader' } } });
    both.dispose();
  });

  it('keeps resetAfter in a saved model, alone and in both directions', async () => {
    const layer = () => make({ resetAfter: true, returnSequences: true });
    const model = tfl.sequential({
      layers: [
        layers.bidirectional({ layer: layer(), mergeMode: 'concat', inputShape: [4, 5] } as never),
        layer(),
      ],
    });
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save({
      save: async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
      },
    });
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory(saved!));
    inTidy(() => {
      const x = uniform([2, 4, 5], generator(1));
      expect(values(loaded.predict(x))).toEqual(values(model.predict(x)));
    });
    model.dispose();
    loaded.dispose();
  });

  it("says why there can be no kernel: 'fused'", () => {
    const reasons = [
      [{ activation: 'relu' }, "activation is 'relu'"],
      [{ recurrentActivation: 'relu' }, "recurrentActivation is 'relu'"],
    ] as const;
    for (const [args, reason] of reasons) {
      expect(() =>
        inTidy(() => make({ ...args, kernel: 'fused' }).apply(tf.ones([1, 2, 3]))),
      ).toThrow(
        `layers.gru: kernel: 'fused' was asked for, but ${reason}. ` +
          "With kernel: 'auto' the layer falls back to TensorFlow.js operations.",
      );
    }
  });

  it('refuses settings it does not know', () => {
    expect(() => make({ kernel: 'fast' as never })).toThrow(
      "layers.gru: kernel must be 'auto', 'fused' or 'composed', received \"fast\". Leave it out for 'auto'.",
    );
    expect(() => make({ resetAfter: 1 as never })).toThrow(
      'layers.gru: resetAfter must be true or false, received 1. Leave it out for false, as in TensorFlow.js.',
    );
  });
});
