import * as tf from '@tensorflow/tfjs-core';
import { CustomCallback, type LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createSentimentLstm,
  fitWithSeed,
  padSequences,
  SentimentClassifier,
  splitValidation,
  Tokenizer,
  textToWordSequence,
} from '../../../src/index.js';
import { BY_HEART, labels, TINY, texts, weightsOf } from '../reviews.js';

// The first operation is when TensorFlow.js greets, by a warning.
beforeAll(async () => {
  await tf.setBackend('cpu');
  tf.zeros([1]).dispose();
});
const warned = vi.spyOn(console, 'warn');
beforeEach(async () => {
  warned.mockReset().mockImplementation(() => undefined);
  await tf.setBackend('cpu');
});

describe('SentimentClassifier.train', () => {
  test('learns from texts and labels to tell new texts apart', async () => {
    const classifier = await SentimentClassifier.train({ texts, labels }, BY_HEART);
    const [good, bad] = await classifier.predict(['warm and wise', 'far too slow']);
    expect(good).toEqual({ label: 1, probability: expect.closeTo(1, 1) });
    expect(bad).toEqual({ label: 0, probability: expect.closeTo(0, 1) });
    expect(warned).not.toHaveBeenCalled();
    classifier.dispose();
  });

  test('does what one would write without it', async () => {
    const options = { ...TINY, epochs: 2, batchSize: 3, validationSplit: 0.25, seed: 5 };
    const classifier = await SentimentClassifier.train({ texts, labels }, options);

    const tokenizer = new Tokenizer({ numWords: 40 });
    tokenizer.fitOnTexts(texts);
    const toX = (some: string[]) => padSequences(tokenizer.textsToSequences(some), { maxlen: 8 });
    const toY = (some: number[]) => tf.tensor2d(some, [some.length, 1]);
    const { train, validation } = splitValidation(
      { texts, labels },
      { validationSplit: 0.25, seed: 5 },
    );
    const model = createSentimentLstm({ ...TINY, seed: 5 });
    const { epoch, history } = await fitWithSeed(model, toX(train.texts), toY(train.labels), {
      ...{ epochs: 2, batchSize: 3, seed: 5 },
      validationData: [toX(validation.texts), toY(validation.labels)],
    });

    expect(weightsOf(classifier.model)).toEqual(weightsOf(model));
    expect(classifier.history).toEqual({ epoch, history });
    expect(Object.keys(history)).toEqual(['val_loss', 'val_acc', 'loss', 'acc']);
  });

  test('repeats itself by its seed', async () => {
    const run = async (seed: number) => {
      const options = { ...TINY, epochs: 1, seed };
      const { model } = await SentimentClassifier.train({ texts, labels }, options);
      return weightsOf(model);
    };
    expect(await run(3)).toEqual(await run(3));
    expect(await run(3)).not.toEqual(await run(4));
  });

  test('takes the settings of the tutorials when it is given none', async () => {
    // The first batch is where it stops: real ones would take seconds.
    let params: unknown;
    let model: LayersModel | undefined;
    class Stop extends CustomCallback {
      override setParams(given: typeof this.params) {
        params = given;
      }
      override setModel(given: object) {
        model = given as LayersModel;
      }
      override async onBatchBegin() {
        expect(model?.countParams()).toBe(145_025);
        expect(model?.inputs[0]?.shape).toEqual([null, 300]);
        throw new Error('far enough');
      }
    }
    const callbacks = new Stop({});
    await expect(SentimentClassifier.train({ texts, labels }, { callbacks })).rejects.toThrow(
      'far enough',
    );
    expect(params).toMatchObject({ epochs: 10, samples: 6 });
  });

  test('knows the most common words and forgets the others', async () => {
    const options = { ...TINY, vocabularySize: 6, epochs: 1 };
    const { tokenizer } = await SentimentClassifier.train({ texts, labels }, options);
    const whole = new Tokenizer({ numWords: 6 });
    whole.fitOnTexts(texts);
    expect(whole.wordIndex.size).toBeGreaterThan(20);
    expect([...tokenizer.wordIndex]).toEqual([...whole.wordIndex].slice(0, 5));
    expect([...tokenizer.indexWord]).toEqual([...whole.indexWord].slice(0, 5));
    for (const map of [tokenizer.wordCounts, tokenizer.wordDocs, tokenizer.indexDocs]) {
      expect(map.size).toBe(5);
    }
    const sequences = whole.textsToSequences(texts);
    expect(tokenizer.textsToSequences(texts)).toEqual(sequences);
    expect(tokenizer.sequencesToTexts(sequences)).toEqual(whole.sequencesToTexts(sequences));
  });

  test('removes HTML unless told to keep it', async () => {
    const data = { texts: ['fine<br />film', 'bad &amp; sad'], labels: [1, 0] };
    const options = { ...TINY, epochs: 1, validationSplit: 0 };
    const stripped = await SentimentClassifier.train(data, options);
    expect([...stripped.tokenizer.wordIndex.keys()]).toEqual(['fine', 'film', 'bad', 'sad']);
    const kept = await SentimentClassifier.train(data, { ...options, stripHtml: false });
    expect([...kept.tokenizer.wordIndex.keys()]).toEqual([
      ...textToWordSequence('fine<br />film'),
      ...textToWordSequence('bad &amp; sad'),
    ]);
    for (const [classifier, same] of [
      [stripped, true],
      [kept, false],
    ] as const) {
      const [plain, marked] = await classifier.predict(['fine film', 'fine<br />film']);
      expect(plain!.probability === marked!.probability).toBe(same);
    }
  });

  test('takes labels in a typed array, and what readTextDirectory returns as it is', async () => {
    const data = {
      texts,
      labels: Uint8Array.from(labels),
      paths: texts.map((_, index) => `${index}.txt`),
    };
    const options = { ...TINY, epochs: 1, classNames: ['neg', 'pos'] };
    const classifier = await SentimentClassifier.train(data, options);
    expect(classifier.classNames).toEqual(['neg', 'pos']);
  });

  test('hands callbacks every epoch, and stops when they say so', async () => {
    const seen: number[] = [];
    const classifier = await SentimentClassifier.train(
      { texts, labels },
      {
        ...{ ...TINY, epochs: 5 },
        callbacks: [
          {
            onEpochEnd: async (epoch) => {
              seen.push(epoch);
              if (epoch === 1) throw new Error('stop');
            },
          },
        ],
      },
    ).catch((error: Error) => error.message);
    expect([seen, classifier]).toEqual([[0, 1], 'stop']);
  });

  test('leaves no tensors behind when it fails', async () => {
    await SentimentClassifier.train({ texts, labels }, { ...TINY, epochs: 1 });
    const build = () => createSentimentLstm(TINY);
    const before = tf.memory().numTensors;
    const model = build();
    model.optimizer.dispose();
    model.dispose();
    const ofBuilding = tf.memory().numTensors - before; // what TensorFlow.js itself leaves
    // A callback that fails within an epoch costs a tensor or more of model.fit itself.
    const callbacks = { onEpochBegin: async () => Promise.reject(new Error('unplugged')) };
    const failing = SentimentClassifier.train({ texts, labels }, { ...TINY, callbacks });
    await expect(failing).rejects.toThrow('unplugged');
    expect(tf.memory().numTensors).toBe(before + 2 * ofBuilding);
  });
});

describe('SentimentClassifier.train warns', () => {
  const options = { ...TINY, epochs: 1 };

  test('when all labels are of one class', async () => {
    const ones = texts.map(() => 1);
    await SentimentClassifier.train({ texts, labels: ones }, { ...options, validationSplit: 0 });
    expect(warned.mock.calls.flat()).toEqual([
      'SentimentClassifier.train: every training label is 1, so that the model can learn only ' +
        'that class. Give texts of both classes.',
    ]);
  });

  test('when texts ordered by class are split as they stand', async () => {
    await SentimentClassifier.train({ texts, labels }, { ...options, shuffle: false });
    expect(warned.mock.calls.flat()[0]).toBe(
      'splitValidation: every validation label is 0, so that validation accuracy says nothing ' +
        'about other classes. Samples ordered by class need shuffle: true, which mixes them ' +
        'before they are split.',
    );
  });
});

describe.each(['cpu', 'wasm'])('on the backend %s', (backend) => {
  beforeEach(async () => {
    await tf.setBackend(backend);
  });

  test('predictions, evaluations and further training leave no tensors', async () => {
    const classifier = await SentimentClassifier.train({ texts, labels }, { ...TINY, epochs: 1 });
    await classifier.predict(texts[0]!);
    const before = tf.memory().numTensors;
    for (let time = 0; time < 100; time++) await classifier.predict(texts[time % 8]!);
    await classifier.predict(texts);
    await classifier.evaluate({ texts, labels });
    expect(tf.memory().numTensors).toBe(before);
    await classifier.fit({ texts, labels }, { validationSplit: 0.25 });
    expect(tf.memory().numTensors).toBe(before);
    classifier.dispose();
  });

  test('a text alone is predicted as it is among others, however many', async () => {
    const classifier = await SentimentClassifier.train({ texts, labels }, BY_HEART);
    const many = Array.from({ length: 230 }, (_, index) => texts[(index * 3) % 8]!);
    const predictions = await classifier.predict(many);
    expect(predictions).toHaveLength(230);
    for (const index of [0, 99, 100, 229]) {
      const alone = await classifier.predict(many[index]!);
      expect(predictions[index]!.label).toBe(alone.label);
      expect(predictions[index]!.probability).toBeCloseTo(alone.probability, 5);
    }
    classifier.dispose();
  });
});

describe('SentimentClassifier.predict', () => {
  test('takes texts without any known word, empty ones, and no texts', async () => {
    const classifier = await SentimentClassifier.train({ texts, labels }, { ...TINY, epochs: 1 });
    const [unknown, empty] = await classifier.predict(['Zymurgy!', '']);
    expect(unknown).toEqual(empty);
    expect(unknown!.probability).toBeGreaterThan(0);
    expect(await classifier.predict([])).toEqual([]);
  });
});

describe('SentimentClassifier.evaluate', () => {
  test('returns the mean cross-entropy and the fraction of right labels', async () => {
    const options = { ...TINY, learningRate: 0.02, epochs: 5, validationSplit: 0.25 };
    const classifier = await SentimentClassifier.train({ texts, labels }, options);
    const predictions = await classifier.predict(texts);
    // Two labels of eight are wrong on purpose.
    const given = predictions.map(({ label }, index) => (index % 4 === 1 ? 1 - label : label));
    const losses = predictions.map(
      ({ probability }, index) => -Math.log(given[index] === 1 ? probability : 1 - probability),
    );
    const { loss, accuracy } = await classifier.evaluate({ texts, labels: given });
    expect(accuracy).toBe(6 / 8);
    expect(loss).toBeCloseTo(losses.reduce((sum, each) => sum + each) / 8, 5);
  });
});

describe('SentimentClassifier.fit', () => {
  test('goes on for one epoch, and continues the history', async () => {
    const options = { ...TINY, epochs: 2, validationSplit: 0.25 };
    const classifier = await SentimentClassifier.train({ texts, labels }, options);
    const before = weightsOf(classifier.model);
    const { epoch, history } = await classifier.fit({ texts, labels });
    expect(epoch).toEqual([2]);
    expect(Object.keys(history)).toEqual(['loss', 'acc']);
    expect(classifier.history.epoch).toEqual([0, 1, 2]);
    expect(classifier.history.history.loss?.[2]).toBe(history.loss?.[0]);
    expect(classifier.history.history.val_loss).toEqual([
      expect.any(Number),
      expect.any(Number),
      Number.NaN,
    ]);
    expect(weightsOf(classifier.model)).not.toEqual(before);
  });

  test('fills the history of epochs without validation', async () => {
    const options = { ...TINY, epochs: 2, validationSplit: 0 };
    const classifier = await SentimentClassifier.train({ texts, labels }, options);
    await classifier.fit({ texts, labels }, { epochs: 2, validationSplit: 0.25 });
    const { val_acc } = classifier.history.history;
    expect(val_acc?.map(Number.isNaN)).toEqual([true, true, false, false]);
  });

  test('is the same as to have trained longer', async () => {
    const options = { ...TINY, batchSize: 3 };
    const long = await SentimentClassifier.train({ texts, labels }, { ...options, epochs: 3 });
    const short = await SentimentClassifier.train({ texts, labels }, { ...options, epochs: 1 });
    await short.fit({ texts, labels }, { epochs: 2, batchSize: 3, validationSplit: 0.2 });
    expect(weightsOf(short.model)).toEqual(weightsOf(long.model));
    expect(short.history).toEqual(long.history);
  });
});
