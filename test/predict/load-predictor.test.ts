import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import * as layers from '../../src/layers/layers.js';
import { loadPredictor } from '../../src/predict/load-predictor.js';
import { saved } from './same-bits.js';

type Layer = tfl.layers.Layer;

beforeAll(() => tf.setBackend('cpu'));

const sequential = (...list: unknown[]) => tfl.sequential({ layers: list as Layer[] });
const partsOf = async (...list: unknown[]) => (await saved(sequential(...list))).parts;
const WORDS = { inputDim: 5, outputDim: 4, inputLength: 3, name: 'words' };
const small = () => partsOf(layers.embedding(WORDS), layers.lstm({ units: 2, name: 'reader' }));
/** The same model with something in its topology called otherwise. */
function renamed(parts: { modelTopology: object }, name: string, other: string) {
  const topology = JSON.stringify(parts.modelTopology);
  return { ...parts, modelTopology: JSON.parse(topology.replaceAll(name, other)) };
}
const MAIN = "Predict with the main entry, 'tfjs-recurrent', and TensorFlow.js.";

describe('loadPredictor', () => {
  test('takes model.json as text, bytes, file and as what it says, and weights in parts', async () => {
    const parts = await small();
    const { weightSpecs, weightData, ...others } = parts;
    const weightsManifest = [{ paths: ['a.bin', 'b.bin'], weights: weightSpecs }];
    const json = { ...others, weightsManifest };
    const text = JSON.stringify(json);
    const [a, b] = [weightData.slice(0, 10), new Uint8Array(weightData.slice(10))];
    const expected = await (await loadPredictor(parts)).predict([[1, 2, 3]]);
    for (const one of [json, text, new TextEncoder().encode(text), new Blob([text])]) {
      for (const weights of [[a, b], [new Blob([a]), new Blob([b])], new Blob([a, b])]) {
        const predictor = await loadPredictor({ json: one, weights });
        expect(await predictor.predict([[1, 2, 3]])).toEqual(expected);
      }
    }
  });

  test.each<[string, () => Promise<object>, string]>([
    [
      'an activation',
      async () => renamed(await small(), '"activation":"tanh"', '"activation":"cube"'),
      `the layer reader (LSTM) has an activation that is not known, received "cube". ${MAIN}`,
    ],
    [
      'a layer',
      () =>
        partsOf(
          tfl.layers.conv2d({ inputShape: [3, 3, 1], filters: 1, kernelSize: 1, name: 'image' }),
        ),
      `the layer image (Conv2D) is of a class without kernels. ${MAIN}`,
    ],
    [
      'states that stay',
      () =>
        partsOf(
          layers.lstm({ batchInputShape: [1, 3, 2], units: 2, stateful: true, name: 'reader' }),
        ),
      `the layer reader (LSTM) is stateful, and a predictor keeps no states. ${MAIN}`,
    ],
    [
      'a cell',
      async () => {
        const cell = layers.lstmCell({ units: 2 });
        const parts = await partsOf(layers.rnn({ cell, inputShape: [3, 2], name: 'reader' }));
        return renamed(parts, 'LSTMCell', 'OtherCell');
      },
      `the layer reader (RNN) has a cell that has no kernel, received "OtherCell". ${MAIN}`,
    ],
    [
      'weights that are too short',
      async () => ({ ...(await small()), weightData: new ArrayBuffer(8) }),
      'the weights must have 304 bytes, as model.json says, received 8. Pass the bytes of all files that model.json names, in its order.',
    ],
    [
      'a missing weight',
      async () => {
        const parts = await small();
        return {
          ...parts,
          weightSpecs: parts.weightSpecs.map((spec: { name: string }) => ({
            ...spec,
            name: spec.name.replace('bias', 'other'),
          })),
        };
      },
      `the layer reader (LSTM) has no weight bias in the file. ${MAIN}`,
    ],
    [
      'what is no model',
      async () => ({ json: '{"a": 1}', weights: new ArrayBuffer(0) }),
      'json must be the model.json of a model of TensorFlow.js, received "{\\"a\\": 1}". Pass { json, weights } of what model.save has written.',
    ],
  ])('refuses %s', async (_, parts, message) => {
    await expect(loadPredictor((await parts()) as never)).rejects.toThrow(
      `loadPredictor: ${message}`,
    );
  });

  test('says that a topology is damaged, whatever is missing', async () => {
    const parts = await small();
    delete parts.modelTopology.config.layers[1].config;
    await expect(loadPredictor(parts)).rejects.toThrow(
      /^loadPredictor: the topology of the model is damaged: .* Take it from a copy, or save the model again\.\n/,
    );
  });
});

describe('predict', () => {
  test.each<[string, unknown, string]>([
    [
      'another length',
      [[1, 2]],
      'words_input must have the shape [any, 3], received [1, 2]. The first size is the number of samples: put a single one into a list.',
    ],
    [
      'a single sample',
      [1, 2, 3],
      'words_input must have the shape [any, 3], received [3]. The first size is the number of samples: put a single one into a list.',
    ],
    [
      'rows of several lengths',
      [[1, 2, 3], [1]],
      'words_input must be numbers in lists of one length each, received [1]. Bring sequences to one length with padSequencesToArray.',
    ],
    [
      'another input',
      { others: [[1, 2, 3]] },
      'the model has the inputs words_input, received ["others"]. Pass an object with a value for each, by these names.',
    ],
    [
      'texts',
      ['a text'],
      'texts need one tokenizer that was saved with the model, and there are 0. Turn texts into numbers by a Tokenizer and padSequencesToArray.',
    ],
  ])('refuses %s', async (_, input, message) => {
    const predictor = await loadPredictor(await small());
    await expect(predictor.predict(input as never)).rejects.toThrow(
      `Predictor.predict: ${message}`,
    );
  });

  test('refuses a word that is no row of the table, and goes on with the next', async () => {
    const predictor = await loadPredictor(await small());
    const before = await predictor.predict([[1, 2, 3]]);
    for (const word of [5, -1, Number.NaN]) {
      await expect(predictor.predict([[1, 2, word]])).rejects.toThrow(
        'embedding: the index at [0, 2] must be a row of the table, from 0 to 4',
      );
    }
    expect(await predictor.predict([[1, 2, 3]])).toEqual(before);
  });

  test('gives nothing for no samples', async () => {
    const predictor = await loadPredictor(await small());
    const { data } = await predictor.predict({ data: new Int32Array(0), shape: [0, 3] });
    expect(data).toEqual(new Float32Array(0));
  });

  test('gives all outputs by predictAll alone where there are several', async () => {
    const x = tfl.input({ shape: [3] });
    const outputs = [2, 1].map((units) => layers.dense({ units }).apply(x) as tfl.SymbolicTensor);
    const { parts } = await saved(tfl.model({ inputs: x, outputs }));
    const predictor = await loadPredictor(parts);
    const all = await predictor.predictAll([[1, 2, 3]]);
    expect(all.map(({ shape }) => shape)).toEqual([
      [1, 2],
      [1, 1],
    ]);
    await expect(predictor.predict([[1, 2, 3]])).rejects.toThrow(
      'Predictor.predict: the model must have one output, received 2. Call predictAll, which returns all of them.',
    );
  });
});
