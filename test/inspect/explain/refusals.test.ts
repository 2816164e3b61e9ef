import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  input as inputOf,
  layers as stock,
  model as modelOf,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, it } from 'vitest';
import { explain, layers } from '../../../src/index.js';
import { FULL, MODELS, TIME, WORDS, embedding, lstm, sigmoid } from './small-models.js';

describe('explain refuses', () => {
  beforeEach(() => tf.setBackend('cpu'));
  const model = () => sequential(MODELS['an LSTM']!.build('fused'));

  it.each<[string, () => unknown, string]>([
    [
      'what is no model',
      () => explain({} as never, FULL),
      'the first argument must be a classifier, { model, tokenizer } or a model',
    ],
    ['a text without a tokenizer', () => explain(model(), 'good'), 'Give the tokenizer with it'],
    [
      'several samples',
      () => explain(model(), tf.zeros([2, TIME])),
      'one text, or the indices of its words',
    ],
    ['another length', () => explain(model(), [1, 2]), 'the model takes 7 steps, received 2'],
    [
      'what is no index',
      () => explain(model(), [1, 2, 3.5, 1, 1, 1, 1]),
      'input[2] must be the index of a word',
    ],
    [
      'a class that there is not',
      () => explain(model(), FULL, { classIndex: 1 }),
      'below the number of outputs, 1',
    ],
    ['no steps', () => explain(model(), FULL, { steps: 0 }), 'steps must be a positive integer'],
    [
      'another method',
      () => explain(model(), FULL, { method: 'lime' as never }),
      'method must be "integratedGradients", "occlusion" or',
    ],
    [
      'another option',
      () => explain(model(), FULL, { baseline: 0 } as never),
      'there is no option baseline',
    ],
    [
      'inputs that are numbers',
      () =>
        explain(
          sequential({ layers: [layers.lstm({ units: 2, inputShape: [7, 1] }), sigmoid()] }),
          FULL,
        ),
      'the model must begin with an Embedding',
    ],
    [
      'a label a step',
      () => explain(sequential({ layers: [embedding('fused'), lstm('fused', true)] }), FULL),
      'one output [batch, classes]',
    ],
    [
      'another reader of the input',
      () => {
        const words = inputOf({ shape: [TIME] });
        const read = lstm('fused').apply(embedding('fused').apply(words)) as SymbolicTensor;
        const both = [read, layers.dense({ units: 6 }).apply(words) as SymbolicTensor];
        const outputs = sigmoid().apply(stock.add().apply(both)) as SymbolicTensor;
        return explain(modelOf({ inputs: words, outputs }), FULL);
      },
      'nothing else may read the input, received "Embedding, Dense"',
    ],
    [
      'embeddings of which one masks padding',
      () => {
        const words = inputOf({ shape: [TIME] });
        const all = [embedding('fused'), embedding('fused', true)].map(
          (layer) => lstm('fused').apply(layer.apply(words)) as SymbolicTensor,
        );
        const outputs = sigmoid().apply(stock.add().apply(all)) as SymbolicTensor;
        return explain(modelOf({ inputs: words, outputs }), FULL);
      },
      'must have the same maskZero, received [false, true]',
    ],
    [
      'a layer that remembers the last text',
      () => {
        const remembering = layers.lstm({ units: 2, stateful: true });
        const first = layers.embedding({
          inputDim: WORDS,
          outputDim: 2,
          batchInputShape: [1, TIME],
        });
        return explain(sequential({ layers: [first, remembering, sigmoid()] }), FULL);
      },
      'must not be stateful',
    ],
    [
      'a model for last layer',
      () =>
        explain(
          sequential({
            layers: [
              embedding('fused'),
              lstm('fused'),
              sequential({ layers: [layers.dense({ units: 1, inputShape: [6] })] }),
            ],
          }),
          FULL,
        ),
      'must not be a model',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
