import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createManyToMany,
  createManyToOne,
  createSentimentLstm,
  fitWithSeed,
  loadWithVocabularies,
  saveWithVocabularies,
  Tokenizer,
} from '../../../src/index.js';
import { inMemory } from '../../in-memory.js';
import { weightsOf } from '../../training/models.js';
import { batchFor, MODELS, valuesOf, WORDS } from './cases.js';

beforeEach(() => tf.setBackend('cpu'));
afterEach(() => vi.restoreAllMocks());
afterAll(() => tf.setBackend('cpu'));

const predicted = (model: tfl.LayersModel, x: tf.Tensor[]) =>
  tf.tidy(() => valuesOf(model.predict(x) as tf.Tensor));

describe.each(Object.entries(MODELS))('%s', (_, make) => {
  test.each(['cpu', 'wasm'])('trains on %s without a tape or an island', async (backend) => {
    await tf.setBackend(backend);
    const [model, other] = [make(), make()];
    const { x, y } = batchFor(model);
    const step = (one: tfl.LayersModel) => fitWithSeed(one, x, y, { batchSize: 5, seed: 1 });
    const tapes = vi.spyOn(tf.engine(), 'gradients');
    const islands = vi.spyOn(tf.engine() as unknown as { startTape(): void }, 'startTape');
    await step(model);
    expect(tapes).not.toHaveBeenCalled();
    expect(islands).not.toHaveBeenCalled();
    const before = tf.memory().numTensors;
    await step(model);
    expect(tf.memory().numTensors).toBe(before);

    // On a tape, it comes to the same.
    const { optimizer } = other;
    optimizer.minimize = tf.Optimizer.prototype.minimize.bind(optimizer);
    for (let time = 0; time < 2; time++) await step(other);
    expect(tapes).toHaveBeenCalled();
    const expected = weightsOf(other);
    weightsOf(model).forEach((weight, i) => {
      expect(Math.abs(weight - expected[i]!)).toBeLessThan(1e-5);
    });
    tf.dispose([x, y]);
  });

  test('comes back with its vocabularies, predicts the same and trains on as it would have', async () => {
    const model = make();
    const { x, y } = batchFor(model);
    await fitWithSeed(model, x, y, { batchSize: 5, epochs: 2 });
    const words = new Tokenizer();
    words.fitOnTexts(['a light went out']);
    const { handler } = inMemory();
    await saveWithVocabularies({ model, vocabularies: { words } }, handler, {
      includeOptimizer: true,
    });
    const loaded = await loadWithVocabularies(handler);
    expect(loaded.vocabularies.words?.wordIndex).toEqual(words.wordIndex);
    expect(predicted(loaded.model, x)).toEqual(predicted(model, x));
    const losses: number[] = [];
    for (const one of [model, loaded.model]) {
      const { history } = await fitWithSeed(one, x, y, { batchSize: 5, epochs: 3 });
      losses.push(history.loss!.at(-1)!);
    }
    // Adam raises its betas to the number of steps, where it had multiplied them.
    expect(losses[1]).toBeCloseTo(losses[0]!, 4);
    tf.dispose([x, y]);
  });

  test('has the same weights for a seed, and one seed a weight', () => {
    expect(weightsOf(make())).toEqual(weightsOf(make()));
    const kernels = make().layers.flatMap((layer) => {
      const [first] = layer.getWeights();
      const isTwo = layer.getClassName() === 'Bidirectional';
      return first && !isTwo ? [first.dataSync()[0]!.toPrecision(5)] : [];
    });
    expect(new Set(kernels).size).toBe(kernels.length);
  });
});

describe('createSentimentLstm is many to one', () => {
  const sentiment = {
    ...{ vocabularySize: 40, sequenceLength: 8, embeddingDim: 6, dropoutRate: 0.3 },
    ...{ denseUnits: 7, seed: 9 },
  };

  test.each([
    {},
    { maskZero: true, bidirectional: true },
    { recurrentActivation: 'hardSigmoid' },
  ] as const)('%j', async (options) => {
    const one = createSentimentLstm({ ...sentiment, lstmUnits: 5, ...options });
    const other = createManyToOne({ ...sentiment, cell: 'lstm', units: 5, outputs: 1, ...options });
    expect(other.getConfig()).toEqual({ ...one.getConfig(), name: other.name });
    expect(weightsOf(other)).toEqual(weightsOf(one));
    const x = tf.tensor2d(
      Array.from({ length: 48 }, (_, i) => (i * 7) % 40),
      [6, 8],
      'int32',
    );
    const y = tf.tensor2d([0, 1, 1, 0, 1, 0], [6, 1]);
    expect(predicted(other, [x])).toEqual(predicted(one, [x]));
    for (const model of [one, other]) await fitWithSeed(model, x, y, { epochs: 2, seed: 2 });
    expect(weightsOf(other)).toEqual(weightsOf(one));
    tf.dispose([x, y]);
  });
});

describe('padding', () => {
  test('counts neither in the loss nor in the accuracy of many to many', () => {
    const model = createManyToMany({ vocabularySize: WORDS, units: 5, outputs: 3, seed: 1 });
    const words = [
      [1, 2, 3, 0, 0],
      [4, 5, 6, 7, 8],
    ];
    const labels = (padding: number) =>
      tf.tensor3d(
        [
          [0, 1, 2, padding, padding],
          [1, 1, 0, 2, 0],
        ].flat(),
        [2, 5, 1],
      );
    const x = tf.tensor2d(words, [2, 5], 'int32');
    const results = [0, 1, 2].map((padding) =>
      (model.evaluate(x, labels(padding)) as tf.Scalar[]).map((score) => score.dataSync()[0]!),
    );
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
    // By hand, over the eight words.
    const p = (model.predict(x) as tf.Tensor3D).arraySync();
    const right = [
      [0, 1, 2],
      [1, 1, 0, 2, 0],
    ].flatMap((row, i) => row.map((label, step) => ({ label, scores: p[i]![step]! })));
    const loss = right.reduce((sum, { label, scores }) => sum - Math.log(scores[label]!), 0) / 8;
    const hits = right.filter(({ label, scores }) => Math.max(...scores) === scores[label]);
    expect(results[0]![0]).toBeCloseTo(loss, 5);
    expect(results[0]![1]).toBeCloseTo(hits.length / 8, 6);
  });

  test('of numbers is what maskZero says: a step of zeros, which is a value otherwise', () => {
    const build = (maskZero: boolean) =>
      createManyToMany({ inputs: 2, outputs: 1, task: 'regression', units: 4, seed: 1, maskZero });
    const x = tf.tensor3d(
      [
        [
          [1, 2],
          [3, 4],
          [0, 0],
        ].flat(),
      ].flat(),
      [1, 3, 2],
    );
    const loss = (model: tfl.LayersModel, last: number) =>
      (model.evaluate(x, tf.tensor3d([1, 2, last], [1, 3, 1])) as tf.Scalar).dataSync()[0];
    const [masked, plain] = [build(true), build(false)];
    expect(loss(masked, 9)).toBe(loss(masked, 0));
    expect(loss(plain, 9)).not.toBe(loss(plain, 0));
  });
});
