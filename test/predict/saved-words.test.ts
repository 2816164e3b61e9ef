import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { SentimentClassifier } from '../../src/models/sentiment/sentiment-classifier.js';
import { createManyToOne } from '../../src/models/topologies/many-to-one.js';
import { saveWithVocabularies } from '../../src/models/topologies/with-vocabularies.js';
import { loadPredictor } from '../../src/predict/load-predictor.js';
import { padSequences } from '../../src/preprocessing/pad-sequences.js';
import { Tokenizer } from '../../src/preprocessing/tokenizer/tokenizer.js';
import { inMemory } from '../in-memory.js';

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

  test('takes numbers alone where there are several', async () => {
    const predictor = await predictorWith({ words, others: words });
    await expect(predictor.predict(texts)).rejects.toThrow(
      'Predictor.predict: texts need one tokenizer that was saved with the model, and there are 2. ' +
        'Turn texts into numbers by a Tokenizer and padSequencesToArray.',
    );
    expect((await predictor.predict([[1, 2, 3]])).shape).toEqual([1, 3]);
  });
});
