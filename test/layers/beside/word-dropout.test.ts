/** wordDropout: which words it replaces, and that everything behind it is as fast and as exact as before. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers, registerLayers, saveKerasModel, stream } from '../../../src/index.js';
import type { WordDropoutLayerArgs } from '../../../src/layers/beside/word-dropout.js';
import { inMemory } from '../../in-memory.js';

const [SAMPLES, TIME, VOCABULARY] = [50, 40, 12];

/** Words from 0, which is padding. */
function wordsOf(seed: number): tf.Tensor2D {
  const drawn = tf.randomUniform([SAMPLES, TIME], 0, VOCABULARY, 'int32', seed);
  return tf.tensor2d(drawn.dataSync() as Int32Array, [SAMPLES, TIME], 'int32');
}

function replaced(args: WordDropoutLayerArgs, words: tf.Tensor2D): number[][] {
  const layer = layers.wordDropout(args);
  return (layer.apply(words, { training: true }) as tf.Tensor2D).arraySync();
}

describe.each(['cpu', 'wasm'])('wordDropout on the %s backend', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  afterAll(() => tf.setBackend('cpu'));

  test.each(['position', 'word'] as const)(
    'replaces its fraction a %s, never padding',
    (drawPer) => {
      const words = wordsOf(1);
      const before = words.arraySync();
      const after = replaced({ rate: 0.25, replaceWith: 99, drawPer, seed: 3 }, words);
      const pairs = before.flatMap((row, i) =>
        row.map((word, t) => [word, after[i]![t]!] as const),
      );
      for (const [word, now] of pairs) expect([word, word && 99]).toContain(now);
      const real = pairs.filter(([word]) => word !== 0);
      const share = real.filter(([, now]) => now === 99).length / real.length;
      // Four standard deviations, of 1830 positions or 538 pairs of sample and word.
      expect(Math.abs(share - 0.25)).toBeLessThan(drawPer === 'word' ? 0.08 : 0.041);
      expect(words.arraySync()).toEqual(before);
    },
  );

  test('a word of a sample fares alike wherever it stands, and otherwise in other samples', () => {
    const words = wordsOf(2);
    const after = replaced({ rate: 0.5, replaceWith: 99, drawPer: 'word', seed: 5 }, words);
    const fates = words.arraySync().map((row, i) => {
      const fate = new Map<number, number>();
      row.forEach((word, t) => {
        expect(fate.get(word) ?? after[i]![t]).toBe(after[i]![t]);
        fate.set(word, after[i]![t]!);
      });
      return fate;
    });
    for (let word = 1; word < VOCABULARY; word++) {
      expect(new Set(fates.map((fate) => fate.get(word)).filter(Boolean)).size).toBe(2);
    }
  });

  test('draws anew at each call, and repeats with a seed', () => {
    const words = wordsOf(3);
    const args: WordDropoutLayerArgs = { rate: 0.5, seed: 1 };
    const layer = layers.wordDropout(args);
    const call = () => (layer.apply(words, { training: true }) as tf.Tensor2D).arraySync();
    const [first, second] = [call(), call()];
    expect(second).not.toEqual(first);
    expect(replaced(args, words)).toEqual(first);
  });

  test('leaves words alone when a model predicts', () => {
    const words = wordsOf(4);
    const layer = layers.wordDropout({ rate: 0.9 });
    expect((layer.apply(words) as tf.Tensor2D).arraySync()).toEqual(words.arraySync());
  });

  test.each([true, false])(
    'trains as a model whose words were replaced before, maskZero %s',
    async (maskZero) => {
      const words = wordsOf(5);
      const labels = tf.cast(tf.less(tf.slice(wordsOf(6), [0, 0], [SAMPLES, 1]), 5), 'float32');
      const args: WordDropoutLayerArgs = { rate: 0.3, drawPer: 'word', seed: 8 };
      const make = (dropped: boolean) => {
        const weights = { kernelInitializer: tfl.initializers.glorotUniform({ seed: 1 }) };
        const model = tfl.sequential();
        if (dropped) model.add(layers.wordDropout({ ...args, inputShape: [TIME] }));
        model.add(
          layers.embedding({
            ...{ inputDim: VOCABULARY, outputDim: 8, maskZero, inputLength: TIME },
            embeddingsInitializer: tfl.initializers.randomUniform({ seed: 2 }),
          }),
        );
        const recurrentInitializer = tfl.initializers.glorotUniform({ seed: 4 });
        model.add(layers.lstm({ units: 5, recurrentInitializer, ...weights }));
        model.add(layers.dense({ units: 1, activation: 'sigmoid', ...weights }));
        model.compile({ optimizer: tf.train.adam(0.1), loss: 'binaryCrossentropy' });
        return model;
      };
      const gradients = vi.spyOn(tf.engine(), 'gradients');
      const [dropping, plain] = [make(true), make(false)];
      const before = layers.wordDropout(args);
      for (let step = 0; step < 3; step++) {
        await dropping.trainOnBatch(words, labels);
        await plain.trainOnBatch(before.apply(words, { training: true }) as tf.Tensor, labels);
      }
      expect(gradients).not.toHaveBeenCalled();
      gradients.mockRestore();
      dropping.getWeights().forEach((weight, i) => {
        expect(weight.dataSync()).toEqual(plain.getWeights()[i]!.dataSync());
      });
      expect(dropping.getWeights()[0]!.dataSync()).not.toEqual(
        make(false).getWeights()[0]!.dataSync(),
      );
    },
  );
});

const small = () =>
  tfl.sequential({
    layers: [
      layers.wordDropout({ rate: 0.3, replaceWith: 1, drawPer: 'word', seed: 8, inputShape: [3] }),
      layers.embedding({ inputDim: 4, outputDim: 2 }),
      layers.lstm({ units: 2 }),
    ],
  });

test('is saved and loaded', async () => {
  registerLayers();
  const [model, { handler }] = [small(), inMemory()];
  await model.save(handler);
  const loaded = await tfl.loadLayersModel(handler);
  const written = { rate: 0.3, replaceWith: 1, drawPer: 'word', seed: 8 };
  expect(loaded.layers[0]!.getConfig()).toMatchObject(written);
  const x = tf.tensor2d([[1, 2, 3]]);
  const [same, expected] = [loaded, model].map((one) => (one.predict(x) as tf.Tensor).dataSync());
  expect(same).toEqual(expected);
});

test('is refused by name in files of Keras, which has no such layer', async () => {
  await expect(saveKerasModel(small())).rejects.toThrow(
    /^saveKerasModel: .* is a layer of a class that cannot be written for Keras, received "WordDropout"\./,
  );
});

test('does nothing in a stream', () => {
  const model = small();
  const streamed = stream(model);
  const outputs = [1, 2, 3].map((word) => streamed.push([word]));
  const whole = (model.predict(tf.tensor2d([[1, 2, 3]])) as tf.Tensor).dataSync();
  expect([...(outputs.at(-1) as unknown as tf.Tensor).dataSync()]).toEqual([...whole]);
});

test.each<[string, object, string]>([
  ['a rate of 1', { rate: 1 }, 'rate must be a number from 0 up to, not including, 1, received 1.'],
  ['half a word', { rate: 0.1, replaceWith: 0.5 }, 'replaceWith must be a non-negative integer'],
  ['other draws', { rate: 0.1, drawPer: 'text' }, 'drawPer must be "position" or "word", received'],
])('refuses %s', (_, args, message) => {
  expect(() => layers.wordDropout(args as never)).toThrow(`layers.wordDropout: ${message}`);
});

test('refuses what is not words', () => {
  const layer = layers.wordDropout({ rate: 0.1 });
  expect(() => layer.apply(tf.ones([2, 3, 4]), { training: true })).toThrow(
    'layers.wordDropout: the input must be the numbers of words, [batch, time], received [2, 3, 4].',
  );
});
