import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Consumer, createConsumer } from './consumer.js';

let consumer: Consumer;
beforeAll(() => {
  consumer = createConsumer();
});
afterAll(() => consumer.remove());

/** Text, training and files, with everything seeded; prints what came out as JSON. */
const PROGRAM = `
  for (const name of process.argv.slice(2)) delete globalThis[name];
  await import('@tensorflow/tfjs-backend-cpu');
  const tf = await import('@tensorflow/tfjs-core');
  const {
    hashingTrick, loadKerasModel, saveKerasModel, SentimentClassifier, Tokenizer, tokenizerFromJson,
  } = await import('tfjs-recurrent');

  const tokenizer = new Tokenizer({ oovToken: '?' });
  tokenizer.fitOnTexts(['the cat sat', 'the dög sat — down 漢字', '\\ud83d half of a pair']);
  const json = tokenizer.toJson();
  const words = ['dög', '漢字', '😀'].map((word) => hashingTrick(word, 1000));
  const sequences = tokenizerFromJson(json).textsToSequences(['the dög cat bird 漢字']);

  const texts = ['good film', 'bad film', 'fine film', 'dull film'];
  const classifier = await SentimentClassifier.train(
    { texts, labels: [1, 0, 1, 0] },
    { sequenceLength: 4, epochs: 2, learningRate: 0.01, validationSplit: 0, seed: 1 },
  );
  const { model } = classifier;
  const x = tf.tensor2d([[0, 1, 2, 3]]);
  const predictions = {};
  for (const format of ['keras', 'h5', 'json+h5']) {
    const loaded = await loadKerasModel(await saveKerasModel(model, { format }));
    predictions[format] = loaded.predict(x).dataSync()[0] - model.predict(x).dataSync()[0];
  }
  const whole = await saveKerasModel(model, { format: 'h5' });
  const { kernelNames } = await tf.profile(() => model.predict(x));
  console.log(JSON.stringify({
    same: { json, words, sequences, predictions, bytes: whole.length },
    near: [...classifier.history.history.loss, (await classifier.predict('a good film')).probability],
    fused: kernelNames.includes('RecurrentLstm'),
  }));
`;

/** What Hermes, which runs React Native, does not have, and a few things that others lack. */
const MISSING = {
  'React Native': ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'TextDecoder', 'WeakRef'],
  'an engine and nothing around it': [
    ...['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'FinalizationRegistry', 'TextDecoder'],
    ...['TextEncoder', 'atob', 'btoa', 'Blob', 'navigator', 'structuredClone', 'crypto', 'Worker'],
  ],
};

describe.each(Object.entries(MISSING))('with what %s has', (_, missing) => {
  test('texts, training and files of Keras come out as with WebAssembly', () => {
    const [whole, bare] = [[], missing].map((names) => {
      const { stdout, stderr } = consumer.run('bare.mjs', PROGRAM, names);
      expect(stderr).toBe('');
      return JSON.parse(stdout);
    });
    expect([whole.fused, bare.fused]).toEqual([true, false]);
    expect(bare.same).toEqual(whole.same);
    expect(whole.same.predictions).toEqual({ keras: 0, h5: 0, 'json+h5': 0 });
    bare.near.forEach((value: number, i: number) => {
      expect(value).toBeCloseTo(whole.near[i], 5);
    });
  });
});
