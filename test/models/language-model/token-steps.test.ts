import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLanguageModel, layers } from '../../../src/index.js';
import { seededRandom } from '../../../src/foundation/random.js';
import { chainOf } from '../../../src/models/language-model/chain.js';
import { streamedSteps } from '../../../src/models/language-model/streamed-steps.js';
import { plainSteps, type TokenSteps } from '../../../src/models/language-model/token-steps.js';
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

/** Compares plain steps, where there are any, and those of a stream with the prediction for whole sequences. */
async function expectSame(model: tfl.LayersModel, vocabularySize: number, isPlain = true) {
  const chain = chainOf(model);
  expect(chain !== null).toBe(isPlain);
  if (chain) expectSteps(model, vocabularySize, await plainSteps(chain));
  expectSteps(model, vocabularySize, streamedSteps('test', model));
}

/** Of two rows that are joined after two steps. */
function expectSteps<State>(
  model: tfl.LayersModel,
  vocabularySize: number,
  steps: TokenSteps<State>,
  time = 9,
): void {
  const tokens = [draw(time, vocabularySize), draw(time, vocabularySize)];
  const x = tf.tensor2d(
    tokens.map((row) => [...row]),
    [2, time],
    'int32',
  );
  const isTokens = model.inputs[0]!.shape.length === 2;
  const input = isTokens ? x : tf.oneHot(x, vocabularySize);
  const predicted = (model.predict(input) as tf.Tensor).dataSync();
  expect(steps.vocabularySize).toBe(vocabularySize);
  expect(steps.inputs).toBe(vocabularySize);
  let largest = 0;
  const compare = (logProbabilities: Float32Array, row: number, at: number) => {
    logProbabilities.forEach((score, token) => {
      const whole = predicted[(row * time + at) * vocabularySize + token]!;
      largest = Math.max(largest, Math.abs(Math.exp(score) - whole));
    });
  };
  const before = tf.memory().numTensors;
  const alone = tokens.map((own, row) => {
    let state = steps.begin();
    for (const at of [0, 1]) {
      const stepped = steps.step(own.subarray(at, at + 1), state);
      compare(stepped.logProbabilities, row, at);
      steps.dispose(state);
      state = stepped.state;
    }
    return state;
  });
  let state = steps.join(alone);
  for (const each of alone) steps.dispose(each);
  for (let at = 2; at < time; at++) {
    const pair = Int32Array.of(tokens[0]![at]!, tokens[1]![at]!);
    const stepped = steps.step(pair, state);
    const again = steps.step(pair, state); // the state that was given stays
    expect(again.logProbabilities).toEqual(stepped.logProbabilities);
    steps.dispose(again.state);
    const turned = steps.select(state, Int32Array.of(1, 0, 1));
    const other = steps.step(Int32Array.of(pair[1]!, pair[0]!, pair[1]!), turned);
    for (const row of [0, 1]) {
      const part = (from: number) => [from * vocabularySize, (from + 1) * vocabularySize] as const;
      const own = stepped.logProbabilities.subarray(...part(row));
      compare(own, row, at);
      compare(other.logProbabilities.subarray(...part(1 - row)), row, at);
    }
    for (const each of [turned, other.state, state]) steps.dispose(each);
    state = stepped.state;
  }
  steps.dispose(state);
  expect(tf.memory().numTensors).toBe(before);
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

  it('give it for what has no plain steps, by a stream', async () => {
    const embedding = () => layers.embedding({ inputDim: 5, outputDim: 4 });
    const lstm = (options = {}) => layers.lstm({ units: 4, returnSequences: true, ...options });
    const softmax = () => layers.dense({ units: 5, activation: 'softmax' });
    const soft = tfl.sequential({
      layers: [embedding(), lstm({ activation: 'softsign' }), softmax()],
    });
    roughen(soft);
    await expectSame(soft, 5, false);
    const normal = tfl.sequential({
      layers: [embedding(), lstm(), layers.layerNormalization({}), lstm(), softmax()],
    });
    await expectSame(normal, 5, false);
    const input = tfl.input({ shape: [null] });
    const embedded = embedding().apply(input) as tfl.SymbolicTensor;
    const read = lstm().apply(embedded) as tfl.SymbolicTensor;
    const sums = tfl.layers.add().apply([read, embedded]);
    const output = softmax().apply(sums) as tfl.SymbolicTensor;
    await expectSame(tfl.model({ inputs: input, outputs: output }), 5, false);
  });

  it('follow weights only when they are read again', async () => {
    const model = createLanguageModel({ vocabularySize: 5, units: 3 });
    const first = async () => {
      const steps = await plainSteps(chainOf(model)!);
      return () => steps.step(Int32Array.of(1), steps.begin()).logProbabilities;
    };
    const old = await first();
    const before = old();
    roughen(model);
    expect(old()).toEqual(before);
    expect((await first())()).not.toEqual(before);
  });
});
