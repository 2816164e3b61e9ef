import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  createSentimentLstm,
  fitWithSeed,
  registerLayers,
  type SentimentLstmOptions,
} from '../../../src/index.js';
import { TINY, weightsOf } from '../reviews.js';
import { inMemory } from '../../in-memory.js';

const BACKENDS = ['cpu', 'wasm'];

const VARIANTS: [string, SentimentLstmOptions][] = [
  ['plain', {}],
  ['maskZero', { maskZero: true }],
  ['bidirectional', { bidirectional: true }],
  ['bidirectional with maskZero', { bidirectional: true, maskZero: true }],
  ['hardSigmoid', { recurrentActivation: 'hardSigmoid' }],
];

/** Six padded sequences of words and their labels. */
function samples() {
  const rows = Array.from({ length: 6 }, (_, row) =>
    Array.from({ length: 8 }, (_, step) => (step <= row ? 0 : 1 + ((row * 7 + step * 3) % 39))),
  );
  return { x: tf.tensor2d(rows, [6, 8], 'int32'), y: tf.tensor2d([[1], [0], [1], [0], [1], [0]]) };
}

const classOf = (layer: object) => layer.constructor;

const predictionsOf = (model: tfl.LayersModel, x: tf.Tensor): number[] =>
  tf.tidy(() => [...(model.predict(x) as tf.Tensor).dataSync()]);

beforeEach(async () => {
  await tf.setBackend('cpu');
});

describe('createSentimentLstm', () => {
  test('builds the layers of the tutorials, under the names that Keras gives them', () => {
    const model = createSentimentLstm();
    const layers = model.layers.map((layer) => [
      layer.name,
      layer.getClassName(),
      layer.outputShape,
      layer.countParams(),
    ]);
    expect(layers).toEqual([
      ['embedding', 'Embedding', [null, 300, 32], 128_000],
      ['dropout', 'Dropout', [null, 300, 32], 0],
      ['lstm', 'LSTM', [null, 32], 4 * (32 + 32 + 1) * 32],
      ['dense', 'Dense', [null, 256], 33 * 256],
      ['dropout_1', 'Dropout', [null, 256], 0],
      ['dense_1', 'Dense', [null, 1], 257],
    ]);
    expect(model.countParams()).toBe(145_025);
  });

  test('has the defaults of the tutorials', () => {
    const model = createSentimentLstm();
    const config = (name: string) => model.getLayer(name).getConfig();
    expect(config('embedding')).toMatchObject({ inputLength: 300, maskZero: false });
    expect(config('dropout')).toMatchObject({ rate: 0.2 });
    expect(config('lstm')).toMatchObject({
      activation: 'tanh',
      recurrentActivation: 'sigmoid',
      unitForgetBias: true,
      returnSequences: false,
    });
    expect(config('dense')).toMatchObject({ activation: 'relu' });
    expect(config('dense_1')).toMatchObject({ activation: 'sigmoid' });
    expect(model.loss).toBe('binaryCrossentropy');
    expect(model.metricsNames).toEqual(['loss', 'acc']);
    expect(model.optimizer).toBeInstanceOf(tf.AdamOptimizer);
    expect(model.optimizer.getConfig()).toMatchObject({
      learningRate: 0.001,
      beta1: 0.9,
      beta2: 0.999,
    });
  });

  test('takes every size and setting', () => {
    const model = createSentimentLstm({
      ...TINY,
      dropoutRate: 0,
      recurrentActivation: 'hardSigmoid',
      maskZero: true,
      learningRate: 0.5,
    });
    expect(model.weights.map((weight) => weight.shape)).toEqual([
      [40, 6],
      ...[[6, 20], [5, 20], [20]],
      ...[[5, 7], [7]],
      ...[[7, 1], [1]],
    ]);
    expect(model.inputs[0]?.shape).toEqual([null, 8]);
    expect(model.getLayer('embedding').getConfig()).toMatchObject({ maskZero: true });
    expect(model.getLayer('dropout_1').getConfig()).toMatchObject({ rate: 0 });
    expect(model.getLayer('lstm').getConfig()).toMatchObject({
      recurrentActivation: 'hardSigmoid',
    });
    expect(model.optimizer.getConfig()).toMatchObject({ learningRate: 0.5 });
  });

  test('counts what is left out as the default, also when it is undefined', () => {
    const model = createSentimentLstm({
      ...TINY,
      dropoutRate: undefined,
      lstmUnits: undefined,
    } as SentimentLstmOptions);
    expect(model.getLayer('dropout').getConfig()).toMatchObject({ rate: 0.2 });
    expect(model.getLayer('lstm').outputShape).toEqual([null, 32]);
  });

  test('reads both ways with two LSTMs whose outputs stand side by side', () => {
    const model = createSentimentLstm({ ...TINY, bidirectional: true });
    expect(model.layers.map((layer) => layer.name)).toEqual([
      ...['embedding', 'dropout', 'bidirectional', 'dense', 'dropout_1', 'dense_1'],
    ]);
    expect(model.getLayer('bidirectional').outputShape).toEqual([null, 10]);
    expect(model.getLayer('bidirectional').countParams()).toBe(2 * 4 * (6 + 5 + 1) * 5);
  });

  test('leaves compiling to others on request', () => {
    const model = createSentimentLstm({ ...TINY, compile: false });
    expect(model.optimizer).toBeUndefined();
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    expect(model.optimizer).toBeInstanceOf(tf.SGDOptimizer);
  });

  test('begins with the weights of Keras: uniform, Glorot, orthogonal, and a forget bias of 1', () => {
    const model = createSentimentLstm({ ...TINY, lstmUnits: 5 });
    const [embeddings, kernel, recurrent, bias, dense] = weightsOf(model);
    expect(Math.max(...embeddings!.map(Math.abs))).toBeLessThanOrEqual(0.05);
    expect(Math.max(...embeddings!.map(Math.abs))).toBeGreaterThan(0.04);
    expect(Math.max(...kernel!.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(6 / (6 + 20)));
    expect(Math.max(...dense!.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(6 / (5 + 7)));
    for (let a = 0; a < 5; a++) {
      for (let b = 0; b < 5; b++) {
        let dot = 0;
        for (let k = 0; k < 20; k++) dot += recurrent![a * 20 + k]! * recurrent![b * 20 + k]!;
        expect(dot).toBeCloseTo(a === b ? 1 : 0, 5);
      }
    }
    expect(bias).toEqual([...Array(5).fill(0), ...Array(5).fill(1), ...Array(10).fill(0)]);
  });
});

describe('a seed', () => {
  const build = (seed?: number) => weightsOf(createSentimentLstm({ ...TINY, seed }));

  test('gives the same weights every time, and on every backend', async () => {
    const onCpu = build(7);
    expect(build(7)).toEqual(onCpu);
    await tf.setBackend('wasm');
    expect(build(7)).toEqual(onCpu);
    expect(build(7)).toEqual(onCpu);
  });

  test('of 0 is a seed as any other', () => {
    expect(build(0)).toEqual(build(0));
    expect(build(0)).not.toEqual(build(1));
  });

  test('differs from layer to layer and from seed to neighbouring seed', () => {
    const firsts = [build(0), build(1), build(2)].flatMap((weights) =>
      // Embeddings, kernels and recurrent kernels; biases are zeros and ones.
      [0, 1, 2, 4, 6].map((index) => weights[index]![0]!.toPrecision(5)),
    );
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  test('left out gives other weights every time', () => {
    expect(build()).not.toEqual(build());
  });

  test.each(BACKENDS)('repeats a training on %s to the bit', async (backend) => {
    await tf.setBackend(backend);
    const { x, y } = samples();
    const train = async () => {
      const model = createSentimentLstm(TINY);
      await fitWithSeed(model, x, y, { epochs: 2, batchSize: 2, seed: 3 });
      return weightsOf(model);
    };
    expect(await train()).toEqual(await train());
    tf.dispose([x, y]);
  });

  test('fixes the dropout masks, so that one of another seed trains otherwise', async () => {
    const { x, y } = samples();
    const train = async (seed: number) => {
      const model = createSentimentLstm({ ...TINY, seed, dropoutRate: 0.5 });
      model.setWeights(createSentimentLstm(TINY).getWeights());
      await fitWithSeed(model, x, y, { epochs: 1 });
      return weightsOf(model);
    };
    expect(await train(1)).toEqual(await train(1));
    expect(await train(1)).not.toEqual(await train(2));
    tf.dispose([x, y]);
  });
});

describe.each(BACKENDS)('on the backend %s', (backend) => {
  beforeEach(async () => {
    await tf.setBackend(backend);
  });

  test.each(VARIANTS)('%s: a step of training changes every weight', async (_, options) => {
    const model = createSentimentLstm({ ...TINY, ...options });
    const { x, y } = samples();
    const before = weightsOf(model);
    const loss = (await model.trainOnBatch(x, y)) as number[];
    expect(loss[0]).toBeCloseTo(Math.log(2), 1);
    weightsOf(model).forEach((weights, index) => {
      expect(weights.every(Number.isFinite)).toBe(true);
      expect(weights, model.weights[index]!.originalName).not.toEqual(before[index]);
    });
    tf.dispose([x, y]);
  });

  test('maskZero skips padding: only then more of it changes nothing', () => {
    const short = tf.tensor2d([[0, 0, 3, 5, 2]], [1, 5], 'int32');
    const long = tf.tensor2d([[0, 0, 0, 0, 0, 3, 5, 2]], [1, 8], 'int32');
    for (const maskZero of [true, false]) {
      const build = (sequenceLength: number) =>
        createSentimentLstm({ ...TINY, sequenceLength, maskZero });
      const [a] = predictionsOf(build(5), short);
      const [b] = predictionsOf(build(8), long);
      if (maskZero) expect(a).toBeCloseTo(b!, 6);
      else expect(Math.abs(a! - b!)).toBeGreaterThan(1e-5);
    }
    tf.dispose([short, long]);
  });

  test('100 predictions leave no tensors', () => {
    const model = createSentimentLstm(TINY);
    const { x } = samples();
    tf.dispose(model.predict(x));
    const before = tf.memory().numTensors;
    for (let time = 0; time < 100; time++) tf.dispose(model.predict(x));
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
  });

  test.each(VARIANTS)('%s: an epoch of training leaves no tensors', async (_, options) => {
    const model = createSentimentLstm({ ...TINY, ...options });
    const { x, y } = samples();
    const fit = () => fitWithSeed(model, x, y, { batchSize: 2, validationData: [x, y] });
    await fit(); // which makes what Adam remembers
    const before = tf.memory().numTensors;
    await fit();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, y]);
  });

  test.each(VARIANTS)('%s: comes back from a file as it was', async (_, options) => {
    registerLayers();
    const model = createSentimentLstm({ ...TINY, ...options });
    const { x } = samples();
    const { handler } = inMemory();
    await model.save(handler);
    const loaded = await tfl.loadLayersModel(handler);
    expect(predictionsOf(loaded, x)).toEqual(predictionsOf(model, x));
    expect(loaded.layers.map(classOf)).toEqual(model.layers.map(classOf));
    x.dispose();
  });
});

describe('the saved model, read by TensorFlow.js without this library', () => {
  // Which of the classes of one name is built is for the last one to say.
  const { embedding, dropout, lstm, bidirectional } = tfl.layers;
  const stock = () => [
    embedding({ inputDim: 1, outputDim: 1 }),
    dropout({ rate: 0.5 }),
    lstm({ units: 1 }),
    bidirectional({ layer: lstm({ units: 1 }), mergeMode: 'concat' }),
  ];
  beforeAll(() => {
    for (const layer of stock()) {
      tf.serialization.registerClass(
        layer.constructor as tf.serialization.SerializableConstructor<tf.serialization.Serializable>,
      );
    }
  });
  afterAll(registerLayers);

  test.each(VARIANTS)(
    '%s: is built from stock layers, with the same predictions',
    async (_, options) => {
      const model = createSentimentLstm({ ...TINY, ...options });
      const { handler, saved } = inMemory();
      await model.save(handler);
      const classes = JSON.parse(saved.json).modelTopology.config.layers.map(
        (layer: { class_name: string }) => layer.class_name,
      );
      expect(classes).toEqual([
        ...['Embedding', 'Dropout', options.bidirectional ? 'Bidirectional' : 'LSTM'],
        ...['Dense', 'Dropout', 'Dense'],
      ]);
      const { x } = samples();
      const read = await tfl.loadLayersModel(handler);
      const classesOfStock = stock().map(classOf);
      for (const layer of read.layers.slice(0, 3)) {
        expect(classesOfStock).toContain(classOf(layer));
      }
      const expected = predictionsOf(model, x);
      predictionsOf(read, x).forEach((probability, index) => {
        expect(probability).toBeCloseTo(expected[index]!, 5);
      });
      x.dispose();
    },
  );
});

describe('createSentimentLstm rejects', () => {
  const sizes = ['vocabularySize', 'sequenceLength', 'embeddingDim', 'lstmUnits', 'denseUnits'];
  const bad = [0, -3, 2.5, Number.NaN, '32'] as const;

  test.each(sizes.flatMap((name) => bad.map((value) => [name, value] as const)))(
    '%s %s',
    (name, value) => {
      const received = typeof value === 'string' ? '"32"' : value;
      expect(() => createSentimentLstm({ [name]: value })).toThrow(
        `createSentimentLstm: ${name} must be a positive integer, received ${received}.`,
      );
    },
  );

  test.each([
    [
      { dropoutRate: 1 },
      'dropoutRate must be a number from 0 up to, not including, 1, received 1. It is the fraction that is dropped; 0 drops nothing.',
    ],
    [
      { dropoutRate: -0.1 },
      'dropoutRate must be a number from 0 up to, not including, 1, received -0.1. It is the fraction that is dropped; 0 drops nothing.',
    ],
    [
      { dropoutRate: Number.NaN },
      'dropoutRate must be a number from 0 up to, not including, 1, received NaN. It is the fraction that is dropped; 0 drops nothing.',
    ],
    [
      { dropoutRate: '0.2' },
      'dropoutRate must be a number from 0 up to, not including, 1, received "0.2". It is the fraction that is dropped; 0 drops nothing.',
    ],
    [
      { recurrentActivation: 'hard_sigmoid' },
      `recurrentActivation must be 'sigmoid' or 'hardSigmoid', received "hard_sigmoid".`,
    ],
    [{ learningRate: 0 }, 'learningRate must be a positive number, received 0.'],
    [
      { learningRate: Number.POSITIVE_INFINITY },
      'learningRate must be a positive number, received Infinity.',
    ],
    [{ learningRate: '0.1' }, 'learningRate must be a positive number, received "0.1".'],
    [{ seed: 0.5 }, 'seed must be an integer, received 0.5.'],
    [{ seed: Number.NaN }, 'seed must be an integer, received NaN.'],
    [{ maskZero: 'yes' }, 'maskZero must be true or false, received "yes".'],
    [{ bidirectional: 1 }, 'bidirectional must be true or false, received 1.'],
    [{ compile: 0 }, 'compile must be true or false, received 0.'],
  ])('%j', (options, message) => {
    expect(() => createSentimentLstm(options as SentimentLstmOptions)).toThrow(
      `createSentimentLstm: ${message}`,
    );
  });
});
