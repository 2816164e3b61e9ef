import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { trainPaths } from '../../../src/models/text-classifier/training.js';
import { WidePath } from '../../../src/models/wide/wide-path.js';
import { setAside } from '../../../src/models/text-classifier/set-aside.js';
import { labels, texts } from '../reviews.js';

beforeAll(() => tf.setBackend('cpu'));

test('n-grams are learned from all texts in the end, and judged without those set aside', async () => {
  const data = { texts, labels: Int32Array.from(labels) };
  const settings = {
    preset: 'balanced',
    epochs: 1,
    validationSplit: 0.5,
    stripHtml: true,
  } as const;
  const { paths, validation } = await trainPaths(data, 2, {
    ...{ ...settings, seed: 3, callbacks: undefined },
  });
  const ofAll = await WidePath.train(texts, data.labels, 2, 3);
  expect(paths.wide!.weights).toEqual(ofAll.weights);

  const { train, validation: aside } = setAside('test', data, 0.5);
  expect(validation!.texts).toBe(aside.texts.length);
  const ofTrain = await WidePath.train(train.texts, train.labels, 2, 3);
  const logits = await paths.deep.logits(aside.texts);
  const loss = aside.texts.reduce((sum, text, i) => {
    const [a, b] = paths.scales;
    const score = a! * ofTrain.logits(text)[0]! + b! * logits[i]![0]!;
    return sum + Math.log(1 + Math.exp(aside.labels[i] === 1 ? -score : score));
  }, 0);
  expect(validation!.loss).toBeCloseTo(loss / aside.texts.length, 6);
  paths.deep.model.dispose();
});
