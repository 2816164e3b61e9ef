/** Models with initial states are saved without a warning, and made again whole. */
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { tf, tfl } from '../../src/foundation/tensorflow.js';
import { layers, registerLayers, saveKerasModel } from '../../src/index.js';
import { expectClose, generator, unwatched, uniform, useBackend } from '../kernels/kernels.js';
import { inMemory } from '../in-memory.js';

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
  const { handler } = inMemory();
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

/** A recurrent layer of tf.layers, with states. */
function stockDecoder(): { model: tfl.LayersModel; decoder: tfl.layers.Layer } {
  const [x, h, c] = [[4, 2], [3], [3]].map((shape) => tfl.input({ shape }));
  const decoder = tfl.layers.lstm({ units: 3 });
  const output = decoder.apply(x!, { initialState: [h!, c!], training: true });
  return {
    model: tfl.model({ inputs: [x!, h!, c!], outputs: output as Symbolic }),
    decoder,
  };
}

describe('a layer of tf.layers with states', () => {
  it('is saved by saveKerasModel without a warning, and remembers its call', async () => {
    const { model, decoder } = stockDecoder();
    const remembered = () =>
      (decoder as unknown as { inboundNodes: { callArgs: object }[] }).inboundNodes[0]!.callArgs;
    const before = remembered();
    await saveKerasModel(model);
    expect(warned).not.toHaveBeenCalled();
    expect(remembered()).toBe(before);
    expect(Object.keys(before)).toEqual(['initialState', 'training']);
  });

  it('is saved without a warning as a part of a model of ours, and made again whole', async () => {
    const { model: inner } = stockDecoder();
    const inputs = [[4, 2], [3], [3]].map((shape) => tfl.input({ shape }));
    const outputs = layers.dense({ units: 1 }).apply(inner.apply(inputs)) as Symbolic;
    const model = tfl.model({ inputs, outputs });
    const modelTopology = JSON.parse(model.toJSON() as string);
    expect(warned).not.toHaveBeenCalled();
    const again = await tfl.models.modelFromJSON({ modelTopology });
    again.setWeights(model.getWeights());
    const random = generator(5);
    const values = [
      [2, 4, 2],
      [2, 3],
      [2, 3],
    ].map((shape) => uniform(shape, random));
    const predict = (of: tfl.LayersModel) => (of.predict(values) as tf.Tensor).dataSync();
    expectClose('of the model made again', predict(again), predict(model), 1e-6);
  });

  it('still warns of what is lost', () => {
    const { model, decoder } = stockDecoder();
    const [node] = (decoder as unknown as { inboundNodes: { callArgs: object }[] }).inboundNodes;
    const itself: Record<string, unknown> = {};
    itself.itself = itself;
    node!.callArgs = { itself };
    const ours = tfl.model({
      inputs: model.inputs,
      outputs: layers.dense({ units: 1 }).apply(model.outputs[0]!) as Symbolic,
    });
    ours.toJSON();
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('non-serializable'));
  });
});

describe.each(cases)('what the graph of a model would lose is refused: %s', (_, count, make) => {
  it('states that are tensors', () => {
    const initialState = Array.from({ length: count }, () => tf.ones([2, 3]));
    expect(() => make().apply(tfl.input({ shape: [4, 2] }), { initialState })).toThrow(
      'initialState must be symbolic in a call whose input is. Make each state an input of the model',
    );
  });

  it('a mask', () => {
    const [x, mask] = [[4, 2], [4]].map((shape) => tfl.input({ shape }));
    expect(() => make().apply(x!, { mask })).toThrow(
      'a mask cannot be given in a call whose input is symbolic. Masks come from the inputs',
    );
    expect(() => make().apply(x!, { mask: null })).not.toThrow();
  });

  it('states given to a model', () => {
    const layer = make();
    const x = tfl.input({ shape: [4, 2] });
    const model = tfl.model({ inputs: x, outputs: layer.apply(x) as Symbolic });
    const initialState = Array.from({ length: count }, () => tf.ones([2, 3]));
    expect(() => model.apply(tf.ones([2, 4, 2]), { initialState })).toThrow(
      'a model is not called with states, which are for a recurrent layer by itself',
    );
  });
});
