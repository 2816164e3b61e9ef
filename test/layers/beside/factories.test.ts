import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import * as layers from '../../../src/layers/layers.js';
import { blocks } from '../../golden/blocks/read.js';

beforeAll(() => tf.setBackend('cpu'));
afterEach(() => vi.restoreAllMocks());

const [SAMPLES, TIME, COLUMNS] = [6, 8, 3];
const glorot = (seed: number) => tfl.initializers.glorotUniform({ seed });
const values = (shape: number[], seed: number) =>
  tf.tidy(() => tf.randomUniform(shape, -1, 1, 'float32', seed));

type Make = (from: typeof tfl.layers) => tfl.layers.Layer;
const both = { ...tfl.layers, ...layers } as unknown as typeof tfl.layers;

/** Layers from [batch, time, columns], of tf.layers and of ours. */
const LAYERS: Record<string, Make> = {
  timeDistributed: (from) =>
    from.timeDistributed({ layer: from.dense({ units: 4, kernelInitializer: glorot(1) }) }),
  'conv1d, same': (from) =>
    from.conv1d({ filters: 4, kernelSize: 3, padding: 'same', kernelInitializer: glorot(2) }),
  'conv1d with strides and relu': (from) =>
    from.conv1d({
      filters: 4,
      kernelSize: 3,
      strides: 2,
      activation: 'relu',
      kernelInitializer: glorot(3),
    }),
  maxPooling1d: (from) => from.maxPooling1d({ poolSize: 3, strides: 2 }),
  averagePooling1d: (from) => from.averagePooling1d({ poolSize: 2 }),
  globalMaxPooling1d: (from) => from.globalMaxPooling1d({}),
  globalAveragePooling1d: (from) => from.globalAveragePooling1d({}),
  layerNormalization: (from) => from.layerNormalization({ epsilon: 0.01 }),
  batchNormalization: (from) => from.batchNormalization({ momentum: 0.9 }),
};

function model(make: Make, from: typeof tfl.layers): tfl.LayersModel {
  const input = tfl.input({ shape: [TIME, COLUMNS] });
  const before = from.dense({ units: COLUMNS, kernelInitializer: glorot(7) }).apply(input);
  const inside = make(from).apply(before) as tfl.SymbolicTensor;
  const flat = inside.shape.length > 2 ? tfl.layers.flatten().apply(inside) : inside;
  const last = from.dense({ units: 1, kernelInitializer: glorot(8) }).apply(flat);
  const made = tfl.model({ inputs: input, outputs: last as tfl.SymbolicTensor });
  made.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
  return made;
}

describe.each(Object.entries(LAYERS))('%s', (_, make) => {
  test('trains and predicts as that of tf.layers, without a tape', async () => {
    const [x, y] = [values([SAMPLES, TIME, COLUMNS], 1), values([SAMPLES, 1], 2)];
    const results: number[][] = [];
    for (const from of [tfl.layers, both]) {
      const made = model(make, from);
      const tapes = vi.spyOn(tf.engine(), 'gradients');
      const islands = vi.spyOn(tf.engine() as unknown as { startTape(): void }, 'startTape');
      const { history } = await made.fit(x, y, {
        epochs: 3,
        batchSize: 3,
        shuffle: false,
        verbose: 0,
      });
      expect(tapes).toHaveBeenCalledTimes(from === both ? 0 : 6);
      // Nor on a small one: every layer has its kernels.
      if (from === both) expect(islands).not.toHaveBeenCalled();
      vi.restoreAllMocks();
      const weights = made.getWeights().map((weight) => weight.dataSync());
      const predicted = (made.predict(x) as tf.Tensor).dataSync();
      results.push([
        ...(history.loss as number[]),
        ...weights.flatMap((all) => [...all]),
        ...predicted,
      ]);
    }
    const [expected, actual] = results as [number[], number[]];
    expect(actual).toHaveLength(expected.length);
    for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  });
});

describe('masks in pooling over all steps', () => {
  const words = () =>
    tf.tensor2d([
      [1, 2, 0],
      [3, 0, 0],
    ]);
  // The vector of a word is its number, and three times that, below zero.
  const table = tf.tensor2d(
    [0, 1, 2, 3].flatMap((n) => [n, 0 - 3 * n]),
    [4, 2],
  );
  const pooled = (pool: tfl.layers.Layer, maskZero: boolean) => {
    const made = tfl.sequential({
      layers: [
        layers.embedding({ inputDim: 4, outputDim: 2, inputLength: 3, maskZero, weights: [table] }),
        pool,
      ],
    });
    return (made.predict(words()) as tf.Tensor).arraySync();
  };

  test('the largest of what counts', () => {
    expect(pooled(layers.globalMaxPooling1d(), true)).toEqual([
      [2, -3],
      [3, -9],
    ]);
    expect(pooled(layers.globalMaxPooling1d(), false)).toEqual([
      [2, 0],
      [3, 0],
    ]);
  });

  test('the mean of what counts', () => {
    expect(pooled(layers.globalAveragePooling1d(), true)).toEqual([
      [1.5, -4.5],
      [3, -9],
    ]);
    expect(pooled(layers.globalAveragePooling1d(), false)).toEqual([
      [1, -3],
      [1, -3],
    ]);
  });

  test.each(blocks.average_pooling)('the mean is that of Keras, case %#', ({ x, mask, output }) => {
    const counts = tf.tensor2d(mask as never, undefined, 'bool');
    const pool = layers.globalAveragePooling1d();
    const pooled = pool.apply(tf.tensor3d(x), { mask: counts } as object) as tf.Tensor2D;
    const expected = output.flat();
    for (const [i, value] of pooled.dataSync().entries()) {
      expect(value).toBeCloseTo(expected[i]!, 6);
    }
  });
});

describe('spatialDropout1d', () => {
  test('drops the same columns at every step, of other samples others, repeatably', () => {
    const drop = () => {
      const layer = layers.spatialDropout1d({ rate: 0.5, seed: 3 });
      const output = layer.apply(tf.ones([4, 5, 16]), { training: true }) as tf.Tensor;
      return output.arraySync() as number[][][];
    };
    const samples = drop();
    for (const steps of samples) for (const step of steps) expect(step).toEqual(steps[0]);
    expect(new Set(samples.map(([step]) => String(step))).size).toBe(4);
    expect(new Set(samples.flat(2))).toEqual(new Set([0, 2]));
    expect(drop()).toEqual(samples);
  });

  test('trains without a tape as with one', async () => {
    const [x, y] = [values([SAMPLES, TIME, COLUMNS], 1), values([SAMPLES, 1], 2)];
    const results = [];
    for (const withTape of [true, false]) {
      const made = model(() => layers.spatialDropout1d({ rate: 0.4, seed: 5 }), both);
      const { optimizer } = made;
      if (withTape) optimizer.minimize = tf.Optimizer.prototype.minimize.bind(optimizer);
      await made.fit(x, y, { epochs: 2, batchSize: 3, shuffle: false, verbose: 0 });
      results.push(made.getWeights().flatMap((weight) => [...weight.dataSync()]));
    }
    expect(results[1]).toEqual(results[0]);
  });
});

test('a dense layer at each step predicts for all steps at once', () => {
  const each = layers.timeDistributed({ layer: layers.dense({ units: 2 }), inputShape: [TIME, 3] });
  const made = tfl.sequential({ layers: [each] });
  const x = values([SAMPLES, TIME, COLUMNS], 3);
  const run = vi.spyOn(tf.engine(), 'runKernel');
  const predicted = made.predict(x) as tf.Tensor;
  const products = run.mock.calls.filter(([name]) => name === 'RecurrentDense');
  expect(products).toHaveLength(1);
  const [kernel, bias] = each.getWeights() as [tf.Tensor2D, tf.Tensor1D];
  const rows = tf.matMul(tf.reshape(x, [SAMPLES * TIME, COLUMNS]), kernel);
  const expected = tf.reshape(tf.add(rows, bias), predicted.shape).dataSync();
  for (const [i, value] of predicted.dataSync().entries()) {
    expect(value).toBeCloseTo(expected[i]!, 6);
  }
});

test('a hook of a layer at each step is called', () => {
  const inside = layers.dense({ units: 2 });
  const each = layers.timeDistributed({ layer: inside, inputShape: [TIME, 3] });
  const made = tfl.sequential({ layers: [each] });
  const hook = vi.fn();
  (inside as unknown as { setCallHook(hook: () => void): void }).setCallHook(hook);
  made.predict(values([SAMPLES, TIME, COLUMNS], 3));
  expect(hook).toHaveBeenCalledTimes(TIME);
});

test('arguments that a layer does not have are refused', () => {
  expect(() => layers.conv1d({ filters: 1, kernel_size: 2 } as never)).toThrow('kernelSize');
  expect(() => layers.maxPooling1d({ pool_size: 2 } as never)).toThrow('poolSize');
});
