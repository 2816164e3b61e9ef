/** The presets on the invented reviews of the example: a few hundred, so that it takes a second. */
import '@tensorflow/tfjs-backend-cpu';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { inventSampleCorpus } from '../../../examples/imdb/sample-corpus.js';
import { TextClassifier } from '../../../src/index.js';

beforeAll(() => setBackend('cpu'));

test('n-grams and a small network judge unseen reviews of the sample, and know how surely', async () => {
  const { train, test: unseen } = inventSampleCorpus();
  const data = (reviews: typeof train, count: number) => {
    const some = reviews.slice(0, count);
    const labels = some.map(({ rating }) => (rating > 5 ? 'positive' : 'negative'));
    return { texts: some.map(({ text }) => text), labels };
  };
  const classifier = await TextClassifier.train(data(train, 1000), { preset: 'balanced' });
  const { accuracy, calibrationError } = await classifier.evaluate(data(unseen, 500));
  expect(accuracy).toBeGreaterThan(0.9);
  expect(calibrationError).toBeLessThan(0.06);
  expect(classifier.validation?.texts).toBe(100);
  classifier.dispose();
});
