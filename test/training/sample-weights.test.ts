/** `fitWithSeed` with `sampleWeight`: the numbers of gradient descent that is written out. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createSentimentLstm,
  type FitWithSeedOptions,
  fitWithSeed,
  layers,
  permutation,
} from '../../src/index.js';
import { weightsOf } from './models.js';

beforeAll(() => tf.setBackend('cpu'));

const RATE = 0.1;
const X = [0.5, -1, 2, 1.5, -0.3, 0.8, 1.1];
const Y = [1, 0.5, -1, 2, 0, 1, -2];
const W = [1, 0, 2, 0.5, 3, 1, 0.25];

/** y = a·x, from a = 0. */
function line(layer = layers.dense): tfl.Sequential {
  const model = tfl.sequential({
    layers: [layer({ units: 1, inputShape: [1], useBias: false, kernelInitializer: 'zeros' })],
  });
  model.compile({ optimizer: tf.train.sgd(RATE), loss: 'meanSquaredError' });
  return model;
}

const column = (values: number[]) => tf.tensor2d(values, [values.length, 1]);

/** Gradient descent for y = a·x, with the mean over each batch of w·(a·x − y)². */
function descend(orders: ArrayLike<number>[], batchSize: number, weights: number[]): number {
  let a = 0;
  for (const order of orders) {
    for (let first = 0; first < order.length; first += batchSize) {
      const rows = Array.from(order).slice(first, first + batchSize);
      const gradients = rows.map((i) => weights[i]! * 2 * (a * X[i]! - Y[i]!) * X[i]!);
      a -= (RATE * gradients.reduce((sum, each) => sum + each, 0)) / rows.length;
    }
  }
  return a;
}

const natural = X.map((_, i) => i);

describe('fitWithSeed with sampleWeight', () => {
  test.each([
    ['ours', layers.dense],
    ['of TensorFlow.js', tfl.layers.dense as typeof layers.dense],
  ])('is gradient descent on w · (a·x − y)², a layer %s', async (_, layer) => {
    const options = { batchSize: 3, epochs: 4, seed: 5, sampleWeight: tf.tensor1d(W) };
    const shuffled = line(layer);
    await fitWithSeed(shuffled, column(X), column(Y), options);
    const orders = [0, 1, 2, 3].map((epoch) => permutation(X.length, 5, epoch));
    expect(weightsOf(shuffled)[0]).toBeCloseTo(descend(orders, 3, W), 5);

    const inOrder = line(layer);
    await fitWithSeed(inOrder, column(X), column(Y), { ...options, shuffle: false });
    const same = [natural, natural, natural, natural];
    expect(weightsOf(inOrder)[0]).toBeCloseTo(descend(same, 3, W), 5);
  });

  test('logs the mean of the weighted losses, of validationSplit too, and not of validationData', async () => {
    const [a, b] = [line(), line()];
    const mean = (rows: number[], weights: (i: number) => number) =>
      rows.reduce((sum, i) => sum + weights(i) * Y[i]! ** 2, 0) / rows.length;
    const weights = (i: number) => W[i]!;
    // Nothing is learned: the model stays at a = 0, where the loss of a sample is y².
    for (const model of [a, b]) {
      model.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' });
    }
    const options = { batchSize: 2, shuffle: false, sampleWeight: tf.tensor1d(W) };
    const split = await fitWithSeed(a, column(X), column(Y), { ...options, validationSplit: 0.4 });
    expect(split.history.loss![0]).toBeCloseTo(mean([0, 1, 2, 3], weights), 5);
    expect(split.history.val_loss![0]).toBeCloseTo(mean([4, 5, 6], weights), 5);
    const validationData: [tf.Tensor, tf.Tensor] = [column(X), column(Y)];
    const given = await fitWithSeed(b, column(X), column(Y), { ...options, validationData });
    expect(given.history.loss![0]).toBeCloseTo(mean(natural, weights), 5);
    expect(given.history.val_loss![0]).toBeCloseTo(
      mean(natural, () => 1),
      5,
    );
  });

  test('weights of one change no bit', async () => {
    const [weighted, plain] = [line(), line()];
    const options = { batchSize: 3, epochs: 2 };
    const sampleWeight = tf.ones([X.length]);
    await fitWithSeed(weighted, column(X), column(Y), { ...options, sampleWeight });
    await fitWithSeed(plain, column(X), column(Y), options);
    expect(weightsOf(weighted)).toEqual(weightsOf(plain));
  });

  test('counts beside classWeight: their product', async () => {
    const labels = [0, 1, 1, 0, 1, 0, 0];
    const model = () => {
      const made = tfl.sequential({
        layers: [
          layers.dense({
            units: 1,
            inputShape: [1],
            activation: 'sigmoid',
            kernelInitializer: 'ones',
          }),
        ],
      });
      made.compile({ optimizer: tf.train.sgd(1), loss: 'binaryCrossentropy' });
      return made;
    };
    const [both, product] = [model(), model()];
    const options = { batchSize: 3, epochs: 3 };
    await fitWithSeed(both, column(X), column(labels), {
      ...options,
      sampleWeight: tf.tensor1d(W),
      classWeight: { 0: 0.5, 1: 4 },
    });
    await fitWithSeed(product, column(X), column(labels), {
      ...options,
      sampleWeight: tf.tensor1d(W.map((w, i) => w * (labels[i] ? 4 : 0.5))),
    });
    expect(weightsOf(both)).toEqual(weightsOf(product));
    const alone = model();
    await fitWithSeed(alone, column(X), column(labels), {
      ...options,
      classWeight: { 0: 0.5, 1: 4 },
    });
    expect(weightsOf(both)).not.toEqual(weightsOf(alone));
  });

  test('trains the sentiment model, which without weights has no tape, as its operations written out', async () => {
    const settings = { vocabularySize: 9, sequenceLength: 5, embeddingDim: 3, lstmUnits: 4 };
    const model = createSentimentLstm({ ...settings, denseUnits: 3, dropoutRate: 0, seed: 2 });
    const twin = createSentimentLstm({ ...settings, denseUnits: 3, dropoutRate: 0, seed: 2 });
    model.compile({ optimizer: tf.train.sgd(RATE), loss: 'binaryCrossentropy' });
    const words = Array.from({ length: 35 }, (_, i) => (i * 7) % 9);
    const labels = [0, 1, 1, 0, 1, 0, 0];
    const [x, y] = [tf.tensor2d(words, [7, 5], 'int32'), column(labels)];
    await fitWithSeed(model, x, y, {
      batchSize: 4,
      epochs: 2,
      shuffle: false,
      sampleWeight: tf.tensor1d(W),
    });

    const variables = twin.weights.map((weight) => weight.read() as tf.Variable);
    for (const [first, last] of [
      [0, 4],
      [4, 7],
      [0, 4],
      [4, 7],
    ] as const) {
      const rows = last - first;
      const { grads } = tf.variableGrads(() => {
        const p = tf.reshape(
          twin.apply(tf.slice(x, first, rows), { training: true }) as tf.Tensor,
          [rows],
        );
        const wanted = tf.tensor1d(labels.slice(first, last));
        const one = (probability: tf.Tensor, truth: tf.Tensor) =>
          tf.mul(truth, tf.log(probability));
        const loss = tf.neg(tf.add(one(p, wanted), one(tf.sub(1, p), tf.sub(1, wanted))));
        return tf.mean(tf.mul(loss, tf.tensor1d(W.slice(first, last)))) as tf.Scalar;
      }, variables);
      for (const variable of variables) {
        variable.assign(tf.sub(variable, tf.mul(RATE, grads[variable.name]!)));
      }
    }
    const expected = weightsOf(twin);
    weightsOf(model).forEach((weight, i) => {
      expect(weight).toBeCloseTo(expected[i]!, 5);
    });
  });

  test('weighs sequences by the sample and by the step', async () => {
    const [samples, time] = [4, 4]; // equal, so that one could be taken for the other
    const x = tf.tensor3d(
      Array.from({ length: 16 }, (_, i) => Math.sin(i)),
      [samples, time, 1],
    );
    const y = tf.tensor3d(
      Array.from({ length: 16 }, (_, i) => Math.cos(3 * i)),
      [samples, time, 1],
    );
    const bySample = [1, 0, 3, 0.5];
    const byStep = Array.from({ length: 16 }, (_, i) => (i * 5) % 7);
    const fit = async (sampleWeight: tf.Tensor) => {
      const model = tfl.sequential({
        layers: [
          layers.dense({
            units: 1,
            inputShape: [time, 1],
            useBias: false,
            kernelInitializer: 'zeros',
          }),
        ],
      });
      model.compile({ optimizer: tf.train.sgd(RATE), loss: 'meanSquaredError' });
      const { history } = await fitWithSeed(model, x, y, { sampleWeight });
      return { kernel: weightsOf(model)[0]!, loss: history.loss![0]! };
    };
    const [xs, ys] = [x.dataSync(), y.dataSync()];
    const stepped = (weight: (i: number) => number) => {
      const each = Array.from(xs, (_, i) => i);
      const sum = (term: (i: number) => number) =>
        each.reduce((all, i) => all + weight(i) * term(i), 0);
      return {
        kernel: (RATE * sum((i) => 2 * xs[i]! * ys[i]!)) / 16,
        loss: sum((i) => ys[i]! ** 2) / 16,
      };
    };
    for (const [weights, weight] of [
      [tf.tensor1d(bySample), (i: number) => bySample[Math.floor(i / time)]!],
      [tf.tensor2d(bySample, [samples, 1]), (i: number) => bySample[Math.floor(i / time)]!],
      [tf.tensor2d(byStep, [samples, time]), (i: number) => byStep[i]!],
      [tf.tensor3d(byStep, [samples, time, 1]), (i: number) => byStep[i]!],
    ] as const) {
      const [received, expected] = [await fit(weights), stepped(weight)];
      expect(received.kernel).toBeCloseTo(expected.kernel, 5);
      expect(received.loss).toBeCloseTo(expected.loss, 5);
    }
  });

  describe('with several outputs', () => {
    const build = () => {
      const input = tfl.input({ shape: [1] });
      const out = (name: string) =>
        layers
          .dense({ name, units: 1, useBias: false, kernelInitializer: 'zeros' })
          .apply(input) as tfl.SymbolicTensor;
      const model = tfl.model({ inputs: input, outputs: [out('one'), out('two')] });
      model.compile({ optimizer: tf.train.sgd(RATE), loss: 'meanSquaredError' });
      return model;
    };
    const ones = X.map(() => 1);
    const other = W.map((w) => 2 * w + 1);

    test.each<[string, FitWithSeedOptions['sampleWeight'], number[], number[]]>([
      ['one for all', tf.tensor1d(W), W, W],
      ['a list', [tf.tensor1d(W), tf.tensor1d(other)], W, other],
      ['by name', { two: tf.tensor1d(other), one: tf.tensor1d(W) }, W, other],
      ['by name, one left out', { two: tf.tensor1d(other) }, ones, other],
    ])('%s', async (_, sampleWeight, first, second) => {
      const model = build();
      const options = { batchSize: 3, epochs: 2, shuffle: false, validationSplit: 0.3 };
      const { history } = await fitWithSeed(model, column(X), [column(Y), column(Y)], {
        ...options,
        sampleWeight: sampleWeight!,
      });
      const order = [0, 1, 2, 3];
      const [a, b] = [first, second].map((weights) => descend([order, order], 3, weights));
      expect(weightsOf(model)[0]).toBeCloseTo(a!, 5);
      expect(weightsOf(model)[1]).toBeCloseTo(b!, 5);
      const evaluated = (slope: number, weights: number[]) =>
        [4, 5, 6].reduce((sum, i) => sum + (weights[i]! * (slope * X[i]! - Y[i]!) ** 2) / 3, 0);
      const [one, two] = [evaluated(a!, first), evaluated(b!, second)];
      expect(history.val_one_loss![1]).toBeCloseTo(one, 4);
      expect(history.val_two_loss![1]).toBeCloseTo(two, 4);
      expect(history.val_loss![1]).toBeCloseTo(one + two, 4);
    });
  });

  test('leaves the model as it was, and no tensor behind', async () => {
    const model = line();
    const [x, y, sampleWeight] = [column(X), column(Y), tf.tensor1d(W)];
    const options = { batchSize: 3, epochs: 2, sampleWeight, validationSplit: 0.3 };
    await fitWithSeed(model, x, y, options);
    const before = tf.memory().numTensors;
    await fitWithSeed(model, x, y, options);
    expect(tf.memory().numTensors).toBe(before);
    const failing = { onBatchEnd: () => Promise.reject(new Error('unplugged')) };
    await expect(fitWithSeed(model, x, y, { ...options, callbacks: failing })).rejects.toThrow();

    const untouched = line();
    model.setWeights([tf.zeros([1, 1])]);
    for (const each of [model, untouched]) {
      await each.fit(x, y, { epochs: 2, shuffle: false, verbose: 0 });
    }
    expect(weightsOf(model)).toEqual(weightsOf(untouched));
    await expect(untouched.fit(x, y, { sampleWeight })).rejects.toThrow('not supported');
  });

  test.each<[string, unknown, string]>([
    [
      'a list of numbers',
      W,
      'sampleWeight[0] must be a tensor, received 1. Write tf.tensor1d(weights).',
    ],
    [
      'too few',
      tf.tensor1d([1, 2]),
      'sampleWeight must have one weight for each of the 7 samples, received [2].',
    ],
    ['NaN', tf.fill([7], Number.NaN), 'sampleWeight must hold finite numbers, received NaN.'],
    [
      'the name of no output',
      { foo: tf.tensor1d(W) },
      'sampleWeight must be a tensor, a list of 1, or named by outputs of the model, which are',
    ],
    [
      'too many outputs',
      [tf.tensor1d(W), tf.tensor1d(W)],
      'sampleWeight must be a tensor, a list of 1, or named by outputs of the model',
    ],
    [
      'another shape',
      tf.ones([7, 2]),
      'must have the shape [7] or [7], received [7, 2]. Give one weight for each sample, or one for each step of it.',
    ],
  ])('rejects %s, and trains nothing', async (_, sampleWeight, message) => {
    const model = line();
    const options = { sampleWeight } as FitWithSeedOptions;
    await expect(fitWithSeed(model, column(X), column(Y), options)).rejects.toThrow(message);
    expect(weightsOf(model)).toEqual([0]);
  });

  test('rejects a loss that has averaged already, of which nothing can be weighed', async () => {
    const model = line();
    model.compile({
      optimizer: 'sgd',
      loss: (yTrue, yPred) => tf.losses.meanSquaredError(yTrue, yPred),
    });
    const options = { sampleWeight: tf.tensor1d(W) };
    await expect(fitWithSeed(model, column(X), column(Y), options)).rejects.toThrow(
      "fitWithSeed: with sampleWeight, a loss must return one value for each sample, received []. Name the loss, as in loss: 'meanSquaredError', or leave out its mean.",
    );
    expect(weightsOf(model)).toEqual([0]);
  });
});

describe('the order of samples', () => {
  /** A stateful model, and what its layer saw first of each batch. */
  function stateful() {
    const model = tfl.sequential({
      layers: [
        layers.lstm({ units: 2, stateful: true, batchInputShape: [2, 3, 1] }),
        layers.dense({ units: 1 }),
      ],
    });
    model.compile({ optimizer: tf.train.sgd(RATE), loss: 'meanSquaredError' });
    return model;
  }
  const x = tf.tensor3d(
    Array.from({ length: 18 }, (_, i) => Math.sin(i)),
    [6, 3, 1],
  );
  const y = column([1, 0, -1, 2, 1, 0]);

  test('of a stateful model is kept, as by model.fit that does not shuffle', async () => {
    const [ours, theirs, told] = [stateful(), stateful(), stateful()];
    for (const model of [theirs, told]) model.setWeights(ours.getWeights());
    const { history } = await fitWithSeed(ours, x, y, { batchSize: 2, epochs: 3 });
    const fitted = await theirs.fit(x, y, { batchSize: 2, epochs: 3, shuffle: false, verbose: 0 });
    await fitWithSeed(told, x, y, { batchSize: 2, epochs: 3, shuffle: false });
    expect(weightsOf(ours)).toEqual(weightsOf(theirs));
    expect(weightsOf(told)).toEqual(weightsOf(theirs));
    expect(history.loss).toEqual(fitted.history.loss);
  });

  test('of a stateful model cannot be mixed, wherever the stateful layer is', async () => {
    const inner = stateful();
    const input = tfl.input({ batchShape: [2, 3, 1] });
    const outer = tfl.model({ inputs: input, outputs: inner.apply(input) as tfl.SymbolicTensor });
    outer.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    for (const model of [inner, outer]) {
      await expect(fitWithSeed(model, x, y, { batchSize: 2, shuffle: true })).rejects.toThrow(
        /^fitWithSeed: shuffle must be false, since \S*lstm\S* is stateful: a batch goes on where the one before has ended, received true\. Leave it out to keep the order of the samples\.\n/,
      );
    }
  });

  test('is kept with shuffle: false, and the samples are left as they are', async () => {
    const [ours, theirs] = [line(), line()];
    const [xs, ys] = [column(X), column(Y)];
    await fitWithSeed(ours, xs, ys, { batchSize: 3, epochs: 2, shuffle: false });
    await theirs.fit(xs, ys, { batchSize: 3, epochs: 2, shuffle: false, verbose: 0 });
    expect(weightsOf(ours)).toEqual(weightsOf(theirs));
    expect(xs.isDisposed || ys.isDisposed).toBe(false);
  });
});
