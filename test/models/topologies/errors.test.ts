import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createManyToMany,
  createManyToOne,
  createOneToMany,
  fitWithSeed,
  generateFromVectors,
  loadWithVocabularies,
  RecurrentError,
  saveWithVocabularies,
  teacherForcing,
  Tokenizer,
} from '../../../src/index.js';
import { inMemory } from '../../in-memory.js';
import { weightsOf } from '../../training/models.js';

beforeAll(() => tf.setBackend('cpu'));

const bad = (make: (options: never) => unknown, options: unknown) => () => make(options as never);

describe('a topology refuses', () => {
  const words = { vocabularySize: 9 };
  test.each([
    [{ ...words, cell: 'rnn' }, `cell must be "lstm", "gru" or "simpleRNN", received "rnn".`],
    [
      { ...words, inputs: 3 },
      'inputs and vocabularySize exclude each other. Give inputs for sequences of numbers, vocabularySize for sequences of words.',
    ],
    [
      {},
      'what a sequence is made of must be given. Give inputs for sequences of numbers, vocabularySize for sequences of words.',
    ],
    [
      { ...words, outputs: 0 },
      'outputs must be a positive integer, received 0. 1 class stands for yes or no.',
    ],
    [{ vocabularySize: 0 }, 'vocabularySize must be a positive integer, received 0.'],
    [{ inputs: 2.5 }, 'inputs must be a positive integer, received 2.5.'],
    [
      { ...words, units: -1 },
      'units must be a positive integer, received -1. A list such as [64, 64] stacks layers.',
    ],
    [
      { ...words, units: [] },
      'units must not be an empty list. Give the units of one layer, or of each.',
    ],
    [{ ...words, units: [8, 0] }, 'units[1] must be a positive integer, received 0.'],
    [{ ...words, sequenceLength: 0 }, 'sequenceLength must be a positive integer, received 0.'],
    [
      { inputs: 2, embeddingDim: 8 },
      'embeddingDim is for words, and the sequences are of numbers. Leave it out, or give vocabularySize.',
    ],
    [{ ...words, embeddingDim: 0 }, 'embeddingDim must be a positive integer, received 0.'],
    [
      { ...words, task: 'tagging' },
      `task must be "classification" or "regression", received "tagging".`,
    ],
    [
      { ...words, dropoutRate: 1 },
      'dropoutRate must be a number from 0 up to, not including, 1, received 1. It is the fraction that is dropped; 0 drops nothing.',
    ],
    [
      { ...words, cell: 'simpleRNN', recurrentActivation: 'sigmoid' },
      `recurrentActivation is for gates, and the cell 'simpleRNN' has none. Leave it out, or take the cell 'lstm' or 'gru'.`,
    ],
    [
      { ...words, recurrentActivation: 'relu' },
      `recurrentActivation must be "sigmoid" or "hardSigmoid", received "relu".`,
    ],
    [{ ...words, learningRate: 0 }, 'learningRate must be a positive number, received 0.'],
    [{ ...words, seed: 0.5 }, 'seed must be an integer, received 0.5.'],
    [{ ...words, maskZero: 1 }, 'maskZero must be true or false, received 1.'],
    [{ ...words, bidirectional: 'yes' }, 'bidirectional must be true or false, received "yes".'],
    [{ ...words, compile: 0 }, 'compile must be true or false, received 0.'],
    [{ ...words, num_classes: 4 }, 'there is no option num_classes.'],
    [{ ...words, classes: 4 }, 'there is no option classes. Write outputs.'],
  ])('%j', (options, message) => {
    const tensors = tf.memory().numTensors;
    for (const [name, make] of Object.entries({ createManyToOne, createManyToMany })) {
      expect(bad(make, options)).toThrow(RecurrentError);
      expect(bad(make, options)).toThrow(`${name}: ${message}`);
    }
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test('options that are none', () => {
    expect(bad(createManyToOne, 5)).toThrow('createManyToOne: options must be an object');
    expect(bad(createManyToMany, {})).toThrow(
      'createManyToMany: what a sequence is made of must be given',
    );
    expect(bad(createManyToOne, { inputs: 3, denseUnits: -1 })).toThrow(
      'createManyToOne: denseUnits must be a non-negative integer, received -1.',
    );
  });

  test.each([
    [{ vocabularySize: 9 }, 'inputs must be a positive integer, received undefined.'],
    [
      { inputs: 3, vocabularySize: 9, outputs: 2 },
      'outputs and vocabularySize exclude each other. Give vocabularySize for words, outputs and length for numbers or labels.',
    ],
    [{ inputs: 3 }, 'what the sequence is made of must be given.'],
    [
      { inputs: 3, outputs: 2 },
      'length must be a positive integer, received undefined. It is the number of steps of each sequence.',
    ],
    [{ inputs: 3, outputs: 0, length: 4 }, 'outputs must be a positive integer, received 0.'],
    [
      { inputs: 3, vocabularySize: 9, length: 4 },
      'length belongs to outputs, and sequences of words have an end of their own. Leave it out, or give outputs in place of vocabularySize.',
    ],
    [{ inputs: 3, vocabularySize: 9, cell: 'LSTM' }, 'cell must be "lstm", "gru" or "simpleRNN"'],
  ])('from a vector: %j', (options, message) => {
    expect(bad(createOneToMany, options)).toThrow(`createOneToMany: ${message}`);
  });
});

describe('training refuses, before anything has changed,', () => {
  const x = () => tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3], 'int32');
  const model = () => createManyToMany({ vocabularySize: 9, units: 4, outputs: 3, seed: 1 });

  async function refused(fit: (one: tfl.LayersModel) => Promise<unknown>, message: string) {
    const one = model();
    const before = weightsOf(one);
    await expect(fit(one)).rejects.toThrow(message);
    expect(weightsOf(one)).toEqual(before);
  }

  test('labels whose lengths differ from those of the sequences', () =>
    refused(
      (one) => fitWithSeed(one, x(), tf.zeros([2, 4, 1])),
      'labels of the output dense must have the shape [2, 3], received [2, 4, 1]',
    ));

  test('labels of more classes than there are', () =>
    refused(
      (one) => fitWithSeed(one, x(), tf.fill([2, 3, 1], 3)),
      'labels must be numbers from 0 to 2, one for each output, received 3',
    ));

  test('words beyond the vocabulary', () =>
    refused(
      (one) => fitWithSeed(one, tf.tensor2d([[1, 9, 2]], [1, 3], 'int32'), tf.zeros([1, 3, 1])),
      'received 9',
    ));
});

describe('generation refuses', () => {
  const words = createOneToMany({ inputs: 2, vocabularySize: 9, units: 4, seed: 1 });
  const tokens = { startToken: 1, endToken: 2 };
  const vectors = [[0, 1]];
  const generate = (given: unknown, options: unknown, model: tfl.LayersModel = words) =>
    generateFromVectors(model, given as number[][], options as typeof tokens);

  test.each([
    [{ endToken: 2 }, 'startToken must be a positive integer, received undefined.'],
    [{ startToken: 9, endToken: 2 }, 'startToken must be a token of the vocabulary, below 9'],
    [{ startToken: 1, endToken: 0 }, 'endToken must be a positive integer, received 0.'],
    [{ ...tokens, maxLength: 0 }, 'maxLength must be a positive integer, received 0.'],
    [{ ...tokens, beams: 0 }, 'beams must be a positive integer, received 0.'],
    [{ ...tokens, temperature: -1 }, 'temperature'],
    [{ ...tokens, topK: 0 }, 'topK'],
    [{ ...tokens, topP: 0 }, 'topP'],
    [
      { ...tokens, beams: 2, topK: 3 },
      'topK and beamWidth exclude each other: one draws tokens, the other looks for the likeliest. Leave one of them out.',
    ],
    [{ ...tokens, start: 1 }, 'there is no option start. Write startToken.'],
  ])('%j', (options, message) => {
    const before = tf.memory().numTensors;
    expect(() => generate(vectors, options)).toThrow(message);
    expect(() => generate(vectors, options)).toThrow(RecurrentError);
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([[[[1, 2, 3]]], [[[1, Number.NaN]]], ['vector'], [[1, 2]]])('vectors %j', (given) => {
    expect(() => generate(given, tokens)).toThrow(
      'generateFromVectors: vectors must be rows of 2 numbers, which the model takes',
    );
  });

  test('other models', () => {
    const numbers = createOneToMany({ inputs: 2, outputs: 1, length: 3 });
    for (const model of [numbers, {}, null]) {
      expect(() => generate(vectors, tokens, model as never)).toThrow(
        'generateFromVectors: model must be one of createOneToMany with vocabularySize',
      );
    }
  });
});

describe('teacherForcing refuses', () => {
  test.each([
    [[[]], {}, 'sequence 0 must hold a start token and an end token at least'],
    [[[1, 2], [1]], {}, 'sequence 1 must hold a start token and an end token at least'],
    [[], {}, 'sequences must be a list with at least one sequence'],
    [[[1, 0, 2]], {}, 'the tokens of sequence 0 must be positive integers, received 0.'],
    [[[1, 3, 4, 2]], { length: 2 }, 'length must be at least 3'],
    [[[1, 2]], { maxlen: 2 }, 'there is no option maxlen'],
  ])('%j %j', (sequences, options, message) => {
    expect(() => teacherForcing(sequences, options as object)).toThrow(
      `teacherForcing: ${message}`,
    );
  });
});

describe('saving with vocabularies refuses', () => {
  const model = createManyToOne({ inputs: 2, units: 3 });
  const words = new Tokenizer();

  test.each([
    [{ model, vocabularies: {} }, 'vocabularies must be tokenizers by name'],
    [{ model, vocabularies: { words: ['a'] } }, 'the vocabulary words must be a Tokenizer'],
    [{ model: {}, vocabularies: { words } }, 'model must be a model of tf.layers'],
    [{ model, vocabulary: { words } }, 'there is no argument vocabulary'],
  ])('%#', async (parts, message) => {
    const { handler } = inMemory();
    await expect(saveWithVocabularies(parts as never, handler)).rejects.toThrow(
      `saveWithVocabularies: ${message}`,
    );
  });

  test('what has changed since, and other models', async () => {
    const { handler, saved } = inMemory();
    await saveWithVocabularies({ model, vocabularies: { words } }, handler);
    new Uint8Array(saved.weights)[5]! ^= 1;
    await expect(loadWithVocabularies(handler)).rejects.toThrow(
      'loadWithVocabularies: the saved model is damaged: it has changed since it was saved.',
    );
    await model.save(handler);
    await expect(loadWithVocabularies(handler)).rejects.toThrow(
      'the model was not saved by saveWithVocabularies: it has no vocabularies',
    );
  });
});
