import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { SentimentClassifier } from '../../../src/index.js';
import { labels, TINY, texts } from '../reviews.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

type Data = Parameters<typeof SentimentClassifier.train>[0];

const LISTS = 'Pass { texts, labels }, two lists of one length.';
const NUMBERS = 'Write 1 for positive texts and 0 for negative ones, one number a text.';

describe.each(['train', 'fit', 'evaluate'] as const)('SentimentClassifier.%s rejects', (method) => {
  let classifier: SentimentClassifier;
  beforeAll(async () => {
    classifier = await SentimentClassifier.train({ texts, labels }, { ...TINY, epochs: 1 });
  });

  test.each([
    ['no data', undefined, `data must hold texts and labels, received undefined. ${LISTS}`],
    [
      'a text in place of texts',
      { texts: 'good', labels: [1] },
      'texts must be a list of texts, received "good". Put a single text into a list: [text].',
    ],
    [
      'texts that are no list',
      { texts: 7, labels: [1] },
      'texts must be a list of texts, received 7.',
    ],
    [
      'a text that is none',
      { texts: ['good', Number.NaN], labels: [1, 0] },
      'texts[1] must be a string, received NaN.',
    ],
    [
      'a label in place of labels',
      { texts, labels: 1 },
      `labels must be a list of 0 and 1, received 1. ${LISTS}`,
    ],
    ['no labels', { texts }, `labels must be a list of 0 and 1, received undefined. ${LISTS}`],
    [
      'texts and labels that differ in number',
      { texts, labels: [1, 0] },
      'texts and labels must have one entry for each sample, but texts has 8 and labels has 2. Give every text one label.',
    ],
    [
      'no samples',
      { texts: [], labels: [] },
      'texts and labels must not be empty. Check the folder or the limit that the texts were read with.',
    ],
    [
      'a label that is NaN',
      { texts: ['a', 'b'], labels: [1, Number.NaN] },
      `labels[1] must be 0 or 1, received NaN. ${NUMBERS}`,
    ],
    [
      'a third class',
      { texts: ['a', 'b'], labels: [1, 2] },
      `labels[1] must be 0 or 1, received 2. ${NUMBERS}`,
    ],
    [
      'a negative label',
      { texts: ['a', 'b'], labels: [-1, 1] },
      `labels[0] must be 0 or 1, received -1. ${NUMBERS}`,
    ],
    [
      'the name of a class',
      { texts: ['a', 'b'], labels: ['pos', 'neg'] },
      `labels[0] must be 0 or 1, received "pos". ${NUMBERS}`,
    ],
    [
      'booleans',
      { texts: ['a'], labels: [true] },
      `labels[0] must be 0 or 1, received true. ${NUMBERS}`,
    ],
    [
      'one-hot labels',
      {
        texts: ['a', 'b'],
        labels: [
          [0, 1],
          [1, 0],
        ],
      },
      `labels[0] must be 0 or 1, received [0, 1]. ${NUMBERS}`,
    ],
    [
      'ragged labels',
      { texts: ['a', 'b'], labels: [1, [1, 0]] },
      `labels[1] must be 0 or 1, received [1, 0]. ${NUMBERS}`,
    ],
    [
      'a missing label',
      { texts: ['a', 'b'], labels: [1, undefined] },
      `labels[1] must be 0 or 1, received undefined. ${NUMBERS}`,
    ],
  ])('%s', async (_, data, message) => {
    const call: Promise<unknown> =
      method === 'train'
        ? SentimentClassifier.train(data as Data, TINY)
        : classifier[method](data as Data);
    await expect(call).rejects.toThrow(`SentimentClassifier.${method}: ${message}`);
  });
});

describe('SentimentClassifier.train rejects', () => {
  test.each([
    [{ epochs: 0 }, 'SentimentClassifier.train: epochs must be a positive integer, received 0.'],
    [
      { batchSize: 1.5 },
      'SentimentClassifier.train: batchSize must be a positive integer, received 1.5.',
    ],
    [
      { validationSplit: 1 },
      'SentimentClassifier.train: validationSplit must be 0, or between 0 and 1, received 1. 0.2 sets every fifth text aside, 0 none.',
    ],
    [
      { shuffle: 'yes' },
      'SentimentClassifier.train: shuffle must be true or false, received "yes".',
    ],
    [
      { seed: -1 },
      'SentimentClassifier.train: seed must be a whole number from 0 to 9007199254740991, received -1. Leave it out for 0.',
    ],
    [{ stripHtml: 1 }, 'SentimentClassifier.train: stripHtml must be true or false, received 1.'],
    [
      { classNames: ['a', 'b', 'c'] },
      `SentimentClassifier.train: classNames must be the names of the classes 0 and 1, received ["a", "b", "c"]. For example ['negative', 'positive'].`,
    ],
    [
      { batch_size: 10 },
      'SentimentClassifier.train: there is no option batch_size. Write batchSize.',
    ],
    [
      { compile: false },
      'SentimentClassifier.train: there is no option compile. The options are epochs,',
    ],
    [{ lstmUnits: 0 }, 'createSentimentLstm: lstmUnits must be a positive integer, received 0.'],
    [
      { validationSplit: 0.95 },
      'splitValidation: validationSplit 0.95 of 8 samples leaves the training part empty. Give more samples or another fraction.',
    ],
    [
      { callbacks: 7 },
      'fitWithSeed: callbacks must be callback objects or objects of functions, received 7.',
    ],
  ])('%j', async (options, message) => {
    const call = SentimentClassifier.train({ texts, labels }, { ...TINY, ...options } as object);
    await expect(call).rejects.toThrow(message);
  });

  test('options of the model when it only trains on', async () => {
    const classifier = await SentimentClassifier.train({ texts, labels }, { ...TINY, epochs: 1 });
    await expect(classifier.fit({ texts, labels }, { lstmUnits: 3 } as object)).rejects.toThrow(
      'SentimentClassifier.fit: there is no option lstmUnits. The options are epochs, batchSize, ' +
        'validationSplit, shuffle, seed, callbacks.',
    );
  });
});

describe('SentimentClassifier.predict rejects', () => {
  test.each([
    [42, 'texts must be a list of texts, received 42.'],
    [undefined, 'texts must be a list of texts, received undefined.'],
    [['fine', null], 'texts[1] must be a string, received null.'],
    [[['fine']], 'texts[0] must be a string, received ["fine"].'],
  ])('rejects %j', async (received, message) => {
    const classifier = await SentimentClassifier.train({ texts, labels }, { ...TINY, epochs: 1 });
    await expect(classifier.predict(received as unknown as string)).rejects.toThrow(
      `SentimentClassifier.predict: ${message}`,
    );
  });
});
