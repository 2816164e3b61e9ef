import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLanguageModel, layers } from '../../../src/index.js';
import { seededRandom } from '../../../src/foundation/random.js';
import { tokenSteps } from '../../../src/models/language-model/token-steps.js';
import { useBackend } from '../../kernels/kernels.js';

const random = seededRandom(5);
const draw = (length: number, below: number) =>
  Int32Array.from({ length }, () => Math.floor(below * random()));

/** Larger weights than those that models begin with, biases too. */
function roughen(model: tfl.LayersModel): void {
  for (const layer of model.layers) {
    if (layer.name === 'embedding' && !layer.trainable) continue;
    layer.setWeights(
      layer.getWeights().map((weight) => {
        const values = Float32Array.from({ length: weight.size }, () => random() - 0.5);
        return tf.tensor(values, weight.shape);
      }),
    );
  }
}

/** Compares steps with the prediction for whole sequences, of two rows. */
async function expectSame(model: tfl.LayersModel, vocabularySize: number, time = 9) {
  const tokens = [draw(time, vocabularySize), draw(time, vocabularySize)];
  const x = tf.tensor2d(
    tokens.map((row) => [...row]),
    [2, time],
    'int32',
  );
  const isTokens = model.inputs[0]!.shape.length === 2;
  const input = isTokens ? x : tf.oneHot(x, vocabularySize);
  const predicted = (model.predict(input) as tf.Tensor).dataSync();
  const steps = await tokenSteps('test', model);
  expect(steps.vocabularySize).toBe(vocabularySize);
  expect(steps.inputs).toBe(vocabularySize);
  let state: Float64Array = new Float64Array(2 * steps.stateSize);
  let largest = 0;
  for (let at = 0; at < time; at++) {
    const given = state.slice();
    const stepped = steps.step(Int32Array.of(tokens[0]![at]!, tokens[1]![at]!), state);
    expect(state).toEqual(given); // the state that was given stays
    state = stepped.state;
    for (const row of [0, 1]) {
      for (let token = 0; token < vocabularySize; token++) {
        const probability = Math.exp(stepped.logProbabilities[row * vocabularySize + token]!);
        const whole = predicted[(row * time + at) * vocabularySize + token]!;
        largest = Math.max(largest, Math.abs(probability - whole));
      }
    }
  }
  expect(largest).toBeLessThan(1e-6);
}

describe.each(['cpu', 'wasm'])('steps of a language model on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  it.each([
    { cell: 'lstm' as const },
    { cell: 'lstm' as const, recurrentActivation: 'hardSigmoid' as const },
    { cell: 'gru' as const },
    { cell: 'simpleRNN' as const },
    { cell: 'lstm' as const, units: [5, 8, 3] },
    { cell: 'gru' as const, units: [7, 6] },
    { cell: 'simpleRNN' as const, units: [9, 2], dropoutRate: 0.3 },
    { cell: 'gru' as const, oneHot: true },
  ])('give what the whole sequence gives: %j', async (options) => {
    const model = createLanguageModel({ vocabularySize: 11, units: 13, ...options });
    roughen(model);
    await expectSame(model, 11);
  });

  it('give it for layers of TensorFlow.js, cells in layers.rnn and what is around them', async () => {
    const stock = tfl.sequential({
      layers: [
        tfl.layers.lstm({ units: 6, returnSequences: true, inputShape: [null, 7] }),
        tfl.layers.gru({ units: 5, returnSequences: true, useBias: false, activation: 'relu' }),
        tfl.layers.timeDistributed({ layer: tfl.layers.dense({ units: 4, activation: 'tanh' }) }),
        tfl.layers.dense({ units: 7, useBias: false }),
        tfl.layers.softmax({ axis: -1 }),
      ],
    });
    roughen(stock);
    await expectSame(stock, 7);

    const inner = tfl.sequential({
      layers: [
        layers.rnn({
          cell: [layers.lstmCell({ units: 4 }), layers.gruCell({ units: 5, resetAfter: true })],
          returnSequences: true,
          inputShape: [null, 3],
        }),
        layers.gru({ units: 5, resetAfter: true, useBias: false, returnSequences: true }),
      ],
    });
    const input = tfl.input({ shape: [null] });
    const embedded = layers.embedding({ inputDim: 6, outputDim: 3 }).apply(input);
    const sums = layers.dense({ units: 6 }).apply(inner.apply(embedded));
    const output = tfl.layers.activation({ activation: 'softmax' }).apply(sums);
    const model = tfl.model({ inputs: input, outputs: output as tfl.SymbolicTensor });
    roughen(model);
    await expectSame(model, 6);
  });

  it('leave no tensor, and follow weights only when they are read again', async () => {
    const model = createLanguageModel({ vocabularySize: 5, units: 3 });
    model.predict(tf.zeros([1, 1], 'int32'));
    const before = tf.memory().numTensors;
    const steps = await tokenSteps('test', model);
    const first = steps.step(Int32Array.of(1), new Float64Array(steps.stateSize));
    expect(tf.memory().numTensors).toBe(before);
    const selected = steps.select(first.state, Int32Array.of(0, 0));
    expect(selected).toEqual(Float64Array.from([...first.state, ...first.state]));
    roughen(model);
    const again = steps.step(Int32Array.of(1), new Float64Array(steps.stateSize));
    expect(again.logProbabilities).toEqual(first.logProbabilities);
    const anew = await tokenSteps('test', model);
    const other = anew.step(Int32Array.of(1), new Float64Array(steps.stateSize));
    expect(other.logProbabilities).not.toEqual(first.logProbabilities);
  });
});

describe('a model that writes no token after token', () => {
  beforeAll(() => useBackend('cpu'));
  const sequence = (...after: tfl.layers.Layer[]) =>
    tfl.sequential({
      layers: [layers.embedding({ inputDim: 5, outputDim: 3 }), ...after],
    });
  const lstm = (options = {}) => layers.lstm({ units: 4, returnSequences: true, ...options });
  const softmax = () => layers.dense({ units: 5, activation: 'softmax' });

  it.each([
    [
      'logits',
      () => sequence(lstm(), layers.dense({ units: 5 })),
      'test: the output of the model must be a distribution over the vocabulary, received "the activation linear". Its last layer is dense({ units: vocabularySize, activation: \'softmax\' }).',
    ],
    [
      'no output of tokens at all',
      () => sequence(lstm()),
      'the output of the model must be a distribution over the vocabulary.',
    ],
    ['no memory', () => sequence(softmax(), softmax()), 'the model has no recurrent layer'],
    [
      'a layer that reads backwards',
      () => sequence(lstm({ goBackwards: true, name: 'back' }), softmax()),
      'the layer back (LSTM) cannot write token after token: goBackwards is true',
    ],
    [
      'both directions',
      () => sequence(layers.bidirectional({ layer: lstm() as never, name: 'both' }), softmax()),
      'the layer both (Bidirectional) cannot write token after token: it is none of',
    ],
    [
      'an activation that is not known',
      () => sequence(lstm({ activation: 'softsign' }), softmax()),
      'the activation of a recurrent layer must be linear, relu, sigmoid, hardSigmoid, tanh, received "softsign"',
    ],
  ])('is refused for %s', async (_, make, message) => {
    await expect(tokenSteps('test', make())).rejects.toThrow(message);
  });

  it('is refused where layers are not in a row, and for what is no model', async () => {
    const input = tfl.input({ shape: [null] });
    const embedded = layers.embedding({ inputDim: 5, outputDim: 4 }).apply(input);
    const sums = tfl.layers
      .add()
      .apply([lstm().apply(embedded) as tfl.SymbolicTensor, embedded as tfl.SymbolicTensor]);
    const output = softmax().apply(sums) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: input, outputs: output });
    await expect(tokenSteps('test', model)).rejects.toThrow('not one layer after the other');
    await expect(tokenSteps('test', {} as never)).rejects.toThrow(
      'test: model must be a model of TensorFlow.js',
    );
  });
});
