import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { adam } from '../../../../src/layers/optimizers/adam.js';
import * as layers from '../../../../src/layers/layers.js';
import { weightsOf } from '../../../training/models.js';
import { bytesInUse } from '../../../kernels/kernels.js';

const [VOCABULARY, TIME, SAMPLES] = [12, 5, 8];
const seed = (n: number) => ({ kernelInitializer: tfl.initializers.glorotUniform({ seed: n }) });
const recurrent = (n: number) => ({
  ...seed(n),
  recurrentInitializer: tfl.initializers.glorotUniform({ seed: n + 1 }),
});
const embedding = (settings: object = {}) =>
  layers.embedding({
    inputDim: VOCABULARY,
    outputDim: 32,
    inputLength: TIME,
    embeddingsInitializer: tfl.initializers.randomUniform({ seed: 1 }),
    ...settings,
  });
const lstm = (settings: object = {}) => layers.lstm({ units: 6, ...recurrent(2), ...settings });
const dense = (settings: object = {}) => layers.dense({ units: 4, ...seed(5), ...settings });
const output = (settings: object = {}) => dense({ units: 1, activation: 'sigmoid', ...settings });

/** A recurrent layer has no seed of its own. */
const seeded = (layer: tfl.layers.Layer) => Object.assign(layer, { randomState: 7 });

type Layers = () => tfl.layers.Layer[];

/** Chains that train without a tape. */
const CHAINS: Record<string, Layers> = {
  'the model of the article': () => [
    embedding(),
    layers.dropout({ rate: 0.2, seed: 3 }),
    lstm({ recurrentActivation: 'sigmoid' }),
    dense({ activation: 'relu' }),
    layers.dropout({ rate: 0.2, seed: 4 }),
    output(),
  ],
  'two LSTMs, the first one going backwards': () => [
    embedding(),
    lstm({ returnSequences: true, goBackwards: true }),
    lstm({ useBias: false }),
    output({ useBias: false }),
  ],
  'a GRU behind words': () => [
    embedding(),
    layers.dropout({ rate: 0.2, seed: 3 }),
    layers.gru({ units: 6, ...recurrent(2), resetAfter: true }),
    output(),
  ],
  'a GRU of the other form, and a SimpleRNN going backwards': () => [
    embedding(),
    layers.gru({
      units: 5,
      ...recurrent(2),
      returnSequences: true,
      recurrentActivation: 'sigmoid',
    }),
    layers.simpleRNN({ units: 7, ...recurrent(4), goBackwards: true, activation: 'relu' }),
    output(),
  ],
  'a SimpleRNN behind words, without a bias': () => [
    embedding(),
    layers.simpleRNN({ units: 9, ...recurrent(2), useBias: false }),
    output(),
  ],
  'dropout inside recurrent layers': () => [
    embedding(),
    seeded(lstm({ dropout: 0.2, recurrentDropout: 0.3, returnSequences: true })),
    seeded(layers.gru({ units: 5, ...recurrent(2), dropout: 0.5, recurrentDropout: 0.2 })),
    output(),
  ],
  'a stack of cells that drop some, going backwards': () => [
    embedding(),
    seeded(
      layers.rnn({
        cell: [
          layers.gruCell({ units: 5, ...recurrent(2), dropout: 0.2, resetAfter: true }),
          layers.lstmCell({ units: 3, ...recurrent(4), recurrentDropout: 0.3 }),
          layers.simpleRNNCell({ units: 4, ...recurrent(6), useBias: false }),
        ],
        goBackwards: true,
        returnSequences: true,
      }),
    ),
    layers.rnn({ cell: [layers.gruCell({ units: 3, ...recurrent(8) })] }),
    output(),
  ],
  'a minGRU behind words, and one that drops some': () => [
    embedding(),
    layers.minGRU({ units: 5, ...seed(2), returnSequences: true }),
    seeded(layers.minGRU({ units: 6, ...seed(4), dropout: 0.2, recurrentDropout: 0.3 })),
    output(),
  ],
  'an LSTM with peepholes behind words, and one that drops some': () => [
    embedding(),
    layers.peepholeLSTM({ units: 5, ...recurrent(2), returnSequences: true }),
    seeded(layers.peepholeLSTM({ units: 6, ...recurrent(4), dropout: 0.2, recurrentDropout: 0.3 })),
    output(),
  ],
  'a dense layer at each step': () => [
    embedding(),
    lstm({ returnSequences: true }),
    dense({ activation: 'sigmoid' }),
    lstm(),
    output(),
  ],
  'numbers instead of words, and a frozen layer': () => [
    dense({ inputShape: [TIME], activation: 'linear' }),
    layers.dropout({ rate: 0 }),
    dense({ activation: 'relu', trainable: false }),
    output(),
  ],
};

/** Islands: what has a small tape of its own, or none of our kernels. */
const OTHERS: Record<string, Layers> = {
  'a mask': () => [embedding({ maskZero: true }), lstm(), output()],
  'a regularizer': () => [
    embedding(),
    lstm(),
    output({ kernelRegularizer: tfl.regularizers.l2({ l2: 0.1 }) }),
  ],
  'kernel: composed': () => [embedding({ kernel: 'composed' }), lstm(), output()],
  'a noise shape': () => [
    embedding(),
    layers.dropout({ rate: 0.5, noiseShape: [4, 1, 32], seed: 3 }),
    lstm(),
    output(),
  ],
  'a masked stack of cells': () => [
    embedding({ maskZero: true }),
    layers.rnn({
      cell: [
        layers.lstmCell({ units: 3, ...recurrent(2) }),
        layers.gruCell({ units: 4, ...recurrent(4) }),
      ],
      goBackwards: true,
    }),
    output(),
  ],
  'a stack with a cell that has no kernel': () => [
    embedding(),
    layers.rnn({
      cell: [
        layers.lstmCell({ units: 3, ...recurrent(2), activation: 'softsign' }),
        layers.gruCell({ units: 4, ...recurrent(4) }),
      ],
    }),
    output(),
  ],
  'an activation without a gradient here': () => [
    embedding(),
    lstm(),
    output({ activation: 'elu' }),
  ],
  'a layer of TensorFlow.js': () => [
    embedding(),
    tfl.layers.gru({ units: 3, ...recurrent(2) }),
    output(),
  ],
};

function compiled(make: Layers, loss = 'binaryCrossentropy'): tfl.LayersModel {
  const sequential = tfl.sequential({ layers: make() });
  sequential.compile({ optimizer: adam(0.05), loss, metrics: ['accuracy'] });
  const { model } = sequential as unknown as { model: tfl.LayersModel };
  return model;
}

function data(): { x: tf.Tensor; y: tf.Tensor } {
  const words = Array.from({ length: SAMPLES * TIME }, (_, i) => (i * 7) % VOCABULARY);
  const labels = Array.from({ length: SAMPLES }, (_, i) => i % 2);
  return {
    x: tf.tensor2d(words, [SAMPLES, TIME], 'int32'),
    y: tf.tensor2d(labels, [SAMPLES, 1], 'float32'),
  };
}

const options = { batchSize: 4, epochs: 2, shuffle: false, verbose: 0 } as const;

/** Has a model train with a tape, as for every optimizer that has its own way with gradients. */
function onTape({ optimizer }: tfl.LayersModel): void {
  optimizer.minimize = tf.Optimizer.prototype.minimize.bind(optimizer);
}

/** How often a tape was recorded while `body` ran. */
async function tapesOf(body: () => Promise<unknown>): Promise<number> {
  const gradients = vi.spyOn(tf.engine(), 'gradients');
  await body();
  const { length } = gradients.mock.calls;
  gradients.mockRestore();
  return length;
}

afterEach(() => vi.restoreAllMocks());
afterAll(() => tf.setBackend('cpu'));

describe.each(['cpu', 'wasm'])('a step without a tape on the %s backend', (backend) => {
  beforeEach(() => tf.setBackend(backend));

  test.each(Object.entries(CHAINS))('trains %s as with a tape, to the bit', async (_, make) => {
    const { x, y } = data();
    const results: object[] = [];
    const tapes: number[] = [];
    for (const withTape of [true, false]) {
      const model = compiled(make);
      if (withTape) onTape(model);
      let history: object = {};
      tapes.push(
        await tapesOf(async () => {
          ({ history } = await model.fit(x, y, options));
        }),
      );
      const onBatch = await model.trainOnBatch(x, y);
      results.push({ history, onBatch, weights: weightsOf(model) });
    }
    expect(results[1]).toEqual(results[0]);
    expect(tapes).toEqual([4, 0]);
  });

  const softmax = { activation: 'softmax' };
  const ofClasses = () => tf.oneHot(tf.tensor1d([0, 1, 2, 3, 3, 2, 1, 0], 'int32'), 4);
  const ofSteps = () => {
    const classes = Array.from({ length: SAMPLES * TIME }, (_, i) => (i * 3) % 4);
    return tf.tensor3d(classes, [SAMPLES, TIME, 1]);
  };
  const numbers = () => tf.ones([SAMPLES, 4]);
  test.each<[string, Layers, () => tf.Tensor]>([
    ['meanSquaredError', () => [embedding(), lstm(), dense()], numbers],
    ['meanAbsoluteError', () => [embedding(), lstm(), dense()], numbers],
    ['categoricalCrossentropy', () => [embedding(), lstm(), dense(softmax)], ofClasses],
    [
      'sparseCategoricalCrossentropy',
      () => [embedding(), lstm({ returnSequences: true }), dense(softmax)],
      ofSteps,
    ],
  ])('trains on %s as with a tape, to the bit', async (loss, make, labels) => {
    const [{ x }, y] = [data(), labels()];
    const results: object[] = [];
    const tapes: number[] = [];
    for (const withTape of [true, false]) {
      const model = compiled(make, loss);
      if (withTape) onTape(model);
      let history: object = {};
      tapes.push(
        await tapesOf(async () => {
          ({ history } = await model.fit(x, y, options));
        }),
      );
      results.push({ history, weights: weightsOf(model) });
    }
    expect(results[1]).toEqual(results[0]);
    expect(tapes).toEqual([4, 0]);
  });

  test.each(['sgd', 'rmsprop', 'adagrad', 'adadelta', 'adamax', 'adam'])(
    'steps by %s of TensorFlow.js as with a tape, to the bit',
    async (optimizer) => {
      const { x, y } = data();
      const results = [];
      for (const withTape of [true, false]) {
        const model = compiled(CHAINS['the model of the article']!);
        model.compile({ optimizer, loss: 'binaryCrossentropy' });
        if (withTape) onTape(model);
        expect(await tapesOf(() => model.fit(x, y, options))).toBe(withTape ? 4 : 0);
        results.push(weightsOf(model));
      }
      expect(results[1]).toEqual(results[0]);
    },
  );

  test('lets metrics and optimizers of others read what they get', async () => {
    const { x, y } = data();
    const model = compiled(CHAINS['the model of the article']!);
    const read: number[] = [];
    const [[, output]] = model.metricsTensors as unknown as [[unknown, number]];
    const judge = lstm({ units: 1 });
    tf.tidy(() => void judge.apply(tf.ones([1, 1, 1])));
    const metric = (_yTrue: tf.Tensor, yPred: tf.Tensor) => {
      const judged = judge.apply(tf.reshape(yPred, [-1, 1, 1])) as tf.Tensor;
      read.push(...yPred.dataSync(), ...judged.dataSync());
      return yPred;
    };
    model.metricsTensors = [[metric, output]] as never;
    const applyGradients = model.optimizer.applyGradients.bind(model.optimizer);
    model.optimizer.applyGradients = (gradients) => {
      for (const { tensor } of gradients as { tensor: tf.Tensor }[])
        read.push(...tensor.dataSync());
      applyGradients(gradients);
    };
    const { numTensors } = tf.memory();
    expect(await tapesOf(() => model.trainOnBatch(x, y))).toBe(0);
    expect(tf.memory().numTensors).toBe(numTensors + 2 * model.trainableWeights.length); // moments
    expect(read).toHaveLength(2 * SAMPLES + model.countParams());
    expect(read.every(Number.isFinite)).toBe(true);
  });

  test('leaves no tensor and no memory of the kernels behind', async () => {
    const { x, y } = data();
    const model = compiled(CHAINS['the model of the article']!);
    await model.fit(x, y, options);
    const [tensors, bytes] = [tf.memory().numTensors, bytesInUse()];
    await model.fit(x, y, options);
    await model.trainOnBatch(x, y);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(bytesInUse()).toBe(bytes);
  });

  test('leaves none behind after an error in between, and goes on from there', async () => {
    const { x, y } = data();
    const model = compiled(CHAINS['the model of the article']!);
    await model.trainOnBatch(x, y);
    const [tensors, bytes] = [tf.memory().numTensors, bytesInUse()];
    const [loss] = model.metricsTensors as unknown as [(...tensors: tf.Tensor[]) => tf.Tensor][];
    const metric = loss![0];
    loss![0] = () => {
      throw new Error('of the metric');
    };
    await expect(model.trainOnBatch(x, y)).rejects.toThrow('of the metric');
    expect(bytesInUse()).toBe(bytes);
    expect(tf.memory().numTensors).toBe(tensors);
    loss![0] = metric;
    expect(await tapesOf(() => model.trainOnBatch(x, y))).toBe(0);
  });
});

describe('islands in a step without a tape', () => {
  beforeEach(() => tf.setBackend('cpu'));

  /** Trained on one tape and without it: the same losses and weights, and nothing left behind. */
  async function bothWays(make: () => tfl.LayersModel, settings: object = {}) {
    const { x, y } = data();
    const results: number[][] = [];
    for (const withTape of [true, false]) {
      const model = make();
      if (withTape) onTape(model);
      const before = tf.memory().numTensors;
      const fit = async () => {
        const { history } = await model.fit(x, y, { ...options, ...settings });
        results.push([...(history.loss as number[]), ...weightsOf(model)]);
      };
      expect(await tapesOf(fit)).toBe(withTape ? 4 : 0);
      // The moments of Adam.
      expect(tf.memory().numTensors).toBe(before + 2 * model.trainableWeights.length);
    }
    const [taped, free] = results as [number[], number[]];
    free.forEach((value, i) => {
      expect(Math.abs(value - taped[i]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(taped[i]!)));
    });
  }

  test.each(Object.entries(OTHERS))('%s', (_, make) => bothWays(() => compiled(make)));

  test('class weights', () =>
    bothWays(() => compiled(CHAINS['the model of the article']!), {
      classWeight: { 0: 1, 1: 2 },
    }));

  test('a loss of others', () =>
    bothWays(() => compiled(CHAINS['the model of the article']!, 'logcosh')));

  test('a hook of a layer is called', async () => {
    const { x, y } = data();
    const model = compiled(CHAINS['the model of the article']!);
    const hook = vi.fn();
    (model.layers.at(-1) as unknown as { setCallHook(hook: () => void): void }).setCallHook(hook);
    expect(await tapesOf(() => model.trainOnBatch(x, y))).toBe(0);
    expect(hook).toHaveBeenCalledTimes(1);
  });

  test('a call that somebody put before a layer is made', async () => {
    const { x, y } = data();
    const model = compiled(CHAINS['the model of the article']!);
    const last = model.layers.at(-1)!;
    const call = vi.fn(last.call.bind(last));
    last.call = call;
    expect(await tapesOf(() => model.trainOnBatch(x, y))).toBe(0);
    expect(call).toHaveBeenCalledTimes(1);
  });
});

describe('a step with a tape', () => {
  beforeEach(() => tf.setBackend('cpu'));

  test('is taken by an optimizer that has its own way with gradients', async () => {
    const { x, y } = data();
    const model = compiled(CHAINS['the model of the article']!);
    const { optimizer } = model;
    optimizer.computeGradients = (...args) => tf.variableGrads(...args);
    expect(await tapesOf(() => model.trainOnBatch(x, y))).toBe(1);
  });

  test('is taken while somebody watches the kernels', async () => {
    const { x, y } = data();
    const model = compiled(CHAINS['the model of the article']!);
    let kernels: string[] = [];
    const profiled = async () => {
      ({ kernelNames: kernels } = await tf.profile(async () => {
        await model.trainOnBatch(x, y);
        return [] as tf.Tensor[];
      }));
    };
    expect(await tapesOf(profiled)).toBe(1);
    expect(kernels).toContain('RecurrentLstmGradient');
  });
});
