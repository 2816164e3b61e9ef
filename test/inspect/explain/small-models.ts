/** Small models that explanations are tested on, and what the book computes of them. */
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers as stock, type sequential } from '@tensorflow/tfjs-layers';
import { expect } from 'vitest';
import { layers } from '../../../src/index.js';

export const WORDS = 12;
export const TIME = 7;
export const PADDED = [0, 0, 3, 9, 1, 3, 11];
export const FULL = [4, 2, 7, 3, 9, 1, 5];

/** Points of the path and their weights, as tables have them. */
export type Rule = readonly (readonly [point: number, weight: number])[];
export const THREE_POINTS: Rule = [
  [(1 - Math.sqrt(0.6)) / 2, 5 / 18],
  [1 / 2, 8 / 18],
  [(1 + Math.sqrt(0.6)) / 2, 5 / 18],
];
export const THE_END: Rule = [[1, 1]];

export type Kernel = 'fused' | 'composed';

/** Weights that make a model say different things of different words. */
export function withWeights<Model extends LayersModel>(model: Model, seed = 3): Model {
  const weights = model.getWeights().map(({ shape }, i) => {
    return tf.randomNormal(shape, 0, i === 0 ? 1 : 0.5, 'float32', seed + i);
  });
  model.setWeights(weights);
  return model;
}

export const embedding = (kernel: Kernel, maskZero = false) =>
  layers.embedding({ inputDim: WORDS, outputDim: 5, inputLength: TIME, maskZero, kernel });
export const lstm = (kernel: Kernel, returnSequences = false) =>
  layers.lstm({ units: 6, kernel, returnSequences, recurrentActivation: 'sigmoid' });
export const both = (kernel: Kernel) =>
  layers.bidirectional({ layer: lstm(kernel) as never, mergeMode: 'concat' });
export const gru = (kernel: Kernel) => layers.gru({ units: 6, kernel });
export const sigmoid = () => layers.dense({ units: 1, activation: 'sigmoid' });
export const softmax = () => layers.dense({ units: 3, activation: 'softmax' });
export const pooled = () => stock.globalAveragePooling1d({});

export type Build = (kernel: Kernel) => Parameters<typeof sequential>[0];
export const MODELS: Record<string, { build: Build; maskZero?: boolean; readsForwards: boolean }> =
  {
    'an LSTM': {
      build: (k) => ({ layers: [embedding(k), lstm(k), sigmoid()] }),
      readsForwards: true,
    },
    'an LSTM that skips padding': {
      build: (k) => ({ layers: [embedding(k, true), lstm(k), sigmoid()] }),
      maskZero: true,
      readsForwards: true,
    },
    'stacked layers, with dropout and a hidden layer': {
      build: (k) => ({
        layers: [
          embedding(k),
          layers.dropout({ rate: 0.5 }),
          lstm(k, true),
          gru(k),
          layers.dense({ units: 4, activation: 'relu' }),
          sigmoid(),
        ],
      }),
      readsForwards: true,
    },
    'a bidirectional LSTM': {
      build: (k) => ({ layers: [embedding(k), both(k), sigmoid()] }),
      readsForwards: false,
    },
    'a GRU and three classes': {
      build: (k) => ({ layers: [embedding(k), gru(k), softmax()] }),
      readsForwards: true,
    },
    'pooling over time': {
      build: (k) => ({ layers: [embedding(k), lstm(k, true), pooled(), sigmoid()] }),
      readsForwards: false,
    },
  };

/** What the model says, less the last activation: by plain operations. */
export function logitsOfTwin(
  model: LayersModel,
  vectors: tf.Tensor,
  mask: tf.Tensor | null,
): tf.Tensor {
  let x = vectors;
  for (const layer of model.layers.slice(1, -1)) {
    const recurrent = layer.getClassName() !== 'Dense' && mask !== null;
    x = layer.apply(x, recurrent ? { mask } : {}) as tf.Tensor;
  }
  const [kernel, bias] = model.layers.at(-1)!.getWeights();
  return tf.add(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D), bias!);
}

/** Integrated gradients by the book: one point of the path after another, on composed layers. */
export function twin(
  model: LayersModel,
  words: readonly number[],
  rule: Rule,
  classIndex: number,
  maskZero: boolean,
) {
  const table = model.layers[0]!.getWeights()[0] as tf.Tensor2D;
  const vectorsOf = (indices: readonly number[]) =>
    tf.expandDims(tf.gather(table, tf.tensor1d([...indices], 'int32')), 0);
  const x = vectorsOf(words);
  const empty = maskZero ? tf.zerosLike(x) : vectorsOf(words.map(() => 0));
  const mask = maskZero ? tf.tensor2d([words.map((word) => word !== 0)], [1, TIME], 'bool') : null;
  const logit = (vectors: tf.Tensor) =>
    tf.sum(tf.slice(logitsOfTwin(model, vectors, mask), [0, classIndex], [1, 1]));
  const way = tf.sub(x, empty);
  const gradients = rule.map(([point, weight]) =>
    tf.mul(tf.grad(logit)(tf.add(empty, tf.mul(way, point))), weight),
  );
  const mean = tf.addN(gradients);
  return {
    contributions: [...tf.sum(tf.mul(mean, way), 2).dataSync()],
    baseline: logit(empty).dataSync()[0]!,
    output: logit(x).dataSync()[0]!,
  };
}

export const read = (list: readonly number[], words: readonly number[]) =>
  list.filter((_, i) => words[i] !== 0);

export function expectClose(found: readonly number[], wanted: readonly number[], digits = 5) {
  expect(found).toHaveLength(wanted.length);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(wanted[i]!, digits);
  });
}
