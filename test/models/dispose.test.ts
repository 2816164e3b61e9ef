/** What `dispose` leaves behind of models that this library made or loaded: nothing. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createSentimentLstm,
  layers,
  loadKerasModel,
  saveKerasModel,
  SentimentClassifier,
} from '../../src/index.js';
import { labels, TINY, texts } from './reviews.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Tensors that a second run of `body` leaves behind; a first one fills what is kept for all models. */
async function leftBehind(body: () => Promise<void>): Promise<number> {
  await body();
  const before = tf.memory().numTensors;
  await body();
  return tf.memory().numTensors - before;
}

async function train(model: tfl.LayersModel): Promise<void> {
  const [x, y] = [tf.ones([4, TINY.sequenceLength]), tf.ones([4, 1])];
  await model.fit(x, y, { epochs: 2, verbose: 0 });
  tf.dispose([x, y]);
}

/** A Keras file of a model that was compiled with an optimizer. */
async function kerasFile(optimizer: tf.Optimizer): Promise<Uint8Array> {
  const model = createSentimentLstm({ ...TINY, compile: false });
  model.compile({ optimizer, loss: 'binaryCrossentropy' });
  const bytes = await saveKerasModel(model);
  model.dispose();
  optimizer.dispose();
  return bytes;
}

describe.each([true, false])('dispose, after training: %s', (trains) => {
  const use = async (model: tfl.LayersModel) => {
    if (trains) await train(model);
    model.dispose();
  };

  it.each([{}, { maskZero: true }, { bidirectional: true }, { dropoutRate: 0 }])(
    'of createSentimentLstm(%o)',
    async (options) => {
      expect(await leftBehind(() => use(createSentimentLstm({ ...TINY, ...options })))).toBe(0);
    },
  );

  it.each<[string, () => tf.Optimizer]>([
    ['adam', () => tf.train.adam()],
    ['rmsprop', () => tf.train.rmsprop(0.01)],
    ['momentum', () => tf.train.momentum(0.01, 0.9)],
    ['adagrad', () => tf.train.adagrad(0.01)],
  ])('of loadKerasModel, compiled with %s', async (_, optimizer) => {
    const bytes = await kerasFile(optimizer());
    expect(await leftBehind(async () => use(await loadKerasModel(bytes)))).toBe(0);
  });

  it('of a model of our layers that is compiled with a name', async () => {
    const build = () => {
      const model = tfl.sequential({
        layers: [
          layers.embedding({ inputDim: 3, outputDim: 2, inputLength: TINY.sequenceLength }),
          layers.lstm({ units: 2 }),
          layers.dense({ units: 1, activation: 'sigmoid' }),
        ],
      });
      model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });
      return model;
    };
    expect(await leftBehind(() => use(build()))).toBe(0);
  });
});

describe('dispose of SentimentClassifier', () => {
  const options = { ...TINY, epochs: 1, validationSplit: 0 };

  it('after training', async () => {
    const body = async () =>
      (await SentimentClassifier.train({ texts, labels }, options)).dispose();
    expect(await leftBehind(body)).toBe(0);
  });

  it('leaves an optimizer alone that its model was compiled with by others', async () => {
    const classifier = await SentimentClassifier.train({ texts, labels }, options);
    classifier.model.optimizer.dispose();
    const optimizer = tf.train.adam(0.5);
    classifier.model.compile({ optimizer, loss: 'binaryCrossentropy' });
    await train(classifier.model);
    classifier.dispose();
    const { accBeta1 } = optimizer as unknown as { accBeta1: tf.Variable };
    expect(accBeta1.isDisposed).toBe(false);
    optimizer.dispose();
  });
});

it('an optimizer that a model was given is left to whoever gave it', async () => {
  const model = createSentimentLstm({ ...TINY, compile: false });
  const optimizer = tf.train.adam();
  model.compile({ optimizer, loss: 'binaryCrossentropy' });
  await train(model);
  model.dispose();
  const { accBeta1 } = optimizer as unknown as { accBeta1: tf.Variable };
  expect(accBeta1.isDisposed).toBe(false);
  optimizer.dispose();
  expect(accBeta1.isDisposed).toBe(true);
});
