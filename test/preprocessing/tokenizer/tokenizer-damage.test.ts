import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { RecurrentError } from '../../../src/foundation/errors.js';
import { openDoor, tf } from '../../../src/foundation/tensorflow.js';
import { Tokenizer, tokenizerFromJson } from '../../../src/index.js';
import { mutate } from '../../files/mutations.js';

const texts = ['A warm and funny film.', 'Dull and "slow", 10 of 10: a mess.'];
const tokenizer = new Tokenizer({ numWords: 20, oovToken: '<OOV>' });
tokenizer.fitOnTexts(texts);
const json = tokenizer.toJson();

beforeAll(async () => {
  openDoor();
  await tf.setBackend('cpu');
});

describe('a tokenizer file that names more words than there can be is refused', () => {
  const REMEDY = 'Pass the text that toJson, or to_json of a Keras Tokenizer, wrote.';
  it.each([
    ['num_words', '"num_words": 20', '"num_words": 92345678'],
    ['word_index', '\\"film\\": 7', '\\"film\\": 92345678'],
    ['index_word', '\\"7\\": \\"film\\"', '\\"92345678\\": \\"film\\"'],
    ['index_docs', '\\"7\\": 1', '\\"92345678\\": 1'],
  ])('in %s', (name, written, absurd) => {
    expect(json).toContain(written);
    expect(() => tokenizerFromJson(json.replace(written, absurd))).toThrow(
      `tokenizerFromJson: config.${name} cannot name more than 16777216 words, received 92345678. ${REMEDY}`,
    );
  });
});

it('an index that no int32 holds does not become another word', () => {
  const past = json.replace('\\"film\\": 7', `\\"film\\": ${2 ** 32 + 5}`);
  expect(() => tokenizerFromJson(past)).toThrow(RecurrentError);
});

it('a matrix beyond measure is refused before it is made', () => {
  const large = new Tokenizer({ numWords: 2 ** 29 });
  large.fitOnTexts(texts);
  expect(() => large.textsToMatrix([...texts, ...texts])).toThrow(
    'Tokenizer.textsToMatrix: a matrix may have 1073741824 cells at most, received "4 × 536870912". ' +
      'Set numWords to a smaller number, or ask for fewer texts at a time.',
  );
});

it('a damaged file is an error of ours, or a tokenizer that works within its size', () => {
  const before = tf.memory().numTensors;
  let errors = 0;
  for (let number = 0; number < 1800; number++) {
    try {
      const read = tokenizerFromJson(mutate(json, number));
      read.textsToSequences([...texts, ...texts, ...texts, ...texts]);
      const matrix = read.textsToMatrix(texts, 'tfidf');
      expect(matrix.shape[1]).toBeLessThanOrEqual(2 ** 24 + 1);
      matrix.dispose();
    } catch (error) {
      expect(error, `mutation ${number}`).toBeInstanceOf(RecurrentError);
      errors++;
    }
  }
  expect(errors).toBeGreaterThan(600);
  expect(errors).toBeLessThan(1800);
  expect(tf.memory().numTensors).toBe(before);
});
