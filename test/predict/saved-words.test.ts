import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { SentimentClassifier } from '../../src/models/sentiment/sentiment-classifier.js';
import type { Precision } from '../../src/models/saving/precision.js';
import type { TextPreset } from '../../src/models/text-classifier/presets.js';
import { TextClassifier } from '../../src/models/text-classifier/text-classifier.js';
import { createManyToMany } from '../../src/models/topologies/many-to-many.js';
import { createManyToOne } from '../../src/models/topologies/many-to-one.js';
import { saveWithVocabularies } from '../../src/models/topologies/with-vocabularies.js';
import { loadPredictor } from '../../src/predict/load-predictor.js';
import { padSequencesToArray } from '../../src/preprocessing/padded-sequences.js';
import { padSequences } from '../../src/preprocessing/pad-sequences.js';
import { Tokenizer } from '../../src/preprocessing/tokenizer/tokenizer.js';
import { inMemory } from '../in-memory.js';
import { inventNews, TOPICS } from '../models/text-classifier/news.js';

const texts = ['a warm &amp; funny film', 'dull <br /> and long', 'funny', 'long, long, long'];
const SETTINGS = { epochs: 1, vocabularySize: 12, sequenceLength: 5, lstmUnits: 4, denseUnits: 4 };

beforeAll(() => tf.setBackend('cpu'));

async function savedClassifier() {
  const labels = [1, 0, 1, 0];
  const classifier = await SentimentClassifier.train({ texts, labels }, { ...SETTINGS, seed: 1 });
  const { handler, saved } = inMemory();
  await classifier.save(handler);
  const parts = () => ({ ...JSON.parse(saved.json), weightData: saved.weights });
  return { classifier, parts };
}

describe('a saved classifier', () => {
  test('takes texts, and gives the probabilities of the classifier', async () => {
    const { classifier, parts } = await savedClassifier();
    const predictor = await loadPredictor(parts());
    const expected = await classifier.predict(texts);
    const { data, shape } = await predictor.predict(texts);
    expect(shape).toEqual([4, 1]);
    expect([...data]).toEqual(expected.map(({ probability }) => probability));
    expect(predictor.classNames).toEqual(['negative', 'positive']);
    const [first] = (await predictor.predict(texts[0]!)).data;
    expect(first).toBe(expected[0]!.probability);
    expect(predictor.vocabularies.words!.textsToSequences(['funny'])).toEqual([[2]]);
  });

  test('is refused where a word was exchanged', async () => {
    const { parts } = await savedClassifier();
    const damaged = parts();
    const { sentimentClassifier } = damaged.userDefinedMetadata;
    sentimentClassifier.tokenizer = sentimentClassifier.tokenizer.replaceAll('funny', 'sunny');
    await expect(loadPredictor(damaged)).rejects.toThrow(
      'loadPredictor: the model is damaged: it has changed since it was saved. ' +
        'Take it from a copy, or save it again.',
    );
  });
});

describe('a saved TextClassifier', () => {
  const news = inventNews(60, 1);
  const { texts: unseen } = inventNews(20, 2);
  const others = [...unseen, unseen.join(' '), '', 'a word of <b>another</b> kind &amp; language'];

  async function partsOf(classifier: TextClassifier, precision: Precision = 'float32') {
    const { handler, saved } = inMemory();
    await classifier.save(handler, { precision });
    const { weights, json } = saved;
    return { handler, parts: () => ({ ...JSON.parse(json), weightData: weights }) };
  }

  test.each<[TextPreset, Precision, boolean]>([
    ['article', 'float32', false],
    ['balanced', 'float32', true],
    ['balanced', 'float16', false],
    ['accurate', 'int8', false],
  ])('gives the probabilities of all classes: %s, %s', async (preset, precision, stripHtml) => {
    const classifier = await TextClassifier.train(news, { preset, stripHtml, epochs: 1, seed: 1 });
    const { handler, parts } = await partsOf(classifier, precision);
    const loaded = await TextClassifier.load(handler);
    const predictor = await loadPredictor(parts());
    const expected = await loaded.predict(others);
    const { data, shape } = await predictor.predict(others);
    expect(shape).toEqual([23, 4]);
    expect([...data]).toEqual(expected.flatMap(({ probabilities }) => probabilities));
    expect(predictor.classNames).toEqual(TOPICS);
    expect(await predictor.predictAll(others[0]!)).toEqual([await predictor.predict([others[0]!])]);
    expect(await predictor.predict([])).toEqual({ data: new Float64Array(0), shape: [0, 4] });
  });

  test('of two classes gives the probability of either', async () => {
    const two = { texts, labels: [1, 0, 1, 0] };
    const classifier = await TextClassifier.train(two, { preset: 'balanced', validationSplit: 0 });
    const { parts } = await partsOf(classifier);
    const { data, shape } = await (await loadPredictor(parts())).predict(texts);
    expect(shape).toEqual([4, 2]);
    const expected = await classifier.predict(texts);
    expect([...data]).toEqual(expected.flatMap(({ probabilities }) => probabilities));
  });

  test('is refused where it is damaged or of another version, and refuses numbers', async () => {
    const classifier = await TextClassifier.train(news, { epochs: 1, seed: 1 });
    const { parts } = await partsOf(classifier);
    const changed = (fields: object) => {
      const { userDefinedMetadata, ...others } = parts();
      const { crc32: _, ...metadata } = userDefinedMetadata.textClassifier;
      return { ...others, userDefinedMetadata: { textClassifier: { ...metadata, ...fields } } };
    };
    await expect(loadPredictor(changed({ words: 'all of them' }))).rejects.toThrow(
      'loadPredictor: the model is damaged: it has changed since it was saved.',
    );
    await expect(loadPredictor(changed({ scales: [1] }))).rejects.toThrow(
      'loadPredictor: a classifier of 2 paths must have a scale for each, received [1]. ' +
        'The file is damaged: save the classifier again.',
    );
    await expect(loadPredictor(changed({ version: 9 }))).rejects.toThrow(
      'loadPredictor: what was saved must be of version 2, received 9. ' +
        'Load it with the release of tfjs-recurrent that saved it.',
    );
    const predictor = await loadPredictor(changed({}));
    await expect(predictor.predict([[1, 2]])).rejects.toThrow(
      'Predictor.predict: a TextClassifier must be given a text or a list of texts',
    );
  });
});

describe('a model with vocabularies', () => {
  const words = new Tokenizer();
  words.fitOnTexts(texts);
  const model = createManyToOne({ vocabularySize: 12, units: 4, outputs: 3, seed: 1 });

  async function predictorWith(vocabularies: Record<string, Tokenizer>) {
    const { handler, saved } = inMemory();
    await saveWithVocabularies({ model, vocabularies }, handler);
    return loadPredictor({ ...JSON.parse(saved.json), weightData: saved.weights });
  }

  test('takes texts of any length', async () => {
    const predictor = await predictorWith({ words });
    const { data } = await predictor.predict(texts);
    const expected = model.predict(padSequences(words.textsToSequences(texts))) as tf.Tensor;
    expect(data).toEqual(expected.dataSync());
  });

  test('tags words: one vocabulary makes the numbers, the other reads the tags', async () => {
    const tags = new Tokenizer();
    tags.fitOnTexts(['det noun verb adv']);
    const tagger = createManyToMany({ vocabularySize: 12, units: 4, outputs: 5, seed: 1 });
    const { handler, saved } = inMemory();
    await saveWithVocabularies({ model: tagger, vocabularies: { words, tags } }, handler);
    const predictor = await loadPredictor({ ...JSON.parse(saved.json), weightData: saved.weights });
    const { words: ofWords, tags: ofTags } = predictor.vocabularies;
    const sequences = ofWords!.textsToSequences(texts);
    const { data, shape } = await predictor.predict(padSequencesToArray(sequences));
    const expected = tagger.predict(padSequences(sequences)) as tf.Tensor;
    expect(shape).toEqual(expected.shape);
    expect(data).toEqual(expected.dataSync());
    expect(ofTags!.sequencesToTexts([[1, 4]])).toEqual(['det adv']);
  });

  test('takes numbers alone where there are several', async () => {
    const predictor = await predictorWith({ words, others: words });
    await expect(predictor.predict(texts)).rejects.toThrow(
      'Predictor.predict: texts need one tokenizer that was saved with the model, and there are 2. ' +
        'Turn texts into numbers by a Tokenizer and padSequencesToArray.',
    );
    expect((await predictor.predict([[1, 2, 3]])).shape).toEqual([1, 3]);
  });
});
