import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createSentimentLstm,
  explain,
  type Explanation,
  SentimentClassifier,
  Tokenizer,
} from '../../../src/index.js';
import { WORDS, withWeights } from './small-models.js';

describe('the words of a text', () => {
  beforeEach(() => tf.setBackend('cpu'));

  const tokenizer = (options: ConstructorParameters<typeof Tokenizer>[0] = {}) => {
    const made = new Tokenizer(options);
    made.fitOnTexts(['good film good', 'bad film']);
    return made;
  };
  const of = (text: string, options = {}): Explanation =>
    explain({ model: small(), tokenizer: tokenizer(options) }, text);
  const small = () =>
    withWeights(
      createSentimentLstm({
        vocabularySize: WORDS,
        sequenceLength: 4,
        embeddingDim: 3,
        lstmUnits: 3,
        denseUnits: 3,
        compile: false,
      }),
    );

  it('are all there, and what the model does not read adds nothing', () => {
    const found = of('A good, GOOD film: not bad!');
    expect(found.words).toEqual(['a', 'good', 'good', 'film', 'not', 'bad']);
    expect(found.indices).toEqual([0, 1, 1, 2, 0, 3]);
    expect(found.contributions[0]).toBe(0);
    expect(found.contributions[4]).toBe(0);
    expect(found.prefixProbabilities[4]).toBe(found.prefixProbabilities[3]);
    expect(found.className).toBe('class 1');
  });

  it('are read from the end where there are too many', () => {
    const found = of('film bad bad good good bad');
    expect(found.indices).toEqual([0, 0, 3, 1, 1, 3]);
    expect(found.contributions.slice(0, 2)).toEqual([0, 0]);
  });

  it('are those that the tokenizer finds, whichever way it splits', () => {
    for (const options of [
      { oovToken: '<?>' },
      { numWords: 3 },
      { charLevel: true, numWords: 9 },
      { analyzer: (text: string) => text.split('-') },
      { lower: false, split: '|' },
    ]) {
      const made = tokenizer(options);
      const text = 'good-film bad|Good film zzz';
      const time = 40;
      const wide = withWeights(
        createSentimentLstm({
          vocabularySize: 20,
          sequenceLength: time,
          embeddingDim: 2,
          lstmUnits: 2,
          denseUnits: 2,
          compile: false,
        }),
      );
      const found = explain({ model: wide, tokenizer: made }, text);
      expect(found.indices.filter((index) => index > 0)).toEqual(made.textsToSequences([text])[0]);
    }
  });

  it('of indices are named by the tokenizer, or by themselves', () => {
    const at = tf.tensor2d([[0, 1, 2, 9]], [1, 4], 'int32');
    expect(explain({ model: small(), tokenizer: tokenizer() }, at).words).toEqual([
      'good',
      'film',
      '9',
    ]);
    expect(explain(small(), at).words).toEqual(['1', '2', '9']);
  });

  it('may be none', () => {
    const found = of('nothing that anybody knows');
    expect(found.contributions).toEqual([0, 0, 0, 0]);
    expect(found.completenessError).toBe(0);
    expect(of('').words).toEqual([]);
  });

  it('of a classifier come without tags, and its classes have names', async () => {
    const classifier = await SentimentClassifier.train(
      { texts: ['good film', 'bad film'], labels: [1, 0] },
      {
        sequenceLength: 3,
        embeddingDim: 2,
        lstmUnits: 2,
        denseUnits: 2,
        vocabularySize: 9,
        epochs: 1,
        validationSplit: 0,
        seed: 1,
      },
    );
    const found = explain(classifier, 'good<br />film');
    expect(found.words).toEqual(['good', 'film']);
    expect(found.className).toBe('positive');
    const { probability } = await classifier.predict('good<br />film');
    expect(found.probability).toBeCloseTo(probability, 6);
  });
});
