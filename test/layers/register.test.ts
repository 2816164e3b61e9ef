import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../src/foundation/tensorflow.js';
import { layers, registerLayers } from '../../src/index.js';
import { expectClose, generator, inTidy, uniform, useBackend } from '../kernels/kernels.js';

type Makers = Pick<typeof layers, 'bidirectional' | 'dropout' | 'embedding' | 'lstm'>;
const STOCK = tfl.layers as unknown as Makers;

/** A model with each of the layers, under fixed names; inputs are 2 rows of 4 tokens. */
function modelOf(make: Makers): tfl.Sequential {
  const model = tfl.sequential({
    name: 'reader',
    layers: [
      make.embedding({ inputDim: 7, outputDim: 3, inputLength: 4, maskZero: true, name: 'words' }),
      make.dropout({ rate: 0.2, seed: 3, name: 'drop' }),
      make.bidirectional({
        layer: make.lstm({ units: 2, returnSequences: true, name: 'both' }),
        mergeMode: 'concat',
        name: 'around',
      }),
      make.lstm({ units: 3, recurrentActivation: 'sigmoid', goBackwards: true, name: 'last' }),
    ],
  });
  model.setWeights(model.getWeights().map(({ shape }, i) => uniform(shape, generator(i))));
  return model;
}

async function artifactsOf(model: tfl.LayersModel): Promise<tf.io.ModelArtifacts> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  return saved!;
}

const load = (artifacts: tf.io.ModelArtifacts) => tfl.loadLayersModel(tf.io.fromMemory(artifacts));

const predictions = (model: tfl.LayersModel) =>
  inTidy(() => {
    const tokens = tf.tensor2d(
      [
        [0, 1, 2, 6],
        [3, 3, 0, 0],
      ],
      [2, 4],
      'int32',
    );
    return (model.predict(tokens) as tf.Tensor).dataSync<'float32'>().slice();
  });

/** The stack with what is wrapped in it: which layers are ours? */
const kernelsOf = (model: tfl.LayersModel) =>
  model.layers.flatMap((layer) => {
    const { forwardLayer, backwardLayer } = layer as {
      forwardLayer?: object;
      backwardLayer?: object;
    };
    const all = forwardLayer ? [forwardLayer, backwardLayer] : [layer];
    return all.map((each) => (each as { kernel?: string }).kernel);
  });

describe('registerLayers', () => {
  beforeAll(() => useBackend('cpu'));

  it('is not needed to save or to load in stock TensorFlow.js: files are the same', async () => {
    const [ours, stock] = await Promise.all([
      artifactsOf(modelOf(layers)),
      artifactsOf(modelOf(STOCK)),
    ]);
    expect(ours.modelTopology).toEqual(stock.modelTopology);
    expect(ours.weightSpecs).toEqual(stock.weightSpecs);
    expect(ours.weightData).toEqual(stock.weightData);
    const loaded = await load(ours);
    expect(kernelsOf(loaded)).toEqual(Array(5).fill(undefined));
    expectClose('predictions', predictions(loaded), predictions(modelOf(layers)), 1e-6);
  });

  it('makes tf.loadLayersModel build our layers from a stock model, which predict the same', async () => {
    const stock = modelOf(STOCK);
    const artifacts = await artifactsOf(stock);
    registerLayers();
    registerLayers();
    const loaded = await load(artifacts);
    expect(kernelsOf(loaded)).toEqual(Array(5).fill('auto'));
    const tokens = tf.zeros([1, 4], 'int32');
    const { kernelNames } = await tf.profile(() => tf.tidy(() => void loaded.predict(tokens)));
    expect(kernelNames).toEqual(expect.arrayContaining(['RecurrentEmbedding', 'RecurrentLstm']));
    expectClose('predictions', predictions(loaded), predictions(stock), 1e-6);
    expect((await artifactsOf(loaded)).weightSpecs).toEqual(artifacts.weightSpecs);
    tokens.dispose();
  });

  it('still loads what our layers saved, with the same training', async () => {
    const model = modelOf(layers);
    const loaded = await load(await artifactsOf(model));
    const [x, y] = [
      tf.tensor2d([
        [1, 2, 3, 4],
        [5, 6, 0, 0],
      ]),
      tf.ones([2, 3]),
    ];
    const states = (which: tfl.LayersModel) =>
      which.layers.map((layer) => layer as unknown as { randomState?: number });
    for (const which of [model, loaded])
      which.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
    // A seed is part of the config, so dropout draws the same masks.
    expect(states(loaded)[1]!.randomState).toBe(states(model)[1]!.randomState);
    for (let step = 0; step < 3; step++) {
      expect(await loaded.trainOnBatch(x, y)).toBe(await model.trainOnBatch(x, y));
    }
    tf.dispose([x, y]);
  });
});
