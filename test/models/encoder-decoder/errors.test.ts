import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createEncoderDecoder,
  EncoderDecoder,
  RecurrentError,
  Tokenizer,
} from '../../../src/index.js';
import { inMemory } from '../../in-memory.js';
import { make, PAIRS, SIZES } from './variants.js';

let translator: EncoderDecoder;

beforeAll(async () => {
  await tf.setBackend('cpu');
  translator = make('luong');
});

const letters = (text: string) => {
  const tokenizer = new Tokenizer({ charLevel: true });
  tokenizer.fitOnTexts([text]);
  return tokenizer;
};

describe('createEncoderDecoder rejects', () => {
  const target = SIZES.target;
  test.each([
    ['a missing source', { source: undefined }, 'source must say how many tokens there are'],
    ['a missing target', { target: undefined }, 'target must say how many tokens there are'],
    ['no units', { units: 0 }, 'units must be a positive integer, received 0'],
    [
      'an attention that does not exist',
      { attention: 'dot' },
      'attention must be "none", "luong" or "bahdanau", received "dot"',
    ],
    ['a cell that does not exist', { cell: 'rnn' }, 'cell must be'],
    ['no layers', { layers: 0 }, 'layers must be a positive integer'],
    ['a dropout of all', { dropoutRate: 1 }, 'dropoutRate must be a number from 0'],
    ['a learning rate of 0', { learningRate: 0 }, 'learningRate must be a positive number'],
    ['a seed that is none', { seed: -1 }, 'seed must be a whole number'],
    ['an option that does not exist', { unit: 3 }, 'there is no option unit. Did you mean units?'],
    [
      'a vocabulary without room',
      { target: { vocabularySize: 3, length: 4 } },
      'target.vocabularySize must be an integer of at least 4',
    ],
    [
      'a length of 0',
      { source: { vocabularySize: 5, length: 0 } },
      'source.length must be a positive integer',
    ],
    [
      'a start token beyond the vocabulary',
      { target: { ...target, startToken: 11 } },
      'target.startToken must be one of the tokens 1 to 10 of the target, received 11',
    ],
    [
      'a start token that is padding',
      { target: { ...target, startToken: 0 } },
      'target.startToken must be one of',
    ],
    [
      'an end token that is the start token',
      { target: { ...target, startToken: 10 } },
      'must be two tokens',
    ],
    [
      'texts without tokenizers',
      { vocabularies: { source: 1, target: 2 } },
      'vocabularies.source must be a Tokenizer',
    ],
    [
      'a tokenizer that is too large',
      { vocabularies: { source: letters('abcdefghi'), target: letters('a') } },
      'source.vocabularySize must be at least 10 for the tokenizer, received 9',
    ],
    [
      'a tokenizer that leaves no start token',
      { vocabularies: { source: letters('abc'), target: letters('abcdefghi') } },
      'the target has no start token',
    ],
  ])('%s', (_, options, message) => {
    const before = tf.memory().numTensors;
    const create = () => createEncoderDecoder({ ...SIZES, ...options } as never);
    expect(create).toThrow(RecurrentError);
    expect(create).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('fit rejects, and changes nothing', () => {
  const { sources, targets } = PAIRS;
  const [first, ...rest] = targets;
  test.each([
    [
      'lists of different length',
      { sources, targets: rest },
      {},
      'sources has 5 and targets has 4',
    ],
    ['no pairs', { sources: [], targets: [] }, {}, 'and at least one'],
    ['no targets', { sources }, {}, 'data must hold sources and targets'],
    [
      'an empty source',
      { sources: [[]], targets: [[1]] },
      {},
      'sources[0] must hold at least one token',
    ],
    [
      'a source that is too long',
      { sources: [[1, 1, 1, 1, 1, 1, 1]], targets: [[1]] },
      {},
      'sources[0] must have at most 6 tokens, but has 7',
    ],
    [
      'a target that is too long',
      { sources: [[1]], targets: [[1, 1, 1, 1, 1]] },
      {},
      'targets[0] must have at most 4 tokens and the end token, but has 5',
    ],
    [
      'a source beyond the vocabulary',
      { sources: [[1, 9]], targets: [[1]] },
      {},
      'sources[0][1] must be a token from 1 to 8, received 9',
    ],
    [
      'a target beyond the vocabulary',
      { sources: [[1]], targets: [[11]] },
      {},
      'targets[0][0] must be a token from 1 to 10, received 11',
    ],
    ['padding', { sources: [[1, 0]], targets: [[1]] }, {}, '0 is padding'],
    ['half a token', { sources: [[1.5]], targets: [[1]] }, {}, 'received 1.5'],
    [
      'a start token among the targets',
      { sources: [[1]], targets: [[9]] },
      {},
      'targets[0][0] is 9, the start token',
    ],
    [
      'an end token among the targets',
      { sources: [[1]], targets: [[2, 10]] },
      {},
      'targets[0][1] is 10, the end token',
    ],
    [
      'texts without vocabularies',
      { sources: ['a'], targets: ['b'] },
      {},
      'the model was made without vocabularies',
    ],
    [
      'a sequence that is none',
      { sources: [5], targets: [first] },
      {},
      'sources[0] must be a text or a list of tokens',
    ],
    [
      'two validations',
      PAIRS,
      { validationData: PAIRS, validationSplit: 0.2 },
      'validationSplit and validationData exclude each other',
    ],
    [
      'a split that leaves nothing',
      PAIRS,
      { validationSplit: 0.9 },
      'validationSplit must leave both parts',
    ],
    ['no epochs', PAIRS, { epochs: 0 }, 'epochs must be a positive integer'],
    ['an option that does not exist', PAIRS, { epoch: 1 }, 'there is no option epoch'],
  ])('%s', async (_, data, options, message) => {
    const before = tf.memory().numTensors;
    const weights = translator.model.getWeights().flatMap((weight) => [...weight.dataSync()]);
    const failure = await translator.fit(data as never, options as never).catch((error) => error);
    expect(failure).toBeInstanceOf(RecurrentError);
    expect(failure.message).toContain(message);
    expect(tf.memory().numTensors).toBe(before);
    expect(translator.model.getWeights().flatMap((weight) => [...weight.dataSync()])).toEqual(
      weights,
    );
  });
});

describe('generate rejects', () => {
  test.each([
    ['an empty source', [[]], {}, 'sources[0] must hold at least one token'],
    ['a source beyond the vocabulary', [[9]], {}, 'sources[0][0] must be a token from 1 to 8'],
    ['a text without vocabularies', 'abc', {}, 'the model was made without vocabularies'],
    ['beams of 0', [[1]], { beams: 0 }, 'beams must be a positive integer, received 0'],
    [
      'beams that draw',
      [[1]],
      { beams: 2, temperature: 1 },
      'temperature and beamWidth exclude each other',
    ],
    ['a temperature below 0', [[1]], { temperature: -1 }, 'temperature must be'],
    ['topK of 0', [[1]], { topK: 0 }, 'topK must be'],
    ['topP of 0', [[1]], { topP: 0 }, 'topP must be'],
    ['a length of 0', [[1]], { maxLength: 0 }, 'maxLength must be a positive integer'],
    ['an option that does not exist', [[1]], { beam: 2 }, 'there is no option beam'],
  ])('%s', async (_, source, options, message) => {
    const before = tf.memory().numTensors;
    const failure = await translator
      .generate(source as never, options as never)
      .catch((error) => error);
    expect(failure).toBeInstanceOf(RecurrentError);
    expect(failure.message).toContain(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('weights of attention that there is none of', async () => {
    const failing = make('without attention').attentionWeights([1], [2]);
    await expect(failing).rejects.toThrow('the model has no attention');
  });

  test('gives nothing for no sources', async () => {
    expect(await translator.generate([])).toEqual([]);
  });
});

describe('load rejects', () => {
  test('a model that was not saved so', async () => {
    const { handler } = inMemory();
    await translator.model.save(handler);
    await expect(EncoderDecoder.load(handler)).rejects.toThrow(
      'the model was not saved by EncoderDecoder.save',
    );
  });

  test('what has changed since, and leaves no tensor', async () => {
    const { handler, saved } = inMemory();
    await translator.save(handler);
    new Uint8Array(saved.weights)[5]! ^= 1;
    const before = tf.memory().numTensors;
    await expect(EncoderDecoder.load(handler)).rejects.toThrow('it has changed since it was saved');
    expect(tf.memory().numTensors).toBe(before);
  });
});
