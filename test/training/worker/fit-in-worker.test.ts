import type { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  adam,
  captureTrainingState,
  createSentimentLstm,
  fitInWorker,
  type FitInWorkerOptions,
  fitWithSeed,
  layers,
  losses,
  ready,
} from '../../../src/index.js';
import { KerasNadam, KerasRmsprop } from '../../../src/layers/optimizers/keras-optimizers.js';
import { withWeightDecay } from '../../../src/layers/optimizers/weight-decay.js';
import { tinyData, tinyModel, weightsOf } from '../models.js';
import { Doubling } from './doubling.js';
import { startWorker } from './worker.js';

let worker: Worker;
beforeAll(async () => {
  worker = startWorker('./fit.worker.ts');
  await ready({ threads: 1 });
});
afterAll(() => worker.terminate());

const words = () => ({
  x: tf.tensor2d(
    Array.from({ length: 60 }, (_, i) => (7 * i) % 9),
    [12, 5],
  ),
  y: tf.tensor2d(Array.from({ length: 12 }, (_, i) => [i % 2])),
});

const small = {
  vocabularySize: 9,
  sequenceLength: 5,
  embeddingDim: 4,
  lstmUnits: 4,
  denseUnits: 4,
};

/** Dense layers between numbers, compiled with an optimizer. */
function regression(optimizer: () => tf.Optimizer, ...more: tfl.layers.Layer[]) {
  const model = tfl.sequential();
  model.add(layers.dense({ units: 2, inputShape: [2], kernelInitializer: 'ones' }));
  for (const layer of more) model.add(layer);
  model.add(layers.dense({ units: 1, kernelInitializer: 'ones' }));
  model.compile({ optimizer: optimizer(), loss: 'meanSquaredError' });
  return model;
}

/** As tinyModel, of layers of ours. */
function logistic() {
  const model = tfl.sequential();
  const settings = { activation: 'sigmoid', kernelInitializer: 'zeros' } as const;
  model.add(layers.dense({ units: 1, inputShape: [2], ...settings }));
  const optimizer = tf.train.adam(0.1);
  model.compile({ optimizer, loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  return model;
}

interface Case {
  build(): tfl.LayersModel;
  data(): { x: tf.Tensor; y: tf.Tensor };
  options?: Omit<FitInWorkerOptions, 'callbacks'>;
}

const CASES: Record<string, Case> = {
  'the sentiment model, with its dropout': {
    build: () => createSentimentLstm({ ...small, seed: 3 }),
    data: words,
  },
  'weights of samples, validation, metrics and an initial epoch': {
    build: logistic,
    data: tinyData,
    options: {
      sampleWeight: tf.tensor1d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
      validationData: [tinyData().x, tinyData().y],
      initialEpoch: 1,
    },
  },
  'Adam that clips': {
    build: () => regression(() => adam(0.1, 0.9, 0.999, 1e-7, { clipNorm: 0.5 })),
    data: tinyData,
  },
  'Nadam with a weight decay': {
    build: () => regression(() => withWeightDecay(new KerasNadam(1, 0.1, 0.9, 0.99, 1e-7), 0.1)),
    data: tinyData,
  },
  'RMSprop of Keras': {
    build: () =>
      regression(() => new KerasRmsprop({ isEpsilonOutside: true }, 0.1, 0.9, 0.1, 1e-7, true)),
    data: tinyData,
  },
  momentum: { build: () => regression(() => tf.train.momentum(0.1, 0.9, true)), data: tinyData },
  'a layer of the user': {
    build: () => regression(() => tf.train.sgd(0.01), new Doubling({})),
    data: tinyData,
  },
};

describe('fitInWorker trains to the bit as fitWithSeed does', () => {
  test.each(Object.entries(CASES))('%s', async (_, { build, data, options = {} }) => {
    const { x, y } = data();
    const [here, there] = [build(), build()];
    there.setWeights(here.getWeights());
    const settings = { batchSize: 4, epochs: 3, seed: 5, ...options };
    const history = await fitWithSeed(here, x, y, settings);
    expect(await fitInWorker(worker, there, x, y, settings).finished).toEqual(history);
    expect(weightsOf(there)).toEqual(weightsOf(here));
    // What the optimizer and dropout remember has come along: both go on alike, on either side.
    await fitWithSeed(here, x, y, { ...settings, seed: 6 });
    await fitWithSeed(there, x, y, { ...settings, seed: 6 });
    expect(weightsOf(there)).toEqual(weightsOf(here));
    await fitWithSeed(here, x, y, { ...settings, seed: 7 });
    await fitInWorker(worker, there, x, y, { ...settings, seed: 7 }).finished;
    const [one, other] = [here, there].map((model) => captureTrainingState(model, { epoch: 0 }));
    expect((await one!).data).toEqual((await other!).data);
  });
});

describe('a training in a worker', () => {
  const { x, y } = tinyData();
  const epochs = 50;

  test('tells of epochs and batches', async () => {
    const heard: string[] = [];
    const tell = (name: string) => async (index?: number | tfl.Logs, logs?: tfl.Logs) => {
      const at = typeof index === 'number' ? ` ${index}` : '';
      heard.push(`${name}${at} ${Object.keys(logs ?? {}).join(' ')}`.trim());
    };
    const callbacks = {
      onTrainBegin: tell('train'),
      onEpochBegin: tell('epoch'),
      onBatchBegin: tell('begin'),
      onBatchEnd: tell('batch'),
      onEpochEnd: tell('end'),
      onTrainEnd: tell('over'),
    };
    const options = { batchSize: 5, epochs: 1, callbacks };
    await fitInWorker(worker, logistic(), x, y, options).finished;
    expect(heard).toEqual([
      ...['train', 'epoch 0', 'begin 0', 'batch 0 batch size loss acc'],
      ...['begin 1', 'batch 1 batch size loss acc', 'end 0 loss acc', 'over'],
    ]);
  });

  test('stops behind the epoch in which a callback says so', async () => {
    const [model, here] = [logistic(), logistic()];
    const training = fitInWorker(worker, model, x, y, {
      epochs,
      callbacks: {
        onEpochEnd: async (epoch) => {
          if (epoch === 2) training.stop();
        },
      },
    });
    expect((await training.finished).epoch).toEqual([0, 1, 2]);
    await fitWithSeed(here, x, y, { epochs: 3 });
    expect(weightsOf(model)).toEqual(weightsOf(here));
  });

  test('stands still while it is paused, and goes on as if it had not', async () => {
    const [model, here] = [logistic(), logistic()];
    let ended = 0;
    let standsStill = false;
    const training = fitInWorker(worker, model, x, y, {
      epochs,
      callbacks: {
        onEpochEnd: async (epoch) => {
          ended = epoch;
          if (epoch !== 3) return;
          void training.pause().then(() => {
            standsStill = true;
          });
        },
      },
    });
    await expect.poll(() => standsStill, { timeout: 60_000 }).toBe(true);
    await training.pause(); // which it is already
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(ended).toBe(3);
    training.resume();
    expect((await training.finished).epoch).toHaveLength(epochs);
    await training.pause(); // of what is over
    await fitWithSeed(here, x, y, { epochs });
    expect(weightsOf(model)).toEqual(weightsOf(here));
  });

  test('can be stopped while it stands still', async () => {
    const training = fitInWorker(worker, logistic(), x, y, { epochs });
    await training.pause();
    training.stop();
    expect((await training.finished).epoch).toEqual([0]);
  });

  test('hears what was said before it began, however short it is', async () => {
    const training = fitInWorker(worker, logistic(), x, y, { epochs: 2, batchSize: 10 });
    training.stop();
    expect((await training.finished).epoch).toEqual([0]);
  });

  test('that is terminated leaves the model as it was', async () => {
    const own = startWorker('./fit.worker.ts');
    const model = logistic();
    const training = fitInWorker(own, model, x, y, { epochs: 100_000 });
    await training.pause();
    training.terminate();
    await expect(training.finished).rejects.toThrow('fitInWorker: the worker was terminated.');
    expect(weightsOf(model)).toEqual(weightsOf(logistic()));
  });
});

describe('fitInWorker refuses', () => {
  const { x, y } = tinyData();

  test('a model that is not compiled', () => {
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
    expect(() => fitInWorker(worker, model, x, y)).toThrow(
      /^fitInWorker: the model must be compiled before it is trained\. Call model\.compile/,
    );
  });

  test('functions as losses and metrics', async () => {
    const model = tinyModel();
    model.compile({ optimizer: 'sgd', loss: losses.ctc as never });
    await expect(fitInWorker(worker, model, x, y).finished).rejects.toThrow(
      /^fitInWorker: the loss of the model must be given by name, since functions cannot cross/,
    );
    model.compile({
      optimizer: 'sgd',
      loss: 'meanSquaredError',
      metrics: [(yTrue: tf.Tensor) => yTrue],
    });
    await expect(fitInWorker(worker, model, x, y).finished).rejects.toThrow(
      /^fitInWorker: the metric of the model must be given by name/,
    );
  });

  test('a layer that the worker does not know, by its name', async () => {
    class Tripling extends Doubling {
      static override get className(): string {
        return 'Tripling';
      }
    }
    const model = regression(() => tf.train.sgd(0.1), new Tripling({}));
    await expect(fitInWorker(worker, model, x, y).finished).rejects.toThrow(
      'fitInWorker: Tripling is not known in the worker. Call tf.serialization.registerClass' +
        "(Tripling) in the worker's file, before serveTraining.",
    );
  });

  test('what fitWithSeed refuses', async () => {
    await expect(fitInWorker(worker, tinyModel(), x, y, { epochs: 0 }).finished).rejects.toThrow(
      /^fitWithSeed: epochs must be a whole number, at least 1, received 0/,
    );
    expect(() => fitInWorker(worker, tinyModel(), x, y, { epoch: 1 } as never)).toThrow(
      /^fitInWorker: there is no option epoch\. Did you mean epochs/,
    );
  });
});

test('layers of tf.layers are exchanged for ours, which round otherwise', async () => {
  const [here, there] = [tinyModel(), tinyModel()];
  const { x, y } = tinyData();
  await fitWithSeed(here, x, y, { epochs: 5 });
  await fitInWorker(worker, there, x, y, { epochs: 5 }).finished;
  const [one, other] = [weightsOf(here), weightsOf(there)];
  one.forEach((weight, i) => {
    expect(other[i]).toBeCloseTo(weight, 5);
  });
});

test('layers of this library arrive as such', async () => {
  const model = tfl.sequential();
  model.add(
    layers.bidirectional({
      layer: layers.gru({ units: 3, inputShape: [4, 2] }) as never,
      inputShape: [4, 2],
    }),
  );
  model.add(layers.dense({ units: 1 }));
  model.compile({ optimizer: adam(0.01), loss: 'meanSquaredError' });
  const [x, y] = [tf.randomNormal([6, 4, 2]), tf.randomNormal([6, 1])];
  const before = weightsOf(model);
  const { history } = await fitInWorker(worker, model, x, y, { epochs: 2 }).finished;
  expect(history.loss).toHaveLength(2);
  expect(weightsOf(model)).not.toEqual(before);
});
