import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { reasonOf } from '../../../src/foundation/errors.js';
import {
  deletionCurve,
  type ExplainMethod,
  explain,
  SentimentClassifier,
  TextClassifier,
  type TextPreset,
} from '../../../src/index.js';

const GOOD = ['a warm and funny film', 'funny and wise', 'wise, warm and well told', 'a joy'];
const BAD = ['dull and slow', 'a slow mess', 'a dull mess of a film', 'loud and slow'];
const OTHER = ['rain and strong wind', 'a storm with heavy rain', 'sun after the storm', 'wind'];
const TEXT = 'A funny but <b>slow</b> and dull film, funny and wise as rain';
// More words than a network reads at once.
const LONG = Array.from({ length: 45 }, (_, i) => [...GOOD, ...BAD][(5 * i) % 8]).join(' ');

const numbered = (...classes: string[][]) => ({
  texts: classes.flat(),
  labels: classes.flatMap((texts, label) => texts.map(() => label)),
});
const options = (preset: TextPreset) => ({ preset, validationSplit: 0, epochs: 2, seed: 3 });

const classifiers: Record<string, TextClassifier> = {};
beforeAll(async () => {
  await tf.setBackend('cpu');
  const [two, three] = [numbered(BAD, GOOD), numbered(BAD, GOOD, OTHER)];
  classifiers.balanced = await TextClassifier.train(two, options('balanced'));
  classifiers.accurate = await TextClassifier.train(two, options('accurate'));
  classifiers['of three classes'] = await TextClassifier.train(three, options('accurate'));
  classifiers.article = await TextClassifier.train(three, options('article'));
});
const NAMES = ['balanced', 'accurate', 'of three classes', 'article'];

/** What the classifier says of the class that is explained: of two classes, the second. */
async function said(classifier: TextClassifier, text: string, classIndex: number) {
  const { probabilities } = await classifier.predict(text);
  return probabilities.length === 2 ? probabilities[1]! : probabilities[classIndex]!;
}

describe.each(NAMES)('the words of a text, for a classifier: %s', (name) => {
  it.each([TEXT, LONG])('explain what it predicts', async (text) => {
    const classifier = classifiers[name]!;
    const found = explain(classifier, text);
    const { probability, classIndex } = found;
    expect(probability).toBeCloseTo(await said(classifier, text, classIndex), 6);
    // Maxima over time and rectified units have kinks, and here are small differences.
    expect(found.completenessError).toBeLessThan(0.03);
    expect(found.prefixProbabilities.at(-1)).toBeCloseTo(probability, 6);
    const index = classifier.classNames.length === 2 ? 1 : classIndex;
    expect(found.className).toBe(classifier.classNames[index]);
  });

  it('lead there one by one', async () => {
    const classifier = classifiers[name]!;
    const { words, prefixProbabilities, classIndex } = explain(classifier, TEXT);
    for (const [i, probability] of prefixProbabilities.entries()) {
      const beginning = words.slice(0, i + 1).join(' ');
      expect(probability).toBeCloseTo(await said(classifier, beginning, classIndex), 6);
    }
  });

  it('are taken out of what it is asked again', async () => {
    const classifier = classifiers[name]!;
    const { words, contributions, classIndex, probability } = explain(classifier, TEXT);
    const { explained, random } = deletionCurve(classifier, TEXT, { fractions: [0, 0.1, 1] });
    const isOther = classifier.classNames.length === 2 && probability < 0.5;
    const side = isOther ? -1 : 1;
    const first = contributions.indexOf(
      side * Math.max(...contributions.map((each) => side * each)),
    );
    const without = words.filter((_, word) => word !== first).join(' ');
    const expected = [TEXT, without, ''].map(async (text) => {
      const found = await said(classifier, text, classIndex);
      return isOther ? 1 - found : found;
    });
    for (const [i, each] of expected.entries()) expect(explained[i]).toBeCloseTo(await each, 6);
    expect(random[0]).toBeCloseTo(explained[0]!, 12);
  });
});

describe('the share of the n-grams', () => {
  /** A classifier whose network says nothing. */
  async function linearOnly() {
    const classifier = await TextClassifier.train(numbered(BAD, GOOD), options('balanced'));
    classifier.model.setWeights(classifier.model.getWeights().map((each) => tf.zerosLike(each)));
    return classifier;
  }
  const logitOf = async (classifier: TextClassifier, text: string) => {
    const [other, one] = (await classifier.predict(text)).probabilities;
    return Math.log(one! / other!);
  };

  it('of a run of words is shared out equally among its words', async () => {
    const classifier = await linearOnly();
    const { contributions, output, baseline } = explain(classifier, 'unheard slow unheard');
    const [before, slow, behind] = contributions;
    expect([before, behind]).toEqual([0, 0]); // no text had a run with it
    expect(slow).toBeCloseTo(output - baseline, 12);
    expect(output).toBeCloseTo(await logitOf(classifier, 'unheard slow unheard'), 6);

    const twice = explain(classifier, 'slow unheard slow unheard').contributions;
    expect(twice[0]).toBe(twice[2]); // which counts once: half for each place
    const pair = explain(classifier, 'funny and').contributions;
    const [funny, and] = ['funny', 'and'].map((word) => {
      // The factor of a text with three n-grams, 1 / √3, and not that of one.
      const { output: alone, baseline: nothing } = explain(classifier, word);
      return (alone - nothing) / Math.sqrt(3);
    });
    const together = pair[0]! + pair[1]! - funny! - and!; // what 'funny and' adds itself
    expect(pair[0]).toBeCloseTo(funny! + together / 2, 10);
    expect(pair[1]).toBeCloseTo(and! + together / 2, 10);
  });

  it('is all gone without any of its words, by occlusion', async () => {
    const classifier = await linearOnly();
    const method: ExplainMethod = 'occlusion';
    const shared = explain(classifier, 'funny and').contributions;
    const [funny, and] = explain(classifier, 'funny and', { method }).contributions;
    const alone = explain(classifier, 'funny');
    const first = (alone.output - alone.baseline) / Math.sqrt(3);
    const together = 2 * (shared[0]! - first);
    expect(funny).toBeCloseTo(shared[0]! + together / 2, 10);
    expect(and).toBeCloseTo(shared[1]! + together / 2, 10);
    // One that stands twice stays where only one of them is gone.
    expect(explain(classifier, 'slow x slow', { method }).contributions).toEqual([0, 0, 0]);
  });
});

it('a sentiment classifier with a preset is explained as it predicts', async () => {
  const classifier = await SentimentClassifier.train(numbered(BAD, GOOD), options('balanced'));
  const { probability } = await classifier.predict(TEXT);
  expect(explain(classifier, TEXT).probability).toBeCloseTo(probability, 6);
});

it('indices are refused, since n-grams are of words', () => {
  let error: unknown;
  try {
    explain(classifiers.balanced!, [1, 2, 3]);
  } catch (thrown) {
    error = thrown;
  }
  expect(reasonOf(error as Error)).toBe(
    'explain: a classifier that reads runs of words takes a text, received [1, 2, 3]. ' +
      'To explain its network alone, pass { model, tokenizer } of it.',
  );
});

it('no tensors are left', () => {
  const before = tf.memory().numTensors;
  for (const name of NAMES) explain(classifiers[name]!, TEXT);
  expect(tf.memory().numTensors).toBe(before);
});
