import { beforeAll, describe, expect, it } from 'vitest';
import { loadKerasModel } from '../../../src/index.js';
import { useBackend } from '../../layers/golden.js';
import { alone, DENSE, LSTM, legacyWeights } from './read-small.js';

beforeAll(() => useBackend('cpu', false));

describe('a setting that TensorFlow.js does not have is named:', () => {
  const cases: [string, string, object, string][] = [
    [
      'an activation',
      'Dense',
      { ...DENSE, activation: 'leaky_relu' },
      'has an activation that TensorFlow.js does not have, received "leaky_relu"',
    ],
    [
      'half precision',
      'Dense',
      { ...DENSE, dtype: { class_name: 'DTypePolicy', config: { name: 'mixed_float16' } } },
      'must compute in float32, received "mixed_float16"',
    ],
    [
      'a quantized layer',
      'Dense',
      { ...DENSE, quantization_config: { mode: 'int8' } },
      'has the unknown setting quantization_config, received { mode }',
    ],
    [
      'low-rank adaptation',
      'Dense',
      { ...DENSE, lora_rank: 4 },
      'has the unknown setting lora_rank, received 4',
    ],
    [
      'causal padding',
      'Conv2D',
      { filters: 2, kernel_size: [3, 3], padding: 'causal' },
      "must have 'valid' or 'same' as padding, received \"causal\"",
    ],
    [
      'groups',
      'Conv1D',
      { filters: 2, kernel_size: [3], groups: 2 },
      'has a groups that TensorFlow.js has no counterpart for, received 2',
    ],
    [
      'another order of axes',
      'Flatten',
      { data_format: 'channels_first' },
      'has a data_format that TensorFlow.js has no counterpart for, received "channels_first"',
    ],
    [
      'a regularizer',
      'Dense',
      { ...DENSE, kernel_regularizer: { class_name: 'OrthogonalRegularizer', config: {} } },
      'has a kernel_regularizer that TensorFlow.js does not have, received "OrthogonalRegularizer"',
    ],
    [
      'no units',
      'LSTM',
      { ...LSTM, units: 0 },
      'must have a positive integer as units, received 0',
    ],
    ['a rate', 'Dropout', { rate: 1.5 }, 'must have a rate from 0 to 1, received 1.5'],
    [
      'time before batch',
      'GRU',
      { ...LSTM, time_major: true },
      'has a time_major that TensorFlow.js has no counterpart for, received true',
    ],
    [
      'several axes',
      'LayerNormalization',
      { axis: [1, 2] },
      'must normalize along a single axis, received [1, 2]',
    ],
  ];

  it.each(cases)('%s', async (_, name, config, message) => {
    const { file } = await legacyWeights({ one: [] });
    const json = alone(name, config, '3.15.1');
    await expect(loadKerasModel({ json, weights: file })).rejects.toThrow(
      `loadKerasModel: m/one (${name}) ${message}`,
    );
  });

  it("somebody's own class of a known name", async () => {
    const { file } = await legacyWeights({ one: [] });
    const json = JSON.stringify({
      class_name: 'Sequential',
      module: 'keras',
      config: {
        name: 'm',
        layers: [
          {
            class_name: 'Dense',
            module: 'mylib',
            registered_name: 'mylib>Dense',
            config: { name: 'one', ...DENSE, batch_shape: [null, 3] },
          },
        ],
      },
    });
    await expect(loadKerasModel({ json, weights: file })).rejects.toThrow(
      'loadKerasModel: m/one (Dense) is somebody\'s own class, received "mylib>mylib>Dense". Only Keras\'s own layers can be loaded.',
    );
  });

  it.each(['__proto__', 'a b', ''])('the name %j, which no tensor can have', async (name) => {
    const { file } = await legacyWeights({ one: [] });
    const json = alone('Dense', { ...DENSE, name }, '3.15.1');
    await expect(loadKerasModel({ json, weights: file })).rejects.toThrow(
      `loadKerasModel: m/${name} (Dense) must have a name that begins with a letter or digit, ` +
        `with no more than these and . _ - / in it, received ${JSON.stringify(name)}. `,
    );
  });

  it('a layer inside another, with the path to it', async () => {
    const { file } = await legacyWeights({ one: [] });
    const layer = { class_name: 'ConvLSTM1D', config: { name: 'inner' } };
    const json = alone('TimeDistributed', { layer }, '3.15.1');
    await expect(loadKerasModel({ json, weights: file })).rejects.toThrow(
      'loadKerasModel: m/one/inner (ConvLSTM1D) is of a class that cannot be loaded here. These can: Activation, AlphaDropout, ',
    );
  });
});

describe('what is no model is refused:', () => {
  it.each<[string, unknown, string]>([
    [
      'nothing',
      undefined,
      "loadKerasModel: file must be the bytes of a file, or { json, weights }, received undefined. In Node: loadKerasModel(await readFile('model.keras')).",
    ],
    [
      'a path',
      'model.keras',
      'loadKerasModel: file must be the bytes of a file, or { json, weights }, received "model.keras". In Node: loadKerasModel(await readFile(\'model.keras\')).',
    ],
    [
      'other bytes',
      new Uint8Array([1, 75, 9]),
      'loadKerasModel: the file must be a .keras archive or an HDF5 file, which begin otherwise, received "1 75 9".',
    ],
    [
      'no bytes',
      new ArrayBuffer(0),
      'loadKerasModel: the file must be a .keras archive or an HDF5 file and is empty. Copy or download it again.',
    ],
  ])('%s', async (_, file, message) => {
    await expect(loadKerasModel(file as Uint8Array)).rejects.toThrow(message);
  });

  it('weights alone', async () => {
    const { file } = await legacyWeights({ one: [[3, 2]] });
    await expect(loadKerasModel(file)).rejects.toThrow(
      'loadKerasModel: the HDF5 file holds weights without an architecture. ' +
        'Pass { json, weights } with what model.to_json() of Keras returns.',
    );
  });

  it('the weights of another model', async () => {
    const { file } = await legacyWeights({ one: [[3, 2], [2]], two: [[2, 2]] });
    const json = alone('Dense', DENSE, '2.2.4', [null, 3]);
    await expect(loadKerasModel({ json, weights: file })).rejects.toThrow(
      'loadKerasModel: the model has 1 layers with weights, the file those of 2. ' +
        'Architecture and weights should come from the same model.',
    );
  });

  it('an unknown version of Keras', async () => {
    const { file } = await legacyWeights({ one: [] });
    const json = alone('Dense', DENSE, '4.0.0', [null, 3]);
    await expect(loadKerasModel({ json, weights: file })).rejects.toThrow(
      'loadKerasModel: the file must be of Keras 2 or 3, received "4.0.0". ',
    );
  });
});
