import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { padSequences, tokenizerFromTextVectorization } from '../../src/index.js';

interface Golden {
  texts: string[];
  cases: { config: Record<string, unknown>; vocabulary: string[]; sequences: number[][] }[];
}

const path = new URL('../golden/text_vectorization.json', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(path, 'utf8'));

describe('tokenizerFromTextVectorization gives the sequences of Keras', () => {
  test.for(golden.cases.map((one, index) => [index, one] as const))(
    'case %i',
    ([, { config, vocabulary, sequences }]) => {
      const { tokenizer, padding } = tokenizerFromTextVectorization(config, vocabulary);
      const ours = padSequences(tokenizer.textsToSequences(golden.texts), padding);
      expect(ours.arraySync()).toEqual(sequences);
    },
  );

  test('from the vocabulary in the configuration', () => {
    const { config, sequences } = golden.cases.find((one) => one.config.vocabulary !== null)!;
    const { tokenizer, padding } = tokenizerFromTextVectorization(config);
    const ours = padSequences(tokenizer.textsToSequences(golden.texts), padding);
    expect(ours.arraySync()).toEqual(sequences);
  });

  test('from the entry of the layer in the JSON of a model', () => {
    const config = { split: 'character', standardize: null };
    const entry = { module: 'keras.layers', class_name: 'TextVectorization', config };
    const { tokenizer, padding } = tokenizerFromTextVectorization(entry, ['a', 'b']);
    expect(tokenizer.textsToSequences(['bAa'])).toEqual([[3, 1, 2]]);
    expect(tokenizer.sequencesToTexts([[3, 1, 2]])).toEqual(['b [UNK] a']);
    expect(padding).toEqual({ padding: 'post', truncating: 'post' });
  });
});

describe('tokenizerFromTextVectorization says which setting stands in the way', () => {
  const words = ['', '[UNK]', 'film'];
  const own = { class_name: 'function', config: 'my_split' };
  test.for<[config: object, vocabulary: unknown, message: string]>([
    [
      { standardize: own },
      words,
      'standardize has no equivalent here: it must be one of lower_and_strip_punctuation, lower, ' +
        'strip_punctuation, null, received { class_name, config }. A Tokenizer with an analyzer of your own may do the same.',
    ],
    [
      { split: null },
      words,
      'split has no equivalent here: it must be one of whitespace, character, received null. ' +
        'A Tokenizer with an analyzer of your own may do the same.',
    ],
    [
      { output_mode: 'tf_idf' },
      words,
      'output_mode has no equivalent here: it must be int, received "tf_idf". ' +
        'Words can become indices alone; textsToMatrix counts them.',
    ],
    [
      { ngrams: [1, 2] },
      words,
      'ngrams has no equivalent here: it must be null, received [1, 2]. Only single words can be read.',
    ],
    [
      { ragged: true },
      words,
      'ragged has no equivalent here: it must be false, received true. ' +
        'Sequences of unequal length would not make a tensor.',
    ],
    [
      { encoding: 'latin-1' },
      words,
      'encoding has no equivalent here: it must be utf-8, received "latin-1". ' +
        'Texts of JavaScript have no other.',
    ],
    [
      { output_sequence_length: 0 },
      words,
      'output_sequence_length must be a positive integer or null, received 0.',
    ],
    [
      { max_tokens: 2 },
      words,
      'the vocabulary must have at most 2 tokens, as max_tokens says, received 3. ' +
        'It belongs to another layer.',
    ],
    [
      {},
      undefined,
      'vocabulary must be a list of words, received undefined. ' +
        'Pass what layer.get_vocabulary() returned; the configuration need not hold it.',
    ],
    [
      {},
      ['film', 'film'],
      'every word of the vocabulary must occur once, received "film". ' +
        'Only the first two may be the special tokens "" and "[UNK]".',
    ],
    [
      { class_name: 'StringLookup', config: {} },
      words,
      'config must be that of a TextVectorization layer, received "StringLookup". ' +
        'Pass what layer.get_config() returned, for example read from JSON.',
    ],
  ])('%j', ([config, vocabulary, message]) => {
    const read = () => tokenizerFromTextVectorization(config, vocabulary as string[]);
    expect(read).toThrow(`tokenizerFromTextVectorization: ${message}`);
  });
});
