import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLanguageModel, fitWithSeed, type LanguageModelOptions } from '../../../src/index.js';
import { useBackend } from '../../kernels/kernels.js';

beforeAll(() => useBackend('cpu'));

const x = () => tf.tensor2d([1, 2, 3, 4, 2, 4, 1, 3], [2, 4], 'int32');
const y = () => tf.tensor3d([2, 3, 4, 1, 4, 1, 3, 2], [2, 4, 1], 'int32');

describe('createLanguageModel', () => {
  it('builds the layers of the tutorials, under the names that Keras gives them', () => {
    const model = createLanguageModel({
      vocabularySize: 20,
      units: [8, 6],
      dropoutRate: 0.1,
      sequenceLength: 7,
    });
    expect(model.layers.map(({ name, outputShape }) => [name, outputShape])).toEqual([
      ['embedding', [null, 7, 32]],
      ['lstm', [null, 7, 8]],
      ['dropout', [null, 7, 8]],
      ['lstm_1', [null, 7, 6]],
      ['dropout_1', [null, 7, 6]],
      ['dense', [null, 7, 20]],
    ]);
    expect(model.countParams()).toBe(20 * 32 + 4 * 8 * 41 + 4 * 6 * 15 + 7 * 20);
  });

  it('has the cross-entropy of a step, in nats, as its loss', () => {
    const model = createLanguageModel({ vocabularySize: 5, units: 3, seed: 1 });
    const [loss] = model.evaluate(x(), y()) as tf.Scalar[];
    const predicted = (model.predict(x()) as tf.Tensor).arraySync() as number[][][];
    const next = y().arraySync();
    let sum = 0;
    predicted.forEach((steps, row) => {
      steps.forEach((step, at) => {
        sum -= Math.log(step[next[row]![at]![0]!]!);
      });
    });
    expect(loss!.dataSync()[0]).toBeCloseTo(sum / 8, 5);
  });

  it('takes one-hot tokens as tokens, and does not train them', async () => {
    const model = createLanguageModel({ vocabularySize: 5, units: 4, oneHot: true, seed: 2 });
    const [table] = model.layers[0]!.getWeights();
    const identity = [...tf.eye(5).dataSync()];
    expect([...table!.dataSync()]).toEqual(identity);
    expect(model.trainableWeights.map((weight) => weight.shape)).toEqual([
      [5, 16],
      [4, 16],
      [16],
      [4, 5],
      [5],
    ]);
    const { history } = await fitWithSeed(model, x(), y(), { epochs: 3 });
    expect(history.loss).toHaveLength(3);
    expect([...table!.dataSync()]).toEqual(identity);
  });

  it('keeps its states from batch to batch with stateful', () => {
    const options = { vocabularySize: 5, units: 3, seed: 4 };
    const plain = createLanguageModel(options);
    const model = createLanguageModel({ ...options, stateful: true, batchSize: 2 });
    model.setWeights(plain.getWeights());
    const whole = (plain.predict(x()) as tf.Tensor).dataSync();
    const parts = [0, 2].map((at) => {
      const part = tf.slice(x(), [0, at], [2, 2]);
      return model.predict(part, { batchSize: 2 }) as tf.Tensor;
    });
    const joined = tf.concat(parts, 1).dataSync();
    expect(Math.max(...joined.map((value, i) => Math.abs(value - whole[i]!)))).toBeLessThan(1e-6);
    expect(model.inputs[0]!.shape).toEqual([2, null]);
  });

  it('begins with the same weights for a seed, and with others for another', () => {
    const weights = (seed: number) =>
      createLanguageModel({ vocabularySize: 5, units: [3, 3], seed, cell: 'gru' })
        .getWeights()
        .map((weight) => [...weight.dataSync()]);
    expect(weights(1)).toEqual(weights(1));
    expect(weights(1)).not.toEqual(weights(2));
  });

  it.each([
    [{ vocabularySize: 1 }, 'createLanguageModel: vocabularySize must be an integer of at least 2'],
    [{ vocabularySize: undefined }, 'vocabularySize must be an integer of at least 2'],
    [{ units: 0 }, 'units must be a positive integer, received 0'],
    [{ cell: 'rnn' }, 'cell must be "lstm", "gru" or "simpleRNN"'],
    [{ sequenceLength: 0 }, 'sequenceLength must be a positive integer'],
    [{ oneHot: 1 }, 'oneHot must be true or false'],
    [{ oneHot: true, embeddingDim: 8 }, 'oneHot and embeddingDim exclude each other'],
    [{ stateful: true }, 'stateful and batchSize belong together. Give the number of sequences'],
    [{ batchSize: 8 }, 'stateful and batchSize belong together. A model that is not stateful'],
    [{ dropoutRate: 1 }, 'dropoutRate must be a number from 0 up to, not including, 1'],
    [{ vocabulary: 9 }, 'there is no option vocabulary'],
  ])('refuses %j', (wrong, message) => {
    const options = { vocabularySize: 5, units: 3, ...wrong } as LanguageModelOptions;
    const before = tf.memory().numTensors;
    expect(() => createLanguageModel(options)).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });
});
