/** N-grams beside a network of one's own, held against what the presets make of the same network. */
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reasonOf } from '../../../src/foundation/errors.js';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import {
  explain,
  layers,
  padSequences,
  RecurrentError,
  TextClassifier,
  Tokenizer,
  wideAndDeep,
} from '../../../src/index.js';
import { setAside } from '../../../src/models/text-classifier/set-aside.js';
import { WidePath } from '../../../src/models/wide/wide-path.js';
import { loadPredictor } from '../../../src/predict.js';
import { inMemory } from '../../in-memory.js';
import { inventNews, TOPICS } from './news.js';

const news = inventNews(240, 1);
const others = inventNews(40, 2);
const classNames = [...TOPICS];
const numbers = Int32Array.from(news.labels, (name) => TOPICS.indexOf(name as never));

/** Two topics of the four: their texts and the numbers 0 and 1. */
const two = (() => {
  const rows = news.texts.flatMap((text, i) =>
    numbers[i]! < 2 ? [{ text, label: numbers[i]! }] : [],
  );
  return { texts: rows.map(({ text }) => text), labels: rows.map(({ label }) => label) };
})();

/** A functional model, with the names that its maker gave it. */
function network(
  words: number,
  outputs: number,
  length: number | null = 12,
  pooling = layers.globalMaxPooling1d(),
): tfl.LayersModel {
  const input = tfl.input({ shape: [length], name: 'text' });
  const { randomUniform } = tfl.initializers;
  const vectors = layers.embedding({
    ...{ inputDim: words, outputDim: 4, maskZero: true },
    embeddingsInitializer: randomUniform({ minval: -1, maxval: 1, seed: 1 }),
  });
  const states = layers.gru({ units: 3, returnSequences: true }).apply(vectors.apply(input));
  const pooled = pooling.apply(states as tfl.SymbolicTensor);
  const activation = outputs === 1 ? 'sigmoid' : 'softmax';
  const output = layers.dense({ units: outputs, activation }).apply(pooled);
  return tfl.model({ inputs: input, outputs: output as tfl.SymbolicTensor });
}

function fitted(
  texts: readonly string[],
  options: ConstructorParameters<typeof Tokenizer>[0] = {},
) {
  const tokenizer = new Tokenizer(options);
  tokenizer.fitOnTexts(texts);
  return tokenizer;
}

beforeAll(() => tf.setBackend('cpu'));

describe('wideAndDeep', () => {
  test.each(['balanced', 'accurate'] as const)(
    'makes of the network of %s what the preset itself makes of it',
    async (preset) => {
      const ofPreset = await TextClassifier.train(news, { preset, epochs: 1, seed: 3 });
      const parts = setAside('test', { texts: news.texts, labels: numbers }, 0.1);
      const own = await wideAndDeep(
        { ...parts.train, classNames },
        {
          ...{ model: ofPreset.model, tokenizer: ofPreset.tokenizer, seed: 3 },
          ...{ pieces: preset === 'accurate', validationData: parts.validation },
        },
      );
      expect(own.validation).toEqual(ofPreset.validation);
      expect(own.preset).toBe('wideAndDeep');
      // Texts of both parts come in another order to the n-grams here, which moves their last digits.
      const [mine, theirs] = await Promise.all(
        [own, ofPreset].map((classifier) => classifier.predict(others.texts)),
      );
      mine!.forEach(({ probabilities }, text) => {
        probabilities.forEach((probability, label) => {
          expect(probability).toBeCloseTo(theirs![text]!.probabilities[label]!, 2);
        });
      });
      own.dispose();
    },
  );

  test('adds half of what each path says where there is nothing to weigh them by', async () => {
    const tokenizer = fitted(two.texts);
    const model = network(tokenizer.wordIndex.size + 1, 1);
    const classifier = await wideAndDeep(two, { model, tokenizer });
    const wide = await WidePath.train(two.texts, Int32Array.from(two.labels), 2, 0);
    const rows = padSequences(tokenizer.textsToSequences(others.texts), { maxlen: 12 });
    const alone = (model.predict(rows) as tf.Tensor).dataSync();
    const predictions = await classifier.predict(others.texts);
    predictions.forEach(({ probabilities }, text) => {
      const deep = Math.log(alone[text]! / (1 - alone[text]!));
      const logit = (wide.logits(others.texts[text]!)[0]! + deep) / 2;
      expect(probabilities[1]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 5);
    });
    expect(classifier.validation).toBeUndefined();
    expect(classifier.history.epoch).toEqual([]);
    classifier.dispose();
  });

  test('numbers words as the tokenizer does that it was given, without those that it leaves out', async () => {
    const tokenizer = fitted(two.texts, { numWords: 10 });
    const classifier = await wideAndDeep(two, { model: network(10, 1), tokenizer });
    expect(classifier.tokenizer.wordIndex.size).toBe(9);
    expect(classifier.tokenizer.textsToSequences(others.texts)).toEqual(
      tokenizer.textsToSequences(others.texts),
    );
    classifier.dispose();
  });

  test('leaves a text to the n-grams of which a network with a mean over time reads no word', async () => {
    const tokenizer = fitted(two.texts, { numWords: 10 });
    const model = network(10, 1, 12, layers.globalAveragePooling1d());
    const classifier = await wideAndDeep(two, { model, tokenizer });
    const text = 'unheard words';
    const wide = await WidePath.train(two.texts, Int32Array.from(two.labels), 2, 0);
    const expected = 1 / (1 + Math.exp(-wide.logits(text)[0]! / 2));
    const { probabilities } = await classifier.predict(text);
    expect(probabilities[1]).toBeCloseTo(expected, 12);
    const { handler } = inMemory();
    await classifier.save(handler);
    const predictor = await loadPredictor((await handler.load!()) as never);
    expect((await predictor.predict(text)).data[1]).toBeCloseTo(expected, 12);
    classifier.dispose();
  });

  test('does not pass on what is not a number', async () => {
    const tokenizer = fitted(two.texts);
    const model = network(tokenizer.wordIndex.size + 1, 1);
    const layer = model.layers.at(-1)!;
    layer.setWeights(layer.getWeights().map((weight) => tf.fill(weight.shape, Number.NaN)));
    const classifier = await wideAndDeep(two, { model, tokenizer });
    await expect(classifier.predict(two.texts[0]!)).rejects.toThrow(
      /^TextClassifier: the network must give numbers, but it gives NaN for a text\. Look for NaN/,
    );
    classifier.dispose();
  });

  describe('is, once made,', () => {
    let classifier: TextClassifier;
    beforeAll(async () => {
      const tokenizer = fitted(news.texts);
      const model = network(tokenizer.wordIndex.size + 1, 4);
      classifier = await wideAndDeep(news, {
        model,
        tokenizer,
        validationData: others,
        pieces: true,
      });
    });
    afterAll(() => classifier.dispose());

    test('saved and loaded as it is, for TensorFlow.js and without it', async () => {
      const { handler } = inMemory();
      await classifier.save(handler);
      const loaded = await TextClassifier.load(handler);
      const predictions = await classifier.predict(others.texts);
      expect(await loaded.predict(others.texts)).toEqual(predictions);
      expect(loaded).toMatchObject({ preset: 'wideAndDeep', classNames });
      loaded.dispose();
      const { data, shape } = await (await loadPredictor((await handler.load!()) as never)).predict(
        others.texts,
      );
      expect(shape).toEqual([40, 4]);
      predictions.forEach(({ probabilities }, text) => {
        probabilities.forEach((probability, label) => {
          expect(data[text * 4 + label]).toBeCloseTo(probability, 5);
        });
      });
    });

    test('explained by all its paths', async () => {
      const { prefixProbabilities, completenessError } = await explain(
        classifier,
        others.texts[0]!,
      );
      const { probability } = await classifier.predict(others.texts[0]!);
      expect(prefixProbabilities.at(-1)).toBeCloseTo(probability, 5);
      expect(Math.abs(completenessError)).toBeLessThan(0.05);
    });
  });
});

describe('wideAndDeep refuses', () => {
  const tokenizer = fitted(two.texts);
  const size = tokenizer.wordIndex.size + 1;
  test.each<[string, () => object, RegExp]>([
    [
      'something else than a model',
      () => ({ model: {}, tokenizer }),
      /^wideAndDeep: model must be a model of tf\.layers, received/,
    ],
    [
      'a model of texts of any length',
      () => ({ model: network(size, 1, null), tokenizer }),
      /the number of words fixed/,
    ],
    [
      'one of other classes',
      () => ({ model: network(size, 3), tokenizer }),
      /to \[batch, 1\], the probability of class 1/,
    ],
    [
      'one of fewer words',
      () => ({ model: network(size - 1, 1), tokenizer }),
      /must have more rows than the \d+ words of the tokenizer/,
    ],
    [
      'no tokenizer',
      () => ({ model: network(size, 1) }),
      /^wideAndDeep: tokenizer must be a Tokenizer, received undefined/,
    ],
    [
      'a tokenizer with words of its own',
      () => ({ model: network(size + 1, 1), tokenizer: fitted(two.texts, { oovToken: '<unk>' }) }),
      /but its oovToken is another, received "<unk>"\. N-grams are made of the same words/,
    ],
    ['an unknown option', () => ({ model: network(size, 1), tokenizer, epochs: 2 }), /epochs/],
    [
      'validation texts of another class',
      () => ({ model: network(size, 1), tokenizer, validationData: { texts: ['a'], labels: [2] } }),
      /^wideAndDeep: labels\[0\] must be one of "0", "1"/,
    ],
  ])('%s', async (_, options, message) => {
    const error = await wideAndDeep(two, options() as never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RecurrentError);
    expect(reasonOf(error as RecurrentError)).toMatch(message);
  });
});
