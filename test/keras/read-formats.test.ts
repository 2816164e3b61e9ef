import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/foundation/random.js';
import { tf, type tfl } from '../../src/foundation/tensorflow.js';
import { layers, loadKerasModel } from '../../src/index.js';
import { type H5Group, writeHdf5 } from '../../src/keras/write-hdf5.js';
import { expectClose } from '../kernels/kernels.js';
import { useBackend } from '../layers/golden.js';

beforeAll(() => useBackend('cpu', false));

/** Random weights of these shapes in the layout before Keras 3, by layer. */
async function legacyWeights(shapes: Record<string, number[][]>) {
  const random = seededRandom(3);
  const values = new Map<string, Float32Array[]>();
  const groups: Record<string, H5Group> = {};
  for (const [name, list] of Object.entries(shapes)) {
    const arrays = list.map((shape) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return Float32Array.from({ length: size }, () => random() - 0.5);
    });
    values.set(name, arrays);
    groups[name] = {
      attributes: { weight_names: list.map((_, i) => `weight_${i}:0`) },
      datasets: Object.fromEntries(
        list.map((shape, i) => [`weight_${i}:0`, { shape, values: arrays[i]! }]),
      ),
    };
  }
  const attributes = { layer_names: Object.keys(shapes), keras_version: '2.4.0' };
  return { file: await writeHdf5({ attributes, groups }), values };
}

const predict = (model: tfl.LayersModel, ...inputs: tf.Tensor[]) =>
  [model.predict(inputs.length === 1 ? inputs[0]! : inputs) as tf.Tensor].flat();

const input = (name: string, shape: (number | null)[]) => ({
  class_name: 'InputLayer',
  config: { name, batch_input_shape: shape, dtype: 'float32', sparse: false, ragged: false },
  name,
  inbound_nodes: [],
});

const LSTM = { units: 2, activation: 'tanh', recurrent_activation: 'sigmoid', use_bias: true };
const DENSE = { units: 2, activation: 'linear', use_bias: true };

describe('functional models', () => {
  const shapes = {
    reader: [[3, 8], [2, 8], [8]],
    writer: [[3, 8], [2, 8], [8]],
    out: [[4, 2], [2]],
  };

  /** An encoder, and a decoder that begins with its states, beside each other: as Keras 2 writes it. */
  const keras2 = {
    class_name: 'Functional',
    keras_version: '2.4.0',
    config: {
      name: 'translator',
      layers: [
        input('source', [null, 4, 3]),
        {
          class_name: 'LSTM',
          name: 'reader',
          config: { name: 'reader', ...LSTM, return_state: true, time_major: false },
          inbound_nodes: [[['source', 0, 0, {}]]],
        },
        input('target', [null, 5, 3]),
        {
          class_name: 'LSTM',
          name: 'writer',
          config: { name: 'writer', ...LSTM },
          inbound_nodes: [
            [
              ['target', 0, 0, { training: null }],
              ['reader', 0, 1, {}],
              ['reader', 0, 2, {}],
            ],
          ],
        },
        {
          class_name: 'Concatenate',
          name: 'both',
          config: { name: 'both', axis: -1 },
          inbound_nodes: [
            [
              ['writer', 0, 0, {}],
              ['reader', 0, 0, {}],
            ],
          ],
        },
        {
          class_name: 'Dense',
          name: 'out',
          config: { name: 'out', ...DENSE },
          inbound_nodes: [[['both', 0, 0, {}]]],
        },
      ],
      input_layers: [
        ['source', 0, 0],
        ['target', 0, 0],
      ],
      output_layers: [['out', 0, 0]],
    },
  };

  /** The same as Keras 3 writes it. */
  function keras3() {
    const tensor = (layer: string, index: number) => ({
      class_name: '__keras_tensor__',
      config: { shape: [null, 2], dtype: 'float32', keras_history: [layer, 0, index] },
    });
    const model = structuredClone(keras2) as unknown as {
      module: string;
      keras_version?: string;
      config: { layers: { name: string; inbound_nodes: unknown[] }[]; output_layers: unknown };
    };
    model.module = 'keras.src.models.functional';
    delete model.keras_version;
    const nodes: Record<string, unknown> = {
      reader: { args: [tensor('source', 0)], kwargs: { training: false, mask: null } },
      writer: {
        args: [tensor('target', 0)],
        kwargs: { initial_state: [tensor('reader', 1), tensor('reader', 2)] },
      },
      both: { args: [[tensor('writer', 0), tensor('reader', 0)]], kwargs: {} },
      out: { args: [tensor('both', 0)], kwargs: {} },
    };
    for (const layer of model.config.layers) {
      if (nodes[layer.name]) layer.inbound_nodes = [nodes[layer.name]];
    }
    model.config.output_layers = ['out', 0, 0];
    return model;
  }

  it.each([
    ['Keras 2', keras2],
    ['Keras 3', keras3()],
  ])('of %s are connected as their nodes say, initial states too', async (_, model) => {
    const { file, values } = await legacyWeights(shapes);
    const loaded = await loadKerasModel({ json: JSON.stringify(model), weights: file });
    expect(loaded.inputNames).toEqual(['source', 'target']);
    const random = seededRandom(1);
    const random3d = (time: number) =>
      tf.tensor3d(
        Float32Array.from({ length: 6 * time }, () => random()),
        [2, time, 3],
      );
    const [source, target] = [random3d(4), random3d(5)];
    const make = (name: string) => {
      const layer = layers.lstm({ units: 2, recurrentActivation: 'sigmoid', returnState: true });
      layer.apply(source);
      layer.setWeights(
        values.get(name)!.map((array, i) => tf.tensor(array, shapes[name as 'reader'][i]!)),
      );
      return layer;
    };
    const [read, h, c] = make('reader').apply(source) as tf.Tensor[];
    const [wrote] = make('writer').apply(target, { initialState: [h!, c!] }) as tf.Tensor[];
    const [kernel, bias] = values.get('out')!;
    const joined = tf.concat([wrote!, read!], 1) as tf.Tensor2D;
    const expected = tf.add(tf.matMul(joined, tf.tensor2d(kernel!, [4, 2])), tf.tensor1d(bias!));
    const [received] = predict(loaded, source, target);
    expectClose('output', received!.dataSync(), expected.dataSync(), 1e-6);
  });

  it('of layers in any order, with names that were given later, are sorted and matched', async () => {
    const { file } = await legacyWeights(shapes);
    const first = await loadKerasModel({ json: JSON.stringify(keras2), weights: file });
    const renamed = JSON.stringify(keras2).replaceAll('"reader"', '"encoder_7"');
    const second = await loadKerasModel({ json: renamed, weights: file });
    const inputs = [tf.ones([2, 4, 3]), tf.ones([2, 5, 3])];
    const [a, b] = [first, second].map((model) => predict(model, ...inputs)[0]!.dataSync());
    expect(a).toEqual(b);
  });

  it('that go round in a circle are refused', async () => {
    const { file } = await legacyWeights(shapes);
    const json = JSON.stringify(keras2).replace('[[["source",0,0,{}]]]', '[[["both",0,0,{}]]]');
    await expect(loadKerasModel({ json, weights: file })).rejects.toThrow(
      'loadKerasModel: translator/reader takes its input from nowhere, received "both".',
    );
  });

  it.each([
    [
      'an output that is not there',
      '["reader",0,2,{}]',
      '["reader",0,3,{}]',
      /an output that reader does not have, received 3/,
    ],
    [
      'a call that depends on more',
      '{"training":null}',
      '{"constants":[1]}',
      /translator\/writer \(LSTM\) is called with constants, which TensorFlow\.js cannot follow/,
    ],
    ['too few states', '["reader",0,2,{}]', '["source",0,0,{}]', /loadKerasModel: /],
  ])('with %s are refused', async (_, before, after, message) => {
    const { file } = await legacyWeights(shapes);
    const json = JSON.stringify(keras2).replace(before, after);
    await expect(loadKerasModel({ json, weights: file })).rejects.toThrow(message);
  });
});

/** A Sequential model of one layer over [batch, 4, 3]. */
const alone = (class_name: string, config: object, version: string, shape = [null, 4, 3]) =>
  JSON.stringify({
    class_name: 'Sequential',
    keras_version: version,
    config: {
      name: 'm',
      layers: [{ class_name, config: { name: 'one', batch_input_shape: shape, ...config } }],
    },
  });

describe('hard_sigmoid', () => {
  const shapes = { one: [[3, 2], [2]] };
  const z = (x: number[], [kernel, bias]: Float32Array[]) =>
    [0, 1].map((unit) =>
      x.reduce((sum, value, i) => sum + value * kernel![2 * i + unit]!, bias![unit]!),
    );
  const x = [4, -7, 3];

  it.each([
    ['2.2.4', (value: number) => Math.min(1, Math.max(0, 0.2 * value + 0.5))],
    ['3.15.1', (value: number) => Math.min(1, Math.max(0, value / 6 + 0.5))],
  ])('is that of Keras %s', async (version, formula) => {
    const { file, values } = await legacyWeights(shapes);
    const json = alone('Dense', { ...DENSE, activation: 'hard_sigmoid' }, version, [null, 3]);
    const [output] = predict(await loadKerasModel({ json, weights: file }), tf.tensor2d([x]));
    const expected = Float32Array.from(z(x, values.get('one')!).map(formula));
    expectClose('output', output!.dataSync(), expected, 1e-6);
  });

  it.each(['LSTM', 'GRU'])(
    'of Keras 3 in the gates of %s has the weights made smaller',
    async (name) => {
      const gates = name === 'LSTM' ? 4 : 3;
      const { file, values } = await legacyWeights({
        one: [[3, gates * 2], [2, gates * 2], name === 'LSTM' ? [8] : [2, 6]],
      });
      const config = { ...LSTM, recurrent_activation: 'hard_sigmoid', reset_after: true };
      if (name === 'LSTM') Reflect.deleteProperty(config, 'reset_after');
      const model = await loadKerasModel({ json: alone(name, config, '3.15.1'), weights: file });
      const scale = name === 'LSTM' ? [1.2, 1.2, 1, 1.2] : [1.2, 1.2, 1];
      for (const [i, weight] of model.layers[0]!.getWeights().entries()) {
        const columns = weight.shape.at(-1)!;
        const expected = values
          .get('one')!
          [i]!.map((value, j) => value / scale[Math.floor((j % columns) / 2)]!);
        expectClose(`weight ${i}`, weight.dataSync(), expected, 1e-6);
      }
    },
  );

  it.each([
    ['Activation', { activation: 'hard_sigmoid' }, 'activation'],
    ['LSTM', { ...LSTM, activation: 'hard_sigmoid' }, 'activation'],
  ])(
    'of Keras 3 in %s, where no weights can make up for it, is refused',
    async (name, config, key) => {
      const { file } = await legacyWeights({ one: [] });
      const json = alone(name, config, '3.15.1');
      await expect(loadKerasModel({ json, weights: file })).rejects.toThrow(
        `loadKerasModel: m/one (${name}) has the hard_sigmoid of Keras 3 as ${key}, x / 6 + 0.5, which ` +
          'TensorFlow.js cannot compute here: its own is 0.2·x + 0.5. ' +
          "Use 'sigmoid', or put hard_sigmoid on a Dense layer.",
      );
    },
  );
});

describe('masks', () => {
  const embedding = {
    class_name: 'Embedding',
    config: {
      name: 'words',
      input_dim: 5,
      output_dim: 3,
      mask_zero: true,
      batch_input_shape: [null, 4],
    },
  };
  const sequence = (...rest: object[]) =>
    JSON.stringify({
      class_name: 'Sequential',
      keras_version: '3.15.1',
      config: { name: 'm', layers: [embedding, ...rest] },
    });
  const both = (name: string, settings: object) => ({
    class_name: 'Bidirectional',
    config: {
      name,
      merge_mode: 'concat',
      layer: { class_name: 'LSTM', config: { name: 'lstm', ...LSTM, ...settings } },
    },
  });
  const zeroing = { return_sequences: true, zero_output_for_mask: true };
  const weights = () =>
    legacyWeights({
      words: [[5, 3]],
      b1: [[3, 8], [2, 8], [8], [3, 8], [2, 8], [8]],
      b2: [[4, 8], [2, 8], [8], [4, 8], [2, 8], [8]],
    });
  const refusal = async (json: string) => {
    const { file } = await weights();
    return loadKerasModel({ json, weights: file }).then(String, (error: Error) => error.message);
  };

  it('that a Bidirectional of Keras 3 hands on to a recurrent layer make no difference there', async () => {
    const { file } = await weights();
    const json = sequence(both('b1', zeroing), both('b2', { zero_output_for_mask: true }));
    const model = await loadKerasModel({ json, weights: file });
    const [long, short] = [[1, 2, 0, 0], [1, 2, 0, 0].slice(0, 2)];
    const [masked] = predict(model, tf.tensor2d([long]));
    expect(masked!.shape).toEqual([1, 4]);
    expect(short).toEqual([1, 2]);
  });

  it('are refused where Keras 3 gives zeros and TensorFlow.js does not', async () => {
    expect(await refusal(sequence(both('b1', zeroing)))).toMatch(
      /^loadKerasModel: m\/b1 gives masked steps out, which Keras has set to zero and TensorFlow\.js repeats/,
    );
    const flatten = { class_name: 'Flatten', config: { name: 'flat' } };
    expect(await refusal(sequence(both('b1', zeroing), flatten))).toMatch(
      /^loadKerasModel: m\/flat \(Flatten\) is given masked steps, which Keras has set to zero and/,
    );
  });

  it('are refused in front of a GlobalAveragePooling1D, which does not leave masked steps out here', async () => {
    const pool = { class_name: 'GlobalAveragePooling1D', config: { name: 'mean' } };
    expect(await refusal(sequence(pool))).toMatch(
      /^loadKerasModel: m\/mean \(GlobalAveragePooling1D\) is given a mask, which Keras and TensorFlow\.js treat differently/,
    );
  });

  it('go unheeded where Keras does not heed them either', async () => {
    const { file } = await legacyWeights({ words: [[5, 3]] });
    const pool = { class_name: 'GlobalMaxPooling1D', config: { name: 'most' } };
    const model = await loadKerasModel({ json: sequence(pool), weights: file });
    const [output] = predict(model, tf.tensor2d([[1, 0, 2, 0]]));
    expect(output!.shape).toEqual([1, 3]);
  });
});

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
      'Conv1D',
      { filters: 2, kernel_size: [3], padding: 'causal' },
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
      'loadKerasModel: m/one/inner (ConvLSTM1D) is of a class that cannot be loaded here. These can: Activation, Conv1D, ',
    );
  });
});

describe('what is no model is refused:', () => {
  it.each<[string, unknown, string]>([
    [
      'nothing',
      undefined,
      "loadKerasModel: expected the bytes of a file, or { json, weights }, received undefined. In Node: loadKerasModel(await readFile('model.keras')).",
    ],
    [
      'a path',
      'model.keras',
      'loadKerasModel: expected the bytes of a file, or { json, weights }, received "model.keras". In Node: loadKerasModel(await readFile(\'model.keras\')).',
    ],
    [
      'other bytes',
      new Uint8Array([80, 75, 9]),
      'loadKerasModel: the file must be a .keras archive or an HDF5 file, which begin otherwise, received "80 75 9".',
    ],
    [
      'no bytes',
      new ArrayBuffer(0),
      'loadKerasModel: the file must be a .keras archive or an HDF5 file, which begin otherwise, received "nothing".',
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
      'loadKerasModel: the file must be of Keras 1 to 3, received "4.0.0". ',
    );
  });
});
