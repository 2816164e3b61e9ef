import * as h5wasm from 'h5wasm';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { tf, type tfl } from '../../../src/foundation/tensorflow.js';
import { createSentimentLstm, saveKerasModel } from '../../../src/index.js';
import '@tensorflow/tfjs-backend-cpu';

/** What an HDF5 file holds: shapes of datasets, values of attributes behind an `@`. */
async function contents(bytes: Uint8Array): Promise<Record<string, unknown>> {
  const { FS } = await h5wasm.ready;
  FS.writeFile('read.h5', bytes);
  const file = new h5wasm.File('read.h5', 'r');
  const found: Record<string, unknown> = {};
  for (const path of ['/', ...file.paths().map((one) => `/${one}`)]) {
    const entity = file.get(path);
    if (entity instanceof h5wasm.Dataset) found[path.slice(1)] = entity.shape;
    else if (entity instanceof h5wasm.Group) {
      for (const [name, { value }] of Object.entries(entity.attrs)) {
        found[`${path.slice(1)}@${name}`] = ArrayBuffer.isView(value) ? [] : value;
      }
    }
  }
  file.close();
  FS.unlink('read.h5');
  return found;
}

let model: tfl.LayersModel;
beforeAll(() => {
  model = createSentimentLstm({
    ...{ vocabularySize: 40, sequenceLength: 12, embeddingDim: 8, lstmUnits: 8, denseUnits: 16 },
    ...{ seed: 1, bidirectional: true },
  });
});

describe('saveKerasModel', () => {
  test('writes a .keras as Keras 3 lays it out', async () => {
    const members = unzipSync(await saveKerasModel(model));
    expect(Object.keys(members)).toEqual(['metadata.json', 'config.json', 'model.weights.h5']);
    const metadata = JSON.parse(new TextDecoder().decode(members['metadata.json']));
    expect(metadata.keras_version).toBe('3.15.1');
    const { weights, names } = split(await contents(members['model.weights.h5']!));
    const ofLayers = Object.entries(weights).filter(([path]) => path.startsWith('layers/'));
    expect(Object.fromEntries(ofLayers)).toEqual({
      'layers/bidirectional/backward_layer/cell/vars/0': [8, 32],
      'layers/bidirectional/backward_layer/cell/vars/1': [8, 32],
      'layers/bidirectional/backward_layer/cell/vars/2': [32],
      'layers/bidirectional/forward_layer/cell/vars/0': [8, 32],
      'layers/bidirectional/forward_layer/cell/vars/1': [8, 32],
      'layers/bidirectional/forward_layer/cell/vars/2': [32],
      'layers/dense/vars/0': [16, 16],
      'layers/dense/vars/1': [16],
      'layers/dense_1/vars/0': [16, 1],
      'layers/dense_1/vars/1': [1],
      'layers/embedding/vars/0': [40, 8],
    });
    // Steps, learning rate, and Adam's two moments of each weight.
    expect(Object.keys(weights).length - ofLayers.length).toBe(2 + 2 * ofLayers.length);
    expect(weights['optimizer/vars/2']).toEqual([40, 8]);
    expect(names['layers/dropout_1/vars@name']).toBe(model.layers[4]!.name);
  });

  test('writes the older weights with the order of layers and weights beside them', async () => {
    const { json, weights } = await saveKerasModel(model, { format: 'json+h5' });
    const { names } = split(await contents(weights));
    const layerNames = model.layers.map(({ name }) => name);
    expect(names['@layer_names']).toEqual(layerNames);
    expect(names['@keras_version']).toBe('3.15.1');
    const dense = model.layers[3]!;
    expect(names[`${dense.name}@weight_names`]).toEqual([
      `${dense.name}/kernel`,
      `${dense.name}/bias`,
    ]);
    const { config, compile_config: compile } = JSON.parse(json);
    const classes = config.layers.map((layer: { class_name: string }) => layer.class_name);
    expect(classes).toEqual([
      ...['InputLayer', 'Embedding', 'Dropout', 'Bidirectional', 'Dense', 'Dropout', 'Dense'],
    ]);
    expect(compile.loss).toBe('binary_crossentropy');
    expect(compile.optimizer.config.learning_rate).toBeCloseTo(0.001);
  });

  test('writes a whole model in one .h5 with its training configuration', async () => {
    const { names } = split(await contents(await saveKerasModel(model, { format: 'h5' })));
    expect(JSON.parse(String(names['@model_config'])).config.layers).toHaveLength(7);
    expect(JSON.parse(String(names['@training_config'])).optimizer_config.class_name).toBe('Adam');
    expect(names['model_weights@layer_names']).toHaveLength(6);
  });

  test('leaves the training configuration out when asked to', async () => {
    const options = { format: 'h5', includeOptimizer: false } as const;
    const { names } = split(await contents(await saveKerasModel(model, options)));
    expect(Object.keys(names)).not.toContain('@training_config');
  });

  test('leaves no tensor behind', async () => {
    const before = tensors();
    await saveKerasModel(model);
    expect(tensors()).toBe(before);
  });
});

const tensors = () => tf.memory().numTensors;

function split(found: Record<string, unknown>) {
  const entries = Object.entries(found);
  return {
    weights: Object.fromEntries(entries.filter(([path]) => !path.includes('@'))),
    names: Object.fromEntries(entries.filter(([path]) => path.includes('@'))),
  };
}
