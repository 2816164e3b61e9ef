import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { SentimentClassifier, tokenizerFromJson } from '../../../src/index.js';
import { fileSystem } from '../../../src/node.js';
import { BY_HEART, labels, TINY, texts, weightsOf } from '../reviews.js';
import { inMemory } from '../../in-memory.js';

const data = { texts, labels };
const folder = await mkdtemp(join(tmpdir(), 'classifier-'));
afterAll(() => rm(folder, { recursive: true }));

describe.each(['cpu', 'wasm'])('a classifier that was saved and loaded on %s', (backend) => {
  beforeEach(async () => {
    await tf.setBackend(backend);
  });

  test.each([
    ['the model of the tutorials', {}],
    ['a model that skips padding', { maskZero: true }],
    ['a model that reads both ways', { bidirectional: true }],
    ['a model with hardSigmoid', { recurrentActivation: 'hardSigmoid' as const }],
  ])('predicts exactly the same: %s', async (_, variant) => {
    const options = { ...BY_HEART, epochs: 5, ...variant };
    const classifier = await SentimentClassifier.train(data, options);
    const { handler } = inMemory();
    await classifier.save(handler);
    const loaded = await SentimentClassifier.load(handler);
    expect(await loaded.predict(texts)).toEqual(await classifier.predict(texts));
    expect(await loaded.evaluate(data)).toEqual(await classifier.evaluate(data));
    expect(weightsOf(loaded.model)).toEqual(weightsOf(classifier.model));
  });
});

describe('a loaded classifier', () => {
  beforeEach(async () => {
    await tf.setBackend('cpu');
  });

  test('has the words, names, settings and history of the saved one', async () => {
    const options = { ...TINY, epochs: 2, stripHtml: false, classNames: ['neg', 'pos'] };
    const classifier = await SentimentClassifier.train(data, options);
    const { handler } = inMemory();
    await classifier.save(handler);
    const loaded = await SentimentClassifier.load(handler);
    expect(loaded.tokenizer.toJson()).toBe(classifier.tokenizer.toJson());
    expect(loaded.classNames).toEqual(['neg', 'pos']);
    expect(loaded.history).toEqual(classifier.history);
    // "br" is no word of the reviews, but with stripHtml neither would "film<br" be one.
    const marked = 'film<br/>';
    expect(await loaded.predict(marked)).toEqual(await classifier.predict(marked));
  });

  test('keeps a history with gaps', async () => {
    const classifier = await SentimentClassifier.train(data, { ...TINY, epochs: 1 });
    await classifier.fit(data);
    const { handler } = inMemory();
    await classifier.save(handler);
    const { history } = await SentimentClassifier.load(handler);
    expect(history.history.val_loss?.[1]).toBeNaN();
    expect(history).toEqual(classifier.history);
  });

  test('trains on, and can be saved and loaded again', async () => {
    const classifier = await SentimentClassifier.train(data, { ...TINY, learningRate: 0.02 });
    const { handler } = inMemory();
    await classifier.save(handler);
    const loaded = await SentimentClassifier.load(handler);
    expect(loaded.model.optimizer.getConfig().learningRate).toBe(0.02);
    const before = weightsOf(loaded.model);
    await loaded.fit(data, { epochs: 2 });
    expect(loaded.history.epoch).toEqual([...Array(12).keys()]);
    expect(weightsOf(loaded.model)).not.toEqual(before);
    await loaded.save(handler);
    const again = await SentimentClassifier.load(handler);
    expect(await again.predict(texts)).toEqual(await loaded.predict(texts));
  });

  test('goes on as if it had not paused, when the optimizer was saved too', async () => {
    // Without dropout, whose masks begin anew.
    const options = { ...TINY, dropoutRate: 0, epochs: 3, learningRate: 0.02 };
    const classifier = await SentimentClassifier.train(data, options);
    const [whole, bare] = [inMemory().handler, inMemory().handler];
    await classifier.save(whole, { includeOptimizer: true });
    await classifier.save(bare);
    await classifier.fit(data, { epochs: 2 });
    const distance = async (handler: tf.io.IOHandler) => {
      const loaded = await SentimentClassifier.load(handler);
      await loaded.fit(data, { epochs: 2 });
      const expected = weightsOf(classifier.model).flat();
      const trained = weightsOf(loaded.model).flat();
      return Math.max(...trained.map((weight, index) => Math.abs(weight - expected[index]!)));
    };
    expect(await distance(whole)).toBeLessThan(1e-5);
    expect(await distance(bare)).toBeGreaterThan(1e-3);
  });

  test('keeps an optimizer of another class that its model was compiled with', async () => {
    const classifier = await SentimentClassifier.train(data, { ...TINY, epochs: 1 });
    classifier.model.compile({ optimizer: tf.train.sgd(0.25), loss: 'binaryCrossentropy' });
    const { handler } = inMemory();
    await classifier.save(handler, { includeOptimizer: true });
    const { optimizer } = (await SentimentClassifier.load(handler)).model;
    expect(optimizer.getClassName()).toBe('SGD');
    expect(optimizer.getConfig().learningRate).toBe(0.25);
  });

  test('leaves no tensors behind when it is disposed of', async () => {
    const classifier = await SentimentClassifier.train(data, { ...TINY, epochs: 1 });
    for (const includeOptimizer of [false, true]) {
      const { handler } = inMemory();
      await classifier.save(handler, { includeOptimizer });
      const before = tf.memory().numTensors;
      const loaded = await SentimentClassifier.load(handler);
      await loaded.fit(data);
      await loaded.predict(texts);
      loaded.dispose();
      expect(tf.memory().numTensors).toBe(before);
    }
  });
});

describe('what is saved', () => {
  test('is one folder in Node, that any loader of TensorFlow.js reads', async () => {
    const classifier = await SentimentClassifier.train(data, BY_HEART);
    await classifier.save(fileSystem(folder));
    const loaded = await SentimentClassifier.load(fileSystem(folder));
    expect(await loaded.predict(texts)).toEqual(await classifier.predict(texts));

    const model = await loadLayersModel(fileSystem(folder));
    expect(weightsOf(model)).toEqual(weightsOf(classifier.model));
    const { userDefinedMetadata } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
    const tokenizer = tokenizerFromJson(userDefinedMetadata.sentimentClassifier.tokenizer);
    expect(tokenizer.textsToSequences(texts)).toEqual(classifier.tokenizer.textsToSequences(texts));
  });

  test('reaches the handler in one call, beside metadata of the user', async () => {
    const classifier = await SentimentClassifier.train(data, { ...TINY, epochs: 1 });
    classifier.model.setUserDefinedMetadata({ corpus: 'IMDb' });
    const result = { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    const save = vi.fn(async (_: tf.io.ModelArtifacts) => result as tf.io.SaveResult);
    expect(await classifier.save(tf.io.withSaveHandler(save))).toBe(result);
    expect(save).toHaveBeenCalledTimes(1);
    const [artifacts] = save.mock.calls[0]!;
    expect(artifacts.userDefinedMetadata).toEqual({
      corpus: 'IMDb',
      sentimentClassifier: {
        version: 1,
        tokenizer: classifier.tokenizer.toJson(),
        classNames: ['negative', 'positive'],
        stripHtml: true,
        seed: 1,
        learningRate: 0.001,
        history: classifier.history,
        crc32: expect.stringMatching(/^[0-9a-f]{8}$/),
      },
    });
    const loaded = await SentimentClassifier.load(tf.io.fromMemory(artifacts));
    expect(loaded.model.getUserDefinedMetadata()).toEqual({ corpus: 'IMDb' });
  });

  test('goes to URLs as those of tf.io do', async () => {
    const { handler } = inMemory();
    const router = (url: string | string[]) =>
      url === 'shelf://reviews' ? handler : (null as unknown as tf.io.IOHandler);
    tf.io.registerSaveRouter(router);
    tf.io.registerLoadRouter(router);
    const classifier = await SentimentClassifier.train(data, { ...TINY, epochs: 1 });
    await classifier.save('shelf://reviews');
    const loaded = await SentimentClassifier.load('shelf://reviews');
    expect(await loaded.predict(texts)).toEqual(await classifier.predict(texts));
    await expect(SentimentClassifier.load('shelf://plays')).rejects.toThrow(
      'SentimentClassifier.load: exactly one handler of tf.io must be able to load models at the URL, received ' +
        '"shelf://plays". In browsers use indexeddb://name or https://…, in Node ' +
        'fileSystem(directory).',
    );
  });

  test('can be large: a vocabulary of a megabyte is saved without a warning', async () => {
    const warned = vi.spyOn(console, 'warn');
    const words = Array.from({ length: 8_000 }, (_, index) => `${'word'.repeat(8)}${index}`);
    const classifier = await SentimentClassifier.train(
      { texts: [words.join(' '), 'other'], labels: [1, 0] },
      { ...TINY, vocabularySize: 8_001, epochs: 1, validationSplit: 0 },
    );
    const { handler, saved } = inMemory();
    await classifier.save(handler);
    await SentimentClassifier.load(handler);
    expect(saved.json.length).toBeGreaterThan(1_000_000);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });
});

describe('SentimentClassifier.save rejects', () => {
  const REMEDY = 'Pass a handler of tf.io, a URL, or in Node fileSystem(directory).';

  test.each([
    [undefined, `ioHandler must be able to save models, received undefined. ${REMEDY}`],
    [
      { load: async () => ({}) },
      `ioHandler must be able to save models, received { load }. ${REMEDY}`,
    ],
    [
      'nowhere://x',
      'exactly one handler of tf.io must be able to save models at the URL, received "nowhere://x". In browsers use indexeddb://name or https://…, in Node fileSystem(directory).',
    ],
  ])('%j', async (handler, message) => {
    const classifier = await SentimentClassifier.train(data, { ...TINY, epochs: 1 });
    await expect(classifier.save(handler as tf.io.IOHandler)).rejects.toThrow(
      `SentimentClassifier.save: ${message}`,
    );
  });

  test('an option that does not exist', async () => {
    const classifier = await SentimentClassifier.train(data, { ...TINY, epochs: 1 });
    const { handler } = inMemory();
    await expect(classifier.save(handler, { optimizer: true } as object)).rejects.toThrow(
      'SentimentClassifier.save: there is no option optimizer. Did you mean includeOptimizer? The options are includeOptimizer, precision.',
    );
    await expect(
      classifier.save(handler, { includeOptimizer: 1 } as unknown as object),
    ).rejects.toThrow(
      'SentimentClassifier.save: includeOptimizer must be true or false, received 1.',
    );
  });
});

describe('SentimentClassifier.load rejects', () => {
  const AGAIN = 'Save it again with SentimentClassifier.save.';
  const { handler, saved } = inMemory();
  let classifier: SentimentClassifier;
  beforeAll(async () => {
    classifier = await SentimentClassifier.train(data, { ...TINY, epochs: 1 });
    await classifier.save(handler);
  });

  const load = (change: (metadata: Record<string, unknown>) => unknown) => {
    const artifacts = JSON.parse(saved.json);
    const metadata = artifacts.userDefinedMetadata.sentimentClassifier;
    change(metadata);
    return SentimentClassifier.load({
      load: async () => ({ ...artifacts, weightData: saved.weights }),
    });
  };

  test('a handler that cannot load', async () => {
    const { save } = handler;
    await expect(SentimentClassifier.load({ save: save! })).rejects.toThrow(
      'SentimentClassifier.load: ioHandler must be able to load models, received { save }. ' +
        'Pass a handler of tf.io, a URL, or in Node fileSystem(directory).',
    );
  });

  test('a model that was saved by model.save, with what it lacks', async () => {
    const plain = inMemory();
    await classifier.model.save(plain.handler);
    const message =
      'SentimentClassifier.load: the model was not saved by SentimentClassifier.save: it has no ' +
      'tokenizer. Load it with tf.loadLayersModel, and its tokenizer with tokenizerFromJson.';
    await expect(SentimentClassifier.load(plain.handler)).rejects.toThrow(message);
    classifier.model.setUserDefinedMetadata({ corpus: 'IMDb' });
    await classifier.model.save(plain.handler);
    await expect(SentimentClassifier.load(plain.handler)).rejects.toThrow(message);
  });

  test('another version', async () => {
    await expect(load((metadata) => Object.assign(metadata, { version: 2 }))).rejects.toThrow(
      'SentimentClassifier.load: the saved classifier must be of version 1, received 2. ' +
        'Load it with the release of tfjs-recurrent that saved it.',
    );
  });

  test.each([
    [{ classNames: ['one'] }, 'its classNames are ["one"]'],
    [{ stripHtml: 'yes' }, 'its stripHtml is "yes"'],
    [{ learningRate: -1 }, 'its learningRate is -1'],
    [{ seed: 0.5 }, 'its seed is 0.5'],
    [{ history: null }, 'its history is null'],
    [
      { tokenizer: undefined },
      'its tokenizer cannot be read, tokenizerFromJson: json must be a string, received undefined',
    ],
    [
      { tokenizer: '{' },
      'its tokenizer cannot be read, tokenizerFromJson: the text must be JSON, received "{"',
    ],
    [
      { tokenizer: '{"class_name": "Model"}' },
      'its tokenizer cannot be read, tokenizerFromJson: class_name must be "Tokenizer", received "Model"',
    ],
  ])('damage: %j', async (fields, what) => {
    await expect(load((metadata) => Object.assign(metadata, fields))).rejects.toThrow(
      `SentimentClassifier.load: the saved classifier is damaged: ${what}. ${AGAIN}`,
    );
  });

  test('metadata beside a model that is none of a classifier', async () => {
    const { sequential, layers } = await import('@tensorflow/tfjs-layers');
    const other = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
    const metadata = JSON.parse(saved.json).userDefinedMetadata;
    delete metadata.sentimentClassifier.crc32; // which is that of the other model
    other.setUserDefinedMetadata(metadata);
    const mixed = inMemory();
    await other.save(mixed.handler);
    const before = tf.memory().numTensors;
    await expect(SentimentClassifier.load(mixed.handler)).rejects.toThrow(
      `SentimentClassifier.load: the saved classifier is damaged: its model is not that of a classifier. ${AGAIN}`,
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});
