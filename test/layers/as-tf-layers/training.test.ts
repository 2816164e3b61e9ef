import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDoor, tf, tfl } from '../../../src/foundation/tensorflow.js';
import { expectSame, type LayersOfBoth, normal, OURS, STOCK, shareWeights } from './pairs.js';

beforeAll(async () => {
  openDoor();
  await tf.setBackend('cpu');
});
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const SAMPLES = 13;

/** Words behind an LSTM, classified; or numbers behind a GRU, continued at every step. */
const MODELS: Record<string, (of: LayersOfBoth) => tfl.Sequential> = {
  classes(of) {
    const model = tfl.sequential();
    model.add(of.embedding({ inputDim: 9, outputDim: 4, inputLength: 6 }));
    model.add(of.lstm({ units: 5 }) as unknown as tfl.layers.Layer);
    model.add(of.dense({ units: 3, activation: 'softmax' }));
    model.compile({
      optimizer: tf.train.adam(0.05),
      loss: 'categoricalCrossentropy',
      metrics: ['accuracy'],
    });
    return model;
  },
  series(of) {
    const model = tfl.sequential();
    const settings = { units: 5, returnSequences: true, inputShape: [6, 2] };
    model.add(of.gru(settings) as unknown as tfl.layers.Layer);
    model.add(of.dense({ units: 2 }));
    model.compile({
      optimizer: tf.train.rmsprop(0.01),
      loss: 'meanSquaredError',
      metrics: ['mse'],
    });
    return model;
  },
};

function data(name: string): [tf.Tensor, tf.Tensor] {
  if (name === 'series') return [normal([SAMPLES, 6, 2], 1), normal([SAMPLES, 6, 2], 2)];
  const words = Array.from({ length: SAMPLES * 6 }, (_, i) => (5 * i + 2) % 9);
  const classes = Array.from({ length: SAMPLES }, (_, i) => (2 * i) % 3);
  return [tf.tensor2d(words, [SAMPLES, 6], 'int32'), tf.oneHot(tf.tensor1d(classes, 'int32'), 3)];
}

function pair(name: string): [tfl.Sequential, tfl.Sequential] {
  const models = [OURS, STOCK].map(MODELS[name]!) as [tfl.Sequential, tfl.Sequential];
  shareWeights(...models);
  return models;
}

function expectSameHistory(mine: tfl.History, theirs: tfl.History): void {
  expect(Object.keys(mine.history)).toEqual(Object.keys(theirs.history));
  expect(mine.epoch).toEqual(theirs.epoch);
  for (const [key, values] of Object.entries(theirs.history)) {
    values.forEach((value, i) => {
      expect(mine.history[key]![i] as number, key).toBeCloseTo(value as number, 4);
    });
  }
}

const FITS: Record<string, object> = {
  'in batches, the last of which is smaller': { batchSize: 4 },
  'in one batch': { batchSize: 100 },
  'with a part set aside': { batchSize: 4, validationSplit: 0.3 },
  'from a later epoch on': { batchSize: 5, initialEpoch: 1 },
};

describe.each(Object.keys(MODELS))('a model of %s is trained as with tf.layers', (name) => {
  test.each(Object.entries(FITS))('%s', async (_, options) => {
    const [mine, theirs] = pair(name);
    const [x, y] = data(name);
    const settings = { epochs: 3, shuffle: false, verbose: 0 as const, ...options };
    expectSameHistory(await mine.fit(x, y, settings), await theirs.fit(x, y, settings));
    expectSame(mine.getWeights(), theirs.getWeights(), 2e-4);
    expectSame(mine.predict(x) as tf.Tensor, theirs.predict(x) as tf.Tensor, 2e-4);
  });

  test('with validation data, which evaluate gives, too', async () => {
    const [mine, theirs] = pair(name);
    const [x, y] = data(name);
    const settings = {
      epochs: 2,
      batchSize: 4,
      shuffle: false,
      verbose: 0 as const,
      validationData: [x, y] as [tf.Tensor, tf.Tensor],
    };
    expectSameHistory(await mine.fit(x, y, settings), await theirs.fit(x, y, settings));
    const evaluated = [mine, theirs].map((model) => model.evaluate(x, y, { batchSize: 5 }));
    expectSame(evaluated[0]!, evaluated[1]!, 1e-4);
  });

  test('batch by batch, as it predicts', async () => {
    const [mine, theirs] = pair(name);
    const [x, y] = data(name);
    for (let step = 0; step < 3; step++) {
      const losses = [await mine.trainOnBatch(x, y), await theirs.trainOnBatch(x, y)];
      (losses[1] as number[]).forEach((loss, i) => {
        expect((losses[0] as number[])[i]).toBeCloseTo(loss, 4);
      });
    }
    const predicted = [mine, theirs].map((model) => model.predictOnBatch(x) as tf.Tensor);
    expectSame(predicted[0]!, predicted[1]!, 2e-4);
  });

  test('from a dataset', async () => {
    const [mine, theirs] = pair(name);
    const [x, y] = data(name);
    const batches = [0, 1].map((i) => ({
      xs: tf.slice(x, [6 * i], [6]),
      ys: tf.slice(y, [6 * i], [6]),
    }));
    const dataset = {
      size: 2,
      iterator: async () => {
        let next = 0;
        return {
          next: async () => {
            const batch = batches[next++];
            // Each is disposed of by whoever takes it.
            const value = batch && { xs: batch.xs.clone(), ys: batch.ys.clone() };
            return { value, done: batch === undefined };
          },
        };
      },
    };
    const settings = { epochs: 2, batchesPerEpoch: 2, verbose: 0 as const };
    const fit = (model: tfl.Sequential) => model.fitDataset(dataset as never, settings);
    expectSameHistory(await fit(mine), await fit(theirs));
    expectSame(mine.getWeights(), theirs.getWeights(), 2e-4);
  });

  test('with callbacks that hear the same in the same order, and can stop', async () => {
    const heard: string[][] = [];
    for (const model of pair(name)) {
      const [x, y] = data(name);
      const events: string[] = [];
      const hear = (event: string) => (n?: number | object) => {
        events.push(`${event} ${typeof n === 'number' ? n : ''}`);
        if (event === 'epoch end' && n === 1) model.stopTraining = true;
      };
      await model.fit(x, y, {
        epochs: 4,
        batchSize: 7,
        verbose: 0,
        callbacks: {
          onTrainBegin: async () => hear('train begin')(),
          onTrainEnd: async () => hear('train end')(),
          onEpochBegin: async (epoch) => hear('epoch begin')(epoch),
          onEpochEnd: async (epoch) => hear('epoch end')(epoch),
          onBatchBegin: async (batch) => hear('batch begin')(batch),
          onBatchEnd: async (batch) => hear('batch end')(batch),
        },
      });
      heard.push(events);
    }
    expect(heard[0]).toEqual(heard[1]);
    expect(heard[0]!.at(-1)).toBe('train end ');
  });

  test('with frozen layers, which stay as they are', async () => {
    const [mine, theirs] = pair(name);
    const [x, y] = data(name);
    for (const model of [mine, theirs]) {
      model.layers[0]!.trainable = false;
      model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
    }
    const before = mine.layers[0]!.getWeights().map((weight) => weight.dataSync());
    const settings = { epochs: 2, shuffle: false, verbose: 0 as const };
    expectSameHistory(await mine.fit(x, y, settings), await theirs.fit(x, y, settings));
    expectSame(mine.getWeights(), theirs.getWeights(), 1e-4);
    mine.layers[0]!.getWeights().forEach((weight, i) => {
      expect(weight.dataSync()).toEqual(before[i]);
    });
  });

  test('and leaves no tensors behind', async () => {
    const [mine] = pair(name);
    const [x, y] = data(name);
    const fit = () => mine.fit(x, y, { epochs: 1, batchSize: 4, verbose: 0 });
    await fit();
    const { numTensors } = tf.memory();
    await fit();
    tf.dispose(mine.evaluate(x, y));
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe('class weights', () => {
  test('count as with tf.layers', async () => {
    const [mine, theirs] = pair('classes');
    const [x, y] = data('classes');
    const settings = {
      epochs: 2,
      shuffle: false,
      verbose: 0 as const,
      classWeight: { 0: 1, 1: 3, 2: 0.5 },
    };
    expectSameHistory(await mine.fit(x, y, settings), await theirs.fit(x, y, settings));
    expectSame(mine.getWeights(), theirs.getWeights(), 2e-4);
  });
});

describe('a model of ours refuses what one of tf.layers does', () => {
  test.each(Object.keys(MODELS))('%s', async (name) => {
    for (const model of pair(name)) {
      const [x, y] = data(name);
      await expect(model.fit(tf.ones([SAMPLES, 2]), y, { verbose: 0 })).rejects.toThrow();
      await expect(model.fit(x, tf.slice(y, [0], [5]), { verbose: 0 })).rejects.toThrow();
      await expect(model.fit(x, y, { batchSize: 0, verbose: 0 })).rejects.toThrow();
      expect(() => model.predict(tf.ones([3]))).toThrow();
    }
  });
});
