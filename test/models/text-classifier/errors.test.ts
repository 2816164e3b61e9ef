import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import { reasonOf } from '../../../src/foundation/errors.js';
import { tf } from '../../../src/foundation/tensorflow.js';
import { RecurrentError, SentimentClassifier, TextClassifier } from '../../../src/index.js';
import { inMemory } from '../../in-memory.js';
import { labels, texts } from '../reviews.js';

beforeAll(() => tf.setBackend('cpu'));

describe('TextClassifier.train refuses', () => {
  test.each<[string, unknown, object, string]>([
    [
      'one class',
      { texts: ['a', 'b'], labels: ['x', 'x'] },
      {},
      'labels must be of two classes or more, but all are "x". Give texts of every class.',
    ],
    [
      'labels of two kinds',
      { texts: ['a', 'b'], labels: ['x', 1] },
      {},
      'labels[1] must be the name of a class, received 1.',
    ],
    [
      'fractions',
      { texts: ['a', 'b'], labels: [0, 0.5] },
      {},
      'labels[1] must be the number of a class, from 0 on, received 0.5.',
    ],
    [
      'gaps that no texts could fill',
      { texts: ['a', 'b'], labels: [0, 7] },
      {},
      'classes must be numbered from 0 on without gaps, received 7. Or give their names as labels.',
    ],
    [
      'a name that is none of the given',
      { texts: ['a', 'b'], labels: ['x', 'z'] },
      { classNames: ['x', 'y'] },
      'labels[1] must be one of "x", "y", or its number from 0 to 1, received "z".',
    ],
    [
      'equal names',
      { texts: ['a', 'b'], labels: [0, 1] },
      { classNames: ['x', 'x'] },
      'classNames must be the different names of two classes or more, by their numbers, received ["x", "x"]. ' +
        "For example ['negative', 'positive'].",
    ],
    [
      'lists of two lengths',
      { texts: ['a', 'b'], labels: [0] },
      {},
      'texts and labels must have one entry for each sample, but texts has 2 and labels has 1. ' +
        'Give at least one text, and every text one label.',
    ],
    [
      'a preset that does not exist',
      { texts, labels },
      { preset: 'best' },
      'preset must be "article", "balanced" or "accurate", received "best".',
    ],
    [
      'sizes of the network',
      { texts, labels },
      { lstmUnits: 3 },
      "there is no option lstmUnits. The preset decides it. Sizes of your own are options of SentimentClassifier.train with preset 'article', and of createManyToOne.",
    ],
  ])('%s', async (_, data, options, message) => {
    const before = tf.memory().numTensors;
    const error = await TextClassifier.train(data as never, options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RecurrentError);
    expect(reasonOf(error)).toBe(`TextClassifier.train: ${message}`);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('SentimentClassifier.train checks the options of its preset in its own name', async () => {
  const data = { texts, labels };
  await expect(
    SentimentClassifier.train(data, { preset: 'accurate', lstmUnits: 3 }),
  ).rejects.toThrow(
    /^SentimentClassifier.train: there is no option lstmUnits\. The preset decides/,
  );
});

describe('a damaged file', () => {
  const { handler, saved } = inMemory();

  beforeAll(async () => {
    const classifier = await TextClassifier.train(
      { texts, labels },
      { validationSplit: 0, epochs: 1 },
    );
    await classifier.save(handler, { precision: 'int8' });
  });

  /** Loading what `change` leaves of the metadata and weights, without a checksum that tells. */
  async function failure(
    change: (artifacts: tf.io.ModelArtifacts, fields: Record<string, unknown>) => void,
  ) {
    const artifacts = {
      ...JSON.parse(saved.json),
      weightData: saved.weights,
    } as tf.io.ModelArtifacts;
    const fields = artifacts.userDefinedMetadata!.textClassifier as Record<string, unknown>;
    delete fields.crc32;
    change(artifacts, fields);
    const before = tf.memory().numTensors;
    const error = await TextClassifier.load({ load: async () => artifacts }).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(RecurrentError);
    expect(tf.memory().numTensors).toBe(before);
    return reasonOf(error);
  }

  test.each<[string, unknown, string]>([
    ['preset', 'toString', 'its preset is "toString"'],
    ['classNames', ['a'], 'its classNames are ["a"]'],
    ['stripHtml', 1, 'its stripHtml is 1'],
    ['words', ['a', 'a'], 'its words are ["a", "a"]'],
    [
      'words',
      Array.from({ length: 99 }, (_, i) => `w${i}`),
      'its model is not that of a classifier',
    ],
    ['readsPieces', 1, 'its readsPieces is 1'],
    ['scales', [1], 'its scales are [1]'],
  ])('is told by its %s', async (name, value, reason) => {
    const message = await failure((_, fields) => {
      fields[name] = value;
    });
    expect(message).toBe(
      `TextClassifier.load: the saved classifier is damaged: ${reason}. Save it again with TextClassifier.save.`,
    );
  });

  test('is told by weights that are missing', async () => {
    const message = await failure((artifacts) => {
      artifacts.weightSpecs = artifacts.weightSpecs!.slice(0, -1);
    });
    expect(message).toContain('the weights of its n-grams are missing or too few');
  });

  test('is told by its checksum', async () => {
    const bytes = new Uint8Array(saved.weights.slice(0));
    bytes[bytes.length - 3]! ^= 4;
    const changed = { ...JSON.parse(saved.json), weightData: bytes.buffer };
    await expect(TextClassifier.load({ load: async () => changed })).rejects.toThrow(
      'it has changed since it was saved',
    );
  });

  test('of an older version, whose numbers mean something else, is not taken', async () => {
    const artifacts = JSON.parse(saved.json) as tf.io.ModelArtifacts;
    const fields = artifacts.userDefinedMetadata!.textClassifier as Record<string, unknown>;
    fields.version = 1;
    const older = { ...artifacts, weightData: saved.weights };
    await expect(TextClassifier.load({ load: async () => older })).rejects.toThrow(
      'TextClassifier.load: the saved classifier must be of version 2, received 1. ' +
        'Load it with the release of tfjs-recurrent that saved it.',
    );
  });

  test('is told from the file of another class', async () => {
    const tiny = { vocabularySize: 9, sequenceLength: 3, lstmUnits: 2, denseUnits: 2, epochs: 1 };
    const other = await SentimentClassifier.train(
      { texts, labels },
      { ...tiny, validationSplit: 0 },
    );
    const memory = inMemory();
    await other.save(memory.handler);
    await expect(TextClassifier.load(memory.handler)).rejects.toThrow(
      'TextClassifier.load: the model was not saved by TextClassifier.save: it has no textClassifier in its metadata. ' +
        'Load it with SentimentClassifier.load or tf.loadLayersModel.',
    );
  });
});
