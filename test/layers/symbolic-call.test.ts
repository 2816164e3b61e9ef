/** Models with initial states are saved without a warning, and made again whole. */
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { tf, tfl } from '../../src/foundation/tensorflow.js';
import { layers, registerLayers } from '../../src/index.js';
import { expectClose, generator, unwatched, uniform, useBackend } from '../kernels/kernels.js';

beforeAll(async () => {
  await useBackend('cpu');
  registerLayers();
});
const warned = vi.spyOn(console, 'warn');
beforeEach(() => warned.mockReset().mockImplementation(() => undefined));

type Symbolic = tfl.SymbolicTensor;

const cases: [string, number, () => tfl.layers.Layer][] = [
  ['lstm', 2, () => layers.lstm({ units: 3, returnSequences: true })],
  ['gru', 1, () => layers.gru({ units: 3, resetAfter: true })],
  ['simpleRNN', 1, () => layers.simpleRNN({ units: 3 })],
  [
    'bidirectional',
    4,
    () => layers.bidirectional({ layer: layers.lstm({ units: 3 }), mergeMode: 'concat' }),
  ],
];

describe.each(cases)('%s', (_, count, make) => {
  it.each(['initialState', 'a list of inputs'])('is given its states as %s', async (how) => {
    const x = tfl.input({ shape: [4, 2] });
    const states = Array.from({ length: count }, () => tfl.input({ shape: [3] }));
    const options = { training: true }; // what else a call is given stays
    const output =
      how === 'initialState'
        ? make().apply(x, { initialState: states, ...options })
        : make().apply([x, ...states], options);
    const model = tfl.model({ inputs: [x, ...states], outputs: output as Symbolic });
    const json = model.toJSON() as string;
    expect(warned).not.toHaveBeenCalled();
    expect(json).toContain('training');

    const random = generator(3);
    const inputs = [uniform([2, 4, 2], random), ...states.map(() => uniform([2, 3], random))];
    const again = await tfl.models.modelFromJSON({ modelTopology: JSON.parse(json) });
    again.setWeights(model.getWeights());
    const predict = (of: tfl.LayersModel) => (of.predict(inputs) as tf.Tensor).dataSync();
    expectClose('of the model made again', predict(again), predict(model), 0);
    const [first, ...others] = inputs;
    const without = [first!, ...others.map((state) => tf.zerosLike(state))];
    expect(predict(model)).not.toEqual((model.predict(without) as tf.Tensor).dataSync());
  });
});

it('an encoder and a decoder are saved, and train after they were', async () => {
  const [source, target] = [tfl.input({ shape: [5, 2] }), tfl.input({ shape: [4, 2] })];
  const [, h, c] = layers.lstm({ units: 3, returnState: true }).apply(source) as Symbolic[];
  const decoded = layers
    .lstm({ units: 3, returnSequences: true })
    .apply(target, { initialState: [h!, c!] }) as Symbolic;
  const model = tfl.model({ inputs: [source, target], outputs: decoded });
  let saved: tf.io.ModelArtifacts | undefined;
  const handler: tf.io.IOHandler = {
    save: async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    },
    load: async () => saved!,
  };
  await model.save(handler);
  expect(warned).not.toHaveBeenCalled();
  const loaded = await tfl.loadLayersModel(handler);
  const random = generator(4);
  const inputs = [uniform([2, 5, 2], random), uniform([2, 4, 2], random)];
  const labels = uniform([2, 4, 3], random);
  const weights: Float32Array[][] = [];
  for (const each of [model, loaded]) {
    each.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
    await unwatched(() => each.trainOnBatch(inputs, labels));
    weights.push(each.getWeights().map((weight) => weight.dataSync<'float32'>()));
  }
  weights[0]!.forEach((weight, i) => {
    expectClose(`weight ${i}`, weights[1]![i]!, weight, 0);
  });
});
