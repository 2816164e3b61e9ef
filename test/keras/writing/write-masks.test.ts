import { beforeAll, describe, expect, test } from 'vitest';
import { reasonOf } from '../../../src/foundation/errors.js';
import { tfl } from '../../../src/foundation/tensorflow.js';
import { layers as ours, saveKerasModel } from '../../../src/index.js';
import { openHdf5 } from '../../../src/keras/hdf5/hdf5-file.js';
import { type FollowerName, maskFollower } from '../../../src/layers/masks/mask-rule.js';
import { useBackend } from '../../layers/golden.js';

const theirs = tfl.layers;
type Symbolic = tfl.SymbolicTensor;
type Recurrent = Parameters<typeof theirs.bidirectional>[0]['layer'];
type Layer = tfl.layers.Layer;

beforeAll(() => useBackend('cpu', false));

const words = () => tfl.input({ shape: [5], name: 'words' });
const embed = (tokens: Symbolic, maskZero = true) =>
  ours.embedding({ inputDim: 9, outputDim: 3, maskZero }).apply(tokens) as Symbolic;
const call = (layer: Layer, inputs: Symbolic | Symbolic[], options?: object) =>
  [layer.apply(inputs, options as never)].flat() as Symbolic[];

/** A model of masked words and what `make` puts behind their embedding. */
function masked(make: (x: Symbolic) => Symbolic): tfl.LayersModel {
  const tokens = words();
  return tfl.model({ inputs: tokens, outputs: make(embed(tokens)) });
}

/** A decoder that starts from a state that the model is given, behind masked words. */
function decoder(settings: object, options: object = {}): tfl.LayersModel {
  const tokens = words();
  const state = tfl.input({ shape: [3], name: 'state' });
  const gru = ours.gru({ units: 3, name: 'decoder', ...settings });
  const [output] = call(gru, [embed(tokens), state], options);
  return tfl.model({ inputs: [tokens, state], outputs: output! });
}

interface Written {
  class_name: string;
  name: string;
  config: Record<string, unknown>;
  inbound_nodes: { args: unknown[]; kwargs: Record<string, unknown> }[];
}

/** How saveKerasModel writes the layers of a class. */
async function written(model: tfl.LayersModel, className: string): Promise<Written[]> {
  const { json } = await saveKerasModel(model, { format: 'json+h5' });
  const { layers } = JSON.parse(json).config as { layers: Written[] };
  return layers.filter((layer) => layer.class_name === className);
}

const refusalOf = (model: tfl.LayersModel) => saveKerasModel(model).then(() => 'written', reasonOf);

const lstm = (settings: object = {}) =>
  ours.lstm({ units: 3, returnSequences: true, name: 'lstm', ...settings });
const both = (settings: object = {}) =>
  ours.bidirectional({ layer: lstm(settings) as Recurrent, mergeMode: 'concat', name: 'both' } as never); // biome-ignore format: short

describe('zeroOutputForMask', () => {
  test.each([
    [true, true],
    [false, false],
    // What Keras 3 does for false.
    ['untilFirst' as const, false],
  ])('%s is written as %s', async (zeroOutputForMask, expected) => {
    const model = masked((x) => call(lstm({ zeroOutputForMask }), x)[0]!);
    const [layer] = await written(model, 'LSTM');
    expect(layer?.config.zero_output_for_mask).toBe(expected);
  });

  test('is what Bidirectional wants where it returns sequences', async () => {
    const model = masked((x) => call(both({ zeroOutputForMask: true, unroll: true }), x)[0]!);
    const [layer] = await written(model, 'Bidirectional');
    // Unrolled, Keras zeroes the wrong steps of the direction that is turned round.
    const settings = { zero_output_for_mask: true, unroll: false };
    expect(layer?.config.layer).toMatchObject({ config: settings });
    expect(layer?.config.backward_layer).toMatchObject({ config: settings });
  });

  test('of a layer that goes backwards is not unrolled', async () => {
    const settings = { zeroOutputForMask: true, unroll: true, goBackwards: true };
    const [layer] = await written(
      masked((x) => call(lstm(settings), x)[0]!),
      'LSTM',
    );
    expect(layer?.config).toMatchObject({ zero_output_for_mask: true, unroll: false });
  });
});

describe('a mask beside initial states', () => {
  test('is written as operations, since Keras 3 looks for none', async () => {
    const model = decoder({ zeroOutputForMask: 'untilFirst' });
    const [operation] = await written(model, 'NotEqual');
    const history = [model.inputs[0]!.sourceLayer.name, 0, 0];
    expect(operation).toMatchObject({ module: 'keras.src.ops.numpy', name: 'mask_not_equal' });
    expect(operation?.inbound_nodes[0]?.args).toMatchObject([
      { config: { keras_history: history } },
      0,
    ]);
    const [layer] = await written(model, 'GRU');
    expect(layer?.inbound_nodes[0]?.kwargs).toMatchObject({
      initial_state: [{ config: { keras_history: ['state', 0, 0] } }],
      mask: { config: { keras_history: ['mask_not_equal', 0, 0], dtype: 'bool' } },
    });
  });

  test('is not written where the layer is not to see it', async () => {
    const [layer] = await written(decoder({}, { mask: null }), 'GRU');
    expect(Object.keys(layer!.inbound_nodes[0]!.kwargs)).toEqual(['initial_state']);
  });
});

const join = (name: FollowerName, rule: object) =>
  masked((x) => {
    const twice = call(theirs.masking({ maskValue: 0 }), x)[0]!;
    return call(lstm(), call(maskFollower(name, { ...rule, name: 'joined' }), [x, twice])[0]!)[0]!;
  });

describe('is refused, since Keras 3 would compute something else:', () => {
  const cases: [what: string, model: () => tfl.LayersModel, message: string][] = [
    [
      'a Bidirectional that repeats masked steps',
      () => masked((x) => call(both(), x)[0]!),
      'both (Bidirectional) returns sequences of a masked input, for which Keras 3 would give zeros where here the last step is repeated. Give its layer zeroOutputForMask: true, let it return its last output alone, or put another recurrent layer behind it.',
    ],
    [
      'a Bidirectional that zeroes a masked last step',
      () => masked((x) => call(both({ zeroOutputForMask: true, returnSequences: false }), x)[0]!),
      'both (Bidirectional) gives zeros where the last step is masked, for which Keras 3 would give the step before. Leave zeroOutputForMask out of its layer.',
    ],
    [
      'an initial state that is repeated',
      () => decoder({ returnSequences: true }),
      "decoder (GRU) repeats its initial state as long as steps are masked, for which Keras 3 would give zeros. Give it zeroOutputForMask: 'untilFirst', which is what Keras 3 does.",
    ],
    [
      'a layer that is not to see its mask',
      () => masked((x) => call(lstm(), x, { mask: null })[0]!),
      'lstm (LSTM) counts all steps, while Keras 3 would leave the masked ones out. Leave maskZero or the Masking layer out, or move this layer.',
    ],
    [
      'a mean of all steps',
      () => masked((x) => call(maskFollower('GlobalAveragePooling1D', { name: 'mean' }), x)[0]!),
      'mean (GlobalAveragePooling1D) counts all steps, while Keras 3 would leave the masked ones out. Leave maskZero or the Masking layer out, or move this layer.',
    ],
    [
      'a product that masks are no part of',
      () => join('Multiply', {}),
      'joined (Multiply) counts all steps, while Keras 3 would leave the masked ones out. Leave maskZero or the Masking layer out, or move this layer.',
    ],
    [
      'masks joined as before Keras 3.4',
      () => join('Add', { maskRule: 'keras2' }),
      'lstm (LSTM) is given another mask than Keras 3 would give it. Leave maskZero or the Masking layer out from all inputs that are joined but one.',
    ],
    [
      'a softmax behind a mask',
      () => masked((x) => call(theirs.softmax({ name: 'soft' }) as Layer, x)[0]!),
      'soft (Softmax) is given a mask, with which Keras 3 would compute something else. Leave maskZero or the Masking layer out, or move this layer.',
    ],
    [
      'what is run for each step and would get the mask of it',
      () =>
        masked((x) => {
          const reshaped = ours.dense({ units: 4 }).apply(x) as Symbolic;
          const inner = tfl.sequential({ layers: [theirs.dense({ units: 2, inputShape: [4] })] });
          return call(
            theirs.timeDistributed({ layer: inner as Layer, name: 'each' }),
            reshaped,
          )[0]!;
        }),
      'each (TimeDistributed) is given a mask, with which Keras 3 would compute something else. Leave maskZero or the Masking layer out, or move this layer.',
    ],
    [
      'a mask that TensorFlow.js itself hands on to a layer that has none',
      () =>
        tfl.sequential({
          layers: [
            theirs.embedding({ inputDim: 9, outputDim: 3, maskZero: true, inputLength: 5 }),
            theirs.lstm({ units: 3 }),
            theirs.repeatVector({ n: 5 }),
            theirs.lstm({ units: 3, name: 'second' }),
          ],
        }),
      'second (LSTM) leaves masked steps out, while Keras 3 would give it no mask. Leave maskZero or the Masking layer out, or move this layer.',
    ],
  ];

  test.for(cases)('%s', async ([, make, message]) => {
    expect(await refusalOf(make())).toBe(`saveKerasModel: ${message}`);
  });
});

describe('is written, since Keras 3 computes the same:', () => {
  const cases: [what: string, model: () => tfl.LayersModel][] = [
    [
      'a Bidirectional in front of a layer that leaves masked steps out',
      () => masked((x) => call(ours.gru({ units: 2 }), call(both(), x)[0]!)[0]!),
    ],
    [
      'a state that is not repeated, in front of such a layer',
      () =>
        masked((x) => {
          const [, h, c] = call(lstm({ returnState: true, name: 'first' }), x);
          const decoded = call(lstm({ name: 'second' }), [x, h!, c!])[0]!;
          return call(ours.gru({ units: 2 }), decoded)[0]!;
        }),
    ],
    ['masks joined as since Keras 3.4', () => join('Multiply', { maskRule: 'keras3' })],
    ['masks that tf.layers joins so, too', () => join('Add', {})],
    [
      'a mean by the rule of Keras',
      () =>
        masked((x) => call(maskFollower('GlobalAveragePooling1D', { maskRule: 'keras2' }), x)[0]!),
    ],
    [
      'a layer without a mask behind one, in a model of ours',
      () =>
        masked((x) => {
          const last = call(lstm({ returnSequences: false, name: 'first' }), x)[0]!;
          return call(lstm(), call(theirs.repeatVector({ n: 5 }), last)[0]!)[0]!;
        }),
    ],
  ];

  test.for(cases)('%s', async ([, make]) => {
    expect(await refusalOf(make())).toBe('written');
  });
});

/** The operations of the masks make the branch that is joined the deeper one in Keras. */
test('layers come in the order of Keras, which counts the operations of masks', async () => {
  const tokens = words();
  const numbers = tfl.input({ shape: [5, 3], name: 'numbers' });
  const joined = call(theirs.dense({ units: 3, name: 'joined' }), embed(tokens))[0]!;
  const sides = call(theirs.concatenate() as Layer, [joined, numbers])[0]!;
  const last = call(ours.gru({ units: 3 }), sides)[0]!;
  const plain = tfl.input({ shape: [3], name: 'plain' });
  let deep = plain;
  for (let i = 0; i < 4; i++) {
    deep = call(theirs.dense({ units: 3, name: `deep_${i}` }), deep)[0]!;
  }
  const output = call(theirs.add() as Layer, [last, deep])[0]!;
  const model = tfl.model({ inputs: [tokens, numbers, plain], outputs: output });
  const { weights } = await saveKerasModel(model, { format: 'json+h5' });
  const order = openHdf5(weights).texts('layer_names')!;
  const dense = order.filter((name) => /^(joined|deep)/.test(name));
  const here = model.layers.map(({ name }) => name).filter((name) => /^(joined|deep)/.test(name));
  expect(here).toEqual(['deep_0', 'joined', 'deep_1', 'deep_2', 'deep_3']);
  // As in model.layers of Keras 3.15.1.
  expect(dense).toEqual(['joined', 'deep_0', 'deep_1', 'deep_2', 'deep_3']);
});
