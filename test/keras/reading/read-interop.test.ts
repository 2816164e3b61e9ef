import { beforeAll, describe, expect, it } from 'vitest';
import { tf, type tfl } from '../../../src/foundation/tensorflow.js';
import { loadKerasModel } from '../../../src/index.js';
import { AdamOptimizer } from '../../../src/layers/optimizers/adam.js';
import { GruLayer } from '../../../src/layers/recurrent/gru.js';
import { LstmLayer } from '../../../src/layers/recurrent/lstm.js';
import { useBackend } from '../../layers/golden.js';
import { bytesOf, recorded, textOf, type Variant, waysToLoad } from './read-files.js';

/** The largest difference to what Keras predicted. */
function difference(model: tfl.LayersModel, variant: Variant): number {
  const { inputs, predictions } = recorded(variant);
  return tf.tidy(() => {
    const received = model.predict(tf.tensor2d(inputs)) as tf.Tensor2D;
    expect(received.shape).toEqual([inputs.length, 1]);
    const expected = tf.tensor2d(predictions);
    return tf.max(tf.abs(tf.sub(received, expected))).dataSync()[0]!;
  });
}

describe.each(['cpu', 'wasm'] as const)(
  'on %s, loadKerasModel predicts as Keras within 1e-6:',
  (backend) => {
    beforeAll(() => useBackend(backend));

    for (const variant of ['lstm', 'bigru'] as const) {
      it.each(waysToLoad(variant))(`${variant}.%s`, async (_, open) => {
        const before = tf.memory().numTensors;
        const model = await loadKerasModel(open());
        expect(difference(model, variant)).toBeLessThan(1e-6);
        model.dispose();
        model.optimizer?.dispose();
        expect(tf.memory().numTensors).toBe(before);
      });
    }
  },
);

describe('a loaded model', () => {
  beforeAll(() => useBackend('cpu', false));

  it('has the layers of this library, under the names of Keras', async () => {
    const model = await loadKerasModel(bytesOf('bigru.keras'));
    const names = model.layers.map((layer) => [layer.name, layer.getClassName()]);
    expect(names).toEqual([
      ['embedding', 'Embedding'],
      ['dropout', 'Dropout'],
      ['bidirectional', 'Bidirectional'],
      ['gru', 'GRU'],
      ['dense', 'Dense'],
    ]);
    const [, , both, gru] = model.layers as unknown as [
      never,
      never,
      { forwardLayer: object },
      object,
    ];
    expect(both.forwardLayer).toBeInstanceOf(LstmLayer());
    expect(both.forwardLayer).toMatchObject({ name: 'forward_lstm' });
    expect(gru).toBeInstanceOf(GruLayer());
  });

  it('keeps its initializers for those who save it, though the weights need none', async () => {
    const model = await loadKerasModel(bytesOf('lstm.keras'));
    expect(model.layers[2]!.getConfig()).toMatchObject({
      unitForgetBias: true,
      kernelInitializer: { className: 'VarianceScaling', config: { mode: 'fanAvg' } },
      recurrentInitializer: { className: 'Orthogonal', config: { gain: 1 } },
      recurrentActivation: 'sigmoid',
    });
  });

  it.each(['lstm.model_legacy.h5'])('is compiled as %s says', async (name) => {
    const model = await loadKerasModel(bytesOf(name));
    expect(model.loss).toBe('binaryCrossentropy');
    expect(model.metrics).toEqual(['accuracy']);
    expect(model.optimizer).toBeInstanceOf(AdamOptimizer);
    expect(model.optimizer.getConfig()).toMatchObject({
      learningRate: 0.0010000000474974513,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7,
    });
  });

  it('takes the optimizer that Keras takes where the file names none', async () => {
    const model = await loadKerasModel(bytesOf('lstm.keras'));
    expect(model.loss).toBe('binaryCrossentropy');
    expect(model.optimizer.getClassName()).toBe('RMSProp');
  });

  it('is not compiled with compile: false, nor where nothing is said', async () => {
    const json = textOf('lstm.keras224_handwritten.json');
    const bare = await loadKerasModel({ json, weights: bytesOf('lstm.weights.h5') });
    const asked = await loadKerasModel(bytesOf('lstm.keras'), { compile: false });
    expect([bare.optimizer, asked.optimizer]).toEqual([undefined, undefined]);
  });

  it('trains on', async () => {
    const model = await loadKerasModel(bytesOf('lstm.model_legacy.h5'));
    const { inputs, predictions } = recorded('lstm');
    const x = tf.tensor2d(inputs);
    const y = tf.tensor2d(predictions.map(([p]) => [p! > 0.45 ? 1 : 0]));
    const history = await model.fit(x, y, { epochs: 30, batchSize: 5, verbose: 0 });
    const losses = history.history.loss as number[];
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
  });

  it('is saved and loaded by TensorFlow.js', async () => {
    const model = await loadKerasModel(bytesOf('bigru.keras'));
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save({
      save: async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
      },
    });
    const { loadLayersModel } = (await import('../../../src/foundation/tensorflow.js')).tfl;
    const again = await loadLayersModel(tf.io.fromMemory(saved!));
    expect(difference(again, 'bigru')).toBeLessThan(1e-6);
  });
});
