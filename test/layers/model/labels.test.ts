/** Labels meet outputs of their shape, or are refused: they are never compared with every output. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { adam, fitWithSeed, layers, TimeseriesGenerator } from '../../../src/index.js';
import { useBackend } from '../../kernels/kernels.js';

beforeAll(async () => {
  await useBackend('cpu');
  tf.env().set('IS_TEST', false);
});
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const SAMPLES = 4;
const TIME = 5;

const normal = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

/** One batch, as tf.data would give it. */
function datasetOf(xs: tf.Tensor, ys: tf.Tensor) {
  const batches = async function* () {
    // Whoever takes them disposes of them.
    yield { xs: xs.clone(), ys: ys.clone() };
  };
  return { size: 1, iterator: async () => batches() } as never;
}

/** Ways in which labels reach a model; each gives the loss. */
const WAYS: Record<
  string,
  (model: tfl.LayersModel, x: tf.Tensor, y: tf.Tensor) => Promise<number>
> = {
  trainOnBatch: async (model, x, y) => first(await model.trainOnBatch(x, y)),
  fit: async (model, x, y) => lossOf(await model.fit(x, y, { verbose: 0 })),
  fitWithSeed: async (model, x, y) => lossOf(await fitWithSeed(model, x, y)),
  fitDataset: async (model, x, y) =>
    lossOf(await model.fitDataset(datasetOf(x, y), { epochs: 1, verbose: 0 })),
  'validation data': async (model, x, y) => {
    const output = model.predict(x) as tf.Tensor;
    const settings = { verbose: 0 as const, validationData: [x, y] as [tf.Tensor, tf.Tensor] };
    const { history } = await model.fit(x, output, settings);
    return history.val_loss![0] as number;
  },
  evaluate: async (model, x, y) => lossIn(model.evaluate(x, y)),
  evaluateDataset: async (model, x, y) =>
    lossIn(await model.evaluateDataset(datasetOf(x, y), {} as never)),
};

const first = (values: number | number[]) => [values].flat()[0]!;
const lossIn = (scalars: tf.Scalar | tf.Scalar[]) => [scalars].flat()[0]!.dataSync()[0]!;
const lossOf = ({ history }: { history: Record<string, unknown[]> }) => history.loss![0] as number;

const LOSSES = {
  'by name': 'meanSquaredError',
  'by name, without a kernel': 'logcosh',
  'as a function': tfl.metrics.meanAbsoluteError,
};

/** A value for each sample, or one for each step. */
function modelOf(isSequence: boolean, settings: object): tfl.Sequential {
  const recurrent = { units: 3, returnSequences: isSequence, inputShape: [null, 2] };
  const model = tfl.sequential({ layers: [layers.lstm(recurrent), layers.dense({ units: 1 })] });
  model.compile({ optimizer: tf.train.sgd(0), ...settings } as never);
  return model;
}

describe.each(Object.keys(WAYS))('%s', (way) => {
  const x = () => normal([SAMPLES, TIME, 2], 1);

  test.each(Object.entries(LOSSES))('fits labels of rank 1, with a loss %s', async (_, loss) => {
    const model = modelOf(false, { loss });
    const labels = normal([SAMPLES], 2);
    const received = await WAYS[way]!(model, x(), labels);
    const column = tf.reshape(labels, [SAMPLES, 1]);
    const expected = await WAYS.evaluate!(model, x(), column);
    expect(received).toBeCloseTo(expected, 6);
  });

  const misfits = [[SAMPLES, 1, 1], [SAMPLES, 1], [SAMPLES]].flatMap((shape) =>
    Object.entries(LOSSES).map(([name, loss]) => [shape, name, loss] as const),
  );
  test.each(misfits)('refuses %j for a value each step, with a loss %s', async (shape, _, loss) => {
    const model = modelOf(true, { loss });
    const before = model.getWeights().map((weight) => weight.dataSync());
    await expect(WAYS[way]!(model, x(), normal([...shape], 2))).rejects.toThrow(/shape/);
    expect(model.getWeights().map((weight) => weight.dataSync())).toEqual(before);
  });

  test.each(['mae', 'binaryAccuracy', 'categoricalAccuracy', tfl.metrics.meanSquaredError])(
    'refuses numbers of classes for a metric that compares every output: %s',
    async (metric) => {
      const model = tfl.sequential({
        layers: [layers.dense({ units: 3, activation: 'softmax', inputShape: [2] })],
      });
      const loss = 'sparseCategoricalCrossentropy';
      model.compile({ optimizer: tf.train.sgd(0), loss, metrics: ['accuracy'] });
      const labels = tf.tensor2d([[0], [2], [1], [2]]);
      const ofSamples = normal([SAMPLES, 2], 1);
      if (way !== 'validation data') await WAYS[way]!(model, ofSamples, labels);
      model.compile({ optimizer: tf.train.sgd(0), loss, metrics: [metric as 'mse'] });
      await expect(WAYS[way]!(model, ofSamples, labels)).rejects.toThrow(/shape/);
    },
  );
});

test('fitWithSeed refuses such labels for a model of tf.layers alone', async () => {
  const model = tfl.sequential({
    layers: [
      tfl.layers.simpleRNN({
        ...{ units: 1, returnSequences: true, inputShape: [null, 2] },
        name: 'steps',
      }),
    ],
  });
  model.compile({ optimizer: 'sgd', loss: 'logcosh' });
  const x = normal([SAMPLES, TIME, 2], 1);
  await expect(fitWithSeed(model, x, normal([SAMPLES, 1, 1], 2))).rejects.toThrow(
    'with the loss logcosh, labels of the output steps must have the shape',
  );
});

test("a function of somebody's own compares what it likes", async () => {
  // The quantiles 0.1, 0.5 and 0.9 of one label.
  const quantiles = tf.tensor1d([0.1, 0.5, 0.9]);
  const pinball = (yTrue: tf.Tensor, yPred: tf.Tensor) => {
    const error = tf.sub(yTrue, yPred);
    return tf.mean(tf.maximum(tf.mul(quantiles, error), tf.mul(tf.sub(quantiles, 1), error)), -1);
  };
  const model = tfl.sequential({ layers: [layers.dense({ units: 3, inputShape: [1] })] });
  model.compile({ optimizer: tf.train.sgd(0), loss: pinball });
  const x = tf.tensor2d([[1], [2]]);
  const y = tf.tensor2d([[3], [-1]]);
  const loss = await WAYS.fitDataset!(model, x, y);
  const expected = tf.mean(pinball(y, model.predict(x) as tf.Tensor)).dataSync()[0]!;
  expect(loss).toBeCloseTo(expected, 6);
});

describe('a TimeseriesGenerator whose targets are plain numbers', () => {
  const wave = Array.from({ length: 300 }, (_, i) => Math.sin(i / 5));
  const seeded = (seed: number) => tfl.initializers.glorotUniform({ seed });

  const models: [string, number[] | number[][], () => tfl.layers.Layer[]][] = [
    [
      'an LSTM, on vectors',
      wave.map((value) => [value]),
      () => [
        layers.lstm({
          ...{ units: 12, inputShape: [10, 1] },
          ...{ kernelInitializer: seeded(1), recurrentInitializer: seeded(2) },
        }),
        layers.dense({ units: 1, kernelInitializer: seeded(3) }),
      ],
    ],
    [
      'an LSTM, on plain numbers',
      wave,
      () => [
        layers.lstm({
          ...{ units: 12, inputShape: [10, 1] },
          ...{ kernelInitializer: seeded(1), recurrentInitializer: seeded(2) },
        }),
        layers.dense({ units: 1, kernelInitializer: seeded(3) }),
      ],
    ],
    [
      'layers.dense, on plain numbers',
      wave,
      () => [layers.dense({ units: 1, inputShape: [10], kernelInitializer: seeded(1) })],
    ],
    [
      'tf.layers.dense, on plain numbers',
      wave,
      () => [tfl.layers.dense({ units: 1, inputShape: [10], kernelInitializer: seeded(1) })],
    ],
  ];

  test.each(models)('trains %s, to a mean squared error below 1e-4', async (_, data, make) => {
    const model = tfl.sequential({ layers: make() });
    model.compile({ optimizer: adam(0.02), loss: 'meanSquaredError' });
    const batches = new TimeseriesGenerator(data, wave, { length: 10, batchSize: 32 });
    await model.fitDataset(batches as never, { epochs: 40, verbose: 0 });
    let squares = 0;
    let count = 0;
    for (const { x, y } of batches) {
      expect(y.rank).toBe(1); // as in Keras
      const predictions = (
        model.predict(
          tf.reshape(x, [-1, ...model.inputs[0]!.shape.slice(1)] as number[]),
        ) as tf.Tensor
      ).dataSync();
      y.dataSync().forEach((label, i) => {
        squares += (label - predictions[i]!) ** 2;
        count++;
      });
    }
    const mean = squares / count;
    expect(mean).toBeLessThan(1e-4);
    expect(lossIn(await model.evaluateDataset(batches as never, {} as never))).toBeCloseTo(mean, 7);
  });
});
