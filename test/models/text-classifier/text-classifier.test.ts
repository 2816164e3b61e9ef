import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { SentimentClassifier, TextClassifier, type TextPreset } from '../../../src/index.js';
import { inMemory } from '../../in-memory.js';
import { labels as marks, texts as reviews } from '../reviews.js';
import { inventNews, TOPICS } from './news.js';

const news = inventNews(240, 1);
const others = inventNews(80, 2);
const inNumbers = (names: readonly string[]) =>
  names.map((name) => TOPICS.indexOf(name as (typeof TOPICS)[number]));

let classifier: TextClassifier;

beforeAll(async () => {
  await tf.setBackend('cpu');
  classifier = await TextClassifier.train(news, { seed: 1 });
});

describe('a classifier of four topics', () => {
  test('names them in alphabetical order, and knows them in texts that it has not seen', async () => {
    expect(classifier.classNames).toEqual(TOPICS);
    const { accuracy, confusion, texts } = await classifier.evaluate(others);
    expect(texts).toBe(80);
    expect(accuracy).toBeGreaterThan(0.95);
    expect(confusion.flat().reduce((a, b) => a + b)).toBe(80);
  });

  test('says how sure it is of each, the same for one text and for many', async () => {
    const [first, second] = await classifier.predict(others.texts);
    expect(await classifier.predict(others.texts[1]!)).toEqual(second);
    const { label, className, probability, probabilities } = first!;
    expect(className).toBe(TOPICS[label]);
    expect(probability).toBe(Math.max(...probabilities));
    expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });

  test('reports on the texts that were set aside', () => {
    expect(classifier.validation).toMatchObject({ texts: 24 });
    expect(classifier.history.history.val_loss).toHaveLength(2);
  });

  test('takes numbers and names of classes alike', async () => {
    const byNumber = await TextClassifier.train(
      { ...news, labels: inNumbers(news.labels), classNames: [...TOPICS] },
      { seed: 1 },
    );
    expect(await byNumber.predict(others.texts)).toEqual(await classifier.predict(others.texts));
    expect(await byNumber.evaluate(others)).toEqual(
      await byNumber.evaluate({ ...others, labels: inNumbers(others.labels) }),
    );
  });

  test.each(['article', 'balanced', 'accurate'] as TextPreset[])(
    'is saved and loaded as it is: %s',
    async (preset) => {
      const trained = await TextClassifier.train(news, { preset, epochs: 1, stripHtml: false });
      const { handler } = inMemory();
      await trained.save(handler);
      const before = tf.memory().numTensors;
      const loaded = await TextClassifier.load(handler);
      const texts = [...others.texts, others.texts.join(' ')]; // the last one is read in pieces, or cut
      expect(await loaded.predict(texts)).toEqual(await trained.predict(texts));
      expect(loaded).toMatchObject({ preset, classNames: TOPICS, stripHtml: false });
      expect(loaded.validation).toEqual(trained.validation);
      loaded.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

describe('a smaller file', () => {
  const sizes = { float32: 0, float16: 0, int8: 0 };

  test.each(['float32', 'float16', 'int8'] as const)('with %s', async (precision) => {
    const { handler, saved } = inMemory();
    await classifier.save(handler, { precision });
    sizes[precision] = saved.weights.byteLength;
    const loaded = await TextClassifier.load(handler);
    const probabilities = await classifier.predict(others.texts);
    const error = { float32: 0, float16: 2e-3, int8: 3e-2 }[precision];
    (await loaded.predict(others.texts)).forEach((prediction, text) => {
      prediction.probabilities.forEach((probability, label) => {
        const off = Math.abs(probability - probabilities[text]!.probabilities[label]!);
        expect(off).toBeLessThanOrEqual(error);
      });
    });
    expect((await loaded.evaluate(others)).accuracy).toBe(
      (await classifier.evaluate(others)).accuracy,
    );
  });

  test('has as many bytes less', () => {
    expect(sizes.float16 / sizes.float32).toBeLessThan(0.65); // hashes of n-grams stay
    expect(sizes.int8 / sizes.float32).toBeLessThan(0.45);
  });

  test("of the article's model predicts nearly the same", async () => {
    const data = { texts: reviews, labels: marks };
    const tiny = { vocabularySize: 40, sequenceLength: 8, lstmUnits: 5, denseUnits: 7, seed: 1 };
    const sentiment = await SentimentClassifier.train(data, { ...tiny, validationSplit: 0 });
    const { handler } = inMemory();
    await sentiment.save(handler, { precision: 'int8', includeOptimizer: true });
    const loaded = await SentimentClassifier.load(handler);
    const exact = await sentiment.predict(reviews);
    (await loaded.predict(reviews)).forEach(({ probability }, text) => {
      expect(Math.abs(probability - exact[text]!.probability)).toBeLessThan(0.01);
    });
  });
});

describe('a sentiment classifier by a preset', () => {
  const data = { texts: reviews, labels: marks };
  let sentiment: SentimentClassifier;

  beforeAll(async () => {
    sentiment = await SentimentClassifier.train(data, { preset: 'balanced', validationSplit: 0 });
  });

  test('is a text classifier of two classes', async () => {
    const text = await TextClassifier.train(data, { validationSplit: 0 });
    const ofText = await text.predict(reviews);
    const predictions = await sentiment.predict(reviews);
    expect(predictions.map(({ probability }) => probability)).toEqual(
      ofText.map(({ probabilities }) => probabilities[1]),
    );
    expect(predictions.map(({ label }) => label)).toEqual(marks);
    expect(sentiment.classNames).toEqual(['negative', 'positive']);
    const { loss, accuracy } = await text.evaluate(data);
    expect(await sentiment.evaluate(data)).toEqual({ loss, accuracy });
  });

  test('is saved and loaded, by either class', async () => {
    const { handler } = inMemory();
    await sentiment.save(handler);
    const loaded = await SentimentClassifier.load(handler);
    expect(await loaded.predict(reviews)).toEqual(await sentiment.predict(reviews));
    expect((await TextClassifier.load(handler)).preset).toBe('balanced');
  });

  test('is not trained on, nor saved with an optimizer', async () => {
    await expect(sentiment.fit(data)).rejects.toThrow(
      'SentimentClassifier.fit: a classifier of the preset balanced cannot be trained on. ' +
        'Call SentimentClassifier.train with the old and the new texts.',
    );
    await expect(sentiment.save(inMemory().handler, { includeOptimizer: true })).rejects.toThrow(
      'SentimentClassifier.save: a classifier of the preset balanced is saved without its optimizer. ' +
        'Leave includeOptimizer out.',
    );
  });

  test('cannot have more classes', async () => {
    const { handler } = inMemory();
    await classifier.save(handler);
    const before = tf.memory().numTensors;
    await expect(SentimentClassifier.load(handler)).rejects.toThrow(
      'SentimentClassifier.load: the classifier must have two classes, but it has 4. Load it with TextClassifier.load.',
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});
