import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { loadKerasModel } from '../../../src/index.js';
import { useBackend } from '../../layers/golden.js';
import { DENSE, LSTM, legacyWeights } from './read-small.js';

beforeAll(() => useBackend('cpu', false));

type Layer = [className: string, config: object];

/** A Sequential of these layers over `shape`, with weights for Dense and LSTM of three features. */
async function files(shape: (number | null)[], layers: Layer[]) {
  const shapes = layers.map(([name]): number[][] => {
    if (name === 'LSTM') return [[3, 8], [2, 8], [8]];
    return name === 'Dense' ? [[3, 2], [2]] : [];
  });
  const named = layers.map(([class_name, config], i) => ({
    class_name,
    config: { name: `layer_${i}`, ...(i === 0 && { batch_input_shape: shape }), ...config },
  }));
  const model = { class_name: 'Sequential', keras_version: '3.15.1', config: { layers: named } };
  const weights = Object.fromEntries(shapes.map((list, i) => [`layer_${i}`, list]));
  return { json: JSON.stringify(model), weights: (await legacyWeights(weights)).file };
}

const repeat = (n: number): Layer => ['RepeatVector', { n }];

/** A model that makes sequences a thousand times as long, and gives a vector. */
const inner = (name: string): Layer => [
  'Sequential',
  {
    name: name === 'inside' ? 'layer_1' : name,
    layers: [
      { class_name: 'InputLayer', config: { name: 'in', batch_input_shape: [null, null, 3] } },
      { class_name: 'UpSampling1D', config: { name: 'wide', size: 1000 } },
      { class_name: 'GlobalMaxPooling1D', config: { name: 'pool' } },
    ],
  },
];

describe('a file that asks for more memory than a model can need is refused before it is built:', () => {
  it.each<[string, (number | null)[], Layer[], string]>([
    [
      'RepeatVector',
      [null, 3],
      [repeat(1e9)],
      'sequential/layer_0 (RepeatVector) would take 3000000000 values for one sample, more than 134217728',
    ],
    [
      'a recurrent layer over more steps than anybody has measured',
      [null, 3],
      [repeat(4e7), ['LSTM', LSTM]],
      'sequential/layer_1 (LSTM) would take 10880000002 values for one sample, more than 134217728',
    ],
    [
      'a batch of fixed size, for which a stateful layer keeps states',
      [1e9, 4, 3],
      [['LSTM', { ...LSTM, stateful: true }]],
      'sequential/layer_0 (LSTM) would take 1090000000000 values for one sample, more than 134217728',
    ],
    [
      'UpSampling1D of a length that is open',
      [null, null, 3],
      [['UpSampling1D', { size: 1e6 }]],
      'sequential/layer_0 (UpSampling1D) would take 192000000 values for one sample, more than 134217728',
    ],
    [
      'ZeroPadding1D',
      [null, 2, 3],
      [['ZeroPadding1D', { padding: [0, 1e8] }]],
      'sequential/layer_0 (ZeroPadding1D) would take 300000006 values for one sample, more than 134217728',
    ],
    [
      'a model inside, for what it is given here',
      [null, 3],
      [repeat(1e6), inner('inside')],
      'sequential/layer_1/wide (UpSampling1D) would take 3000000000 values for one sample, more than 134217728',
    ],
    [
      'a model inside a TimeDistributed',
      [null, 3],
      [
        repeat(1e6),
        ['Reshape', { target_shape: [1e3, 1e3, 3] }],
        ['TimeDistributed', { layer: { class_name: 'Sequential', config: inner('each')[1] } }],
      ],
      'sequential/layer_2/each/wide (UpSampling1D) would take 3000000000 values for one sample, more than 134217728',
    ],
    [
      'many layers, each of which would pass',
      [null, 3],
      Array.from({ length: 30 }, (): Layer[] => [repeat(4e7), ['GlobalMaxPooling1D', {}]]).flat(),
      'sequential/layer_16 (RepeatVector) would take with the layers before it 1080000024 values for one sample, more than 1073741824',
    ],
  ])('%s', async (_, shape, layers, message) => {
    const input = await files(shape, layers);
    const before = tf.memory().numTensors;
    await expect(loadKerasModel(input)).rejects.toThrow(`loadKerasModel: ${message}. `);
    await expect(loadKerasModel(input)).rejects.toThrow(
      'If you trust the file and have the memory, pass { maxOutputSize } with a larger number.',
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('maxOutputSize', () => {
  it('lets a model through, up to that size exactly', async () => {
    const input = await files([null, 3], [repeat(100)]);
    await expect(loadKerasModel(input, { maxOutputSize: 299 })).rejects.toThrow('than 299. ');
    const model = await loadKerasModel(input, { maxOutputSize: 300 });
    const output = model.predict(tf.tensor2d([[1, 2, 3]])) as tf.Tensor;
    expect(output.shape).toEqual([1, 100, 3]);
    model.dispose();
  });

  it('need not be touched for a long text and a wide layer', async () => {
    const input = await files([null, 20_000, 3], [['LSTM', { ...LSTM, return_sequences: true }]]);
    const model = await loadKerasModel(input);
    expect(model.outputShape).toEqual([null, 20_000, 2]);
    model.dispose();
  });

  it('must be a positive number', async () => {
    const input = await files([null, 3], [repeat(100)]);
    await expect(loadKerasModel(input, { maxOutputSize: Number.NaN })).rejects.toThrow(
      'loadKerasModel: maxOutputSize must be a positive number, received NaN. Leave it out for 134217728.',
    );
  });

  it('counts an open length as 64 steps', async () => {
    const input = await files([null, null, 3], [['Dense', DENSE]]);
    await expect(loadKerasModel(input, { maxOutputSize: 127 })).rejects.toThrow('take 128 values');
    (await loadKerasModel(input, { maxOutputSize: 128 })).dispose();
  });
});
