import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test, vi } from 'vitest';
import * as layers from '../../../src/layers/layers.js';
import { samplesAtOnce } from '../../../src/layers/model/samples-at-once.js';
import { trainByKernels } from '../../../src/layers/model/train-by-kernels.js';

const TIME = 300;

function model(...stack: tfl.layers.Layer[]): tfl.Sequential {
  return tfl.sequential({ layers: stack });
}

const embedding = (length: object = { inputLength: TIME }) =>
  layers.embedding({ inputDim: 50, outputDim: 32, ...length }) as tfl.layers.Layer;
const lstm = (more: object = {}) => layers.lstm({ units: 8, ...more }) as tfl.layers.Layer;
const gru = (more: object = {}) => layers.gru({ units: 8, ...more }) as tfl.layers.Layer;
const simpleRNN = (more: object = {}) =>
  layers.simpleRNN({ units: 8, ...more }) as tfl.layers.Layer;
const dense = () => layers.dense({ units: 1, activation: 'sigmoid' }) as tfl.layers.Layer;

describe('samplesAtOnce', () => {
  test('is what keeps the largest output of a layer within 2^23 values', () => {
    const sentiment = model(embedding(), lstm(), dense());
    expect(samplesAtOnce(sentiment, 32)).toBe(Math.floor(2 ** 23 / (TIME * 32)));
    const sequences = model(embedding(), lstm({ units: 64, returnSequences: true }), dense());
    expect(samplesAtOnce(sequences, 32)).toBe(Math.floor(2 ** 23 / (TIME * 64)));
    for (const layer of [gru(), gru({ resetAfter: true }), simpleRNN({ activation: 'relu' })]) {
      expect(samplesAtOnce(model(embedding(), layer, dense()), 32)).toBe(
        Math.floor(2 ** 23 / (TIME * 32)),
      );
    }
  });

  test('is never less than the batch that was asked for', () => {
    expect(samplesAtOnce(model(embedding(), lstm(), dense()), 5000)).toBe(5000);
  });

  test('looks into a Bidirectional', () => {
    const both = (inner: tfl.layers.Layer) =>
      layers.bidirectional({ layer: inner as tfl.RNN }) as tfl.layers.Layer;
    expect(samplesAtOnce(model(embedding(), both(lstm()), dense()), 32)).toBeGreaterThan(32);
    expect(samplesAtOnce(model(embedding(), both(lstm({ kernel: 'composed' }))), 32)).toBe(32);
  });

  test.each([
    ['a layer that it does not know', () => model(embedding(), tfl.layers.leakyReLU(), lstm())],
    ['an LSTM that runs step by step', () => model(embedding(), lstm({ kernel: 'composed' }))],
    ['an LSTM that has no kernel', () => model(embedding(), lstm({ activation: 'relu' }))],
    ['an LSTM of TensorFlow.js', () => model(embedding(), tfl.layers.lstm({ units: 3 }))],
    ['a GRU that runs step by step', () => model(embedding(), gru({ kernel: 'composed' }))],
    ['a SimpleRNN that has no kernel', () => model(embedding(), simpleRNN({ activation: 'elu' }))],
    ['sequences of any length', () => model(embedding({}), lstm(), dense())],
    [
      'a layer with states',
      () => model(lstm({ stateful: true, batchInputShape: [4, 5, 2] }), dense()),
    ],
    ['batches of one size', () => model(lstm({ batchInputShape: [4, 5, 2] }), dense())],
    ['a model within it', () => model(model(embedding(), lstm()), dense())],
  ])('is the batch that was asked for with %s', (_, make) => {
    expect(samplesAtOnce(make(), 4)).toBe(4);
  });
});

test('model.predict takes a test set in few runs, with the bits of single batches', () => {
  const built = trainByKernels(model(embedding(), lstm(), dense()));
  const words = tf.randomUniform([1000, TIME], 0, 50, 'int32', 7);
  const run = vi.spyOn(tf.engine(), 'runKernel');
  const together = built.predict(words, { batchSize: 100 }) as tf.Tensor;
  expect(run.mock.calls.filter(([name]) => name === 'RecurrentLstm')).toHaveLength(2);
  run.mockRestore();
  const apart = tf.split(words, 10).map((batch) => built.predictOnBatch(batch) as tf.Tensor);
  expect(together.dataSync()).toEqual(tf.concat(apart).dataSync());
});
