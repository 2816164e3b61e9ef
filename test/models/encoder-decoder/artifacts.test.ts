import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { createEncoderDecoder, EncoderDecoder, Tokenizer } from '../../../src/index.js';
import { inMemory } from '../../in-memory.js';
import { make, PAIRS, VARIANTS } from './variants.js';

beforeAll(() => tf.setBackend('cpu'));

test.each(Object.keys(VARIANTS))(
  'a loaded one writes and trains on as the saved one: %s',
  async (name) => {
    const saved = make(name);
    await saved.fit(PAIRS, { epochs: 2, batchSize: 5 });
    const { handler } = inMemory();
    await saved.save(handler, { includeOptimizer: true });
    const loaded = await EncoderDecoder.load(handler);
    const options = { temperature: 1, seed: 4 };
    expect(await loaded.generate(PAIRS.sources, options)).toEqual(
      await saved.generate(PAIRS.sources, options),
    );
    expect(loaded.history).toEqual(saved.history);
    const [a, b] = [await saved.fit(PAIRS, { epochs: 2 }), await loaded.fit(PAIRS, { epochs: 2 })];
    // Adam's powers of beta come back rounded.
    b.history.loss!.forEach((loss, i) => {
      expect(loss).toBeCloseTo(a.history.loss![i]!, 5);
    });
    saved.dispose();
    loaded.dispose();
  },
);

test('texts go in and come out, by characters on one side and by words on the other', async () => {
  const sources = ['1 2', '3', '2 3 1', '1'];
  const targets = ['one two', 'three', 'two three one', 'one'];
  const source = new Tokenizer({ charLevel: true });
  const target = new Tokenizer();
  source.fitOnTexts(sources);
  target.fitOnTexts(targets);
  const reader = createEncoderDecoder({
    source: { vocabularySize: source.wordIndex.size + 1, length: 5 },
    target: { vocabularySize: target.wordIndex.size + 3, length: 4 },
    ...{ units: 16, learningRate: 0.02, seed: 1 },
    vocabularies: { source, target },
  });
  await reader.fit({ sources, targets }, { epochs: 100, batchSize: 4 });
  const { handler } = inMemory();
  await reader.save(handler);
  const loaded = await EncoderDecoder.load(handler);
  expect((await loaded.generate('2 3 1')).text).toBe('two three one');
  expect((await loaded.generate(sources)).map(({ text }) => text)).toEqual(targets);
  expect(loaded.vocabularies!.target.toJson()).toBe(target.toJson());
  const weights = await loaded.attentionWeights('3', 'three');
  expect(weights).toEqual([[1], [1]]);
});
