import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/foundation/random.js';
import { tf } from '../../../src/foundation/tensorflow.js';
import { layers, loadKerasModel } from '../../../src/index.js';
import { expectClose } from '../../kernels/kernels.js';
import { useBackend } from '../../layers/golden.js';
import { DENSE, LSTM, legacyWeights, predict } from './read-small.js';

beforeAll(() => useBackend('cpu', false));

const input = (name: string, shape: (number | null)[]) => ({
  class_name: 'InputLayer',
  config: { name, batch_input_shape: shape, dtype: 'float32', sparse: false, ragged: false },
  name,
  inbound_nodes: [],
});

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
          config: { name: 'both', axis: -1, trainable: true, dtype: 'float32' },
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
