import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { takeRows } from '../../../src/kernels/bridge/rows.js';
import { batchByRows } from '../../../src/layers/model/row-batches.js';
import { tinyData, weightsOf } from '../../training/models.js';

afterAll(() => tf.setBackend('cpu'));
afterEach(() => vi.restoreAllMocks());

/** @param isKnown Whether all of its layers are known to compute each sample by itself. */
function compiled(isKnown = true): tfl.Sequential {
  const model = tfl.sequential();
  const { dense } = tfl.layers;
  model.add(dense({ units: 3, inputShape: [2], kernelInitializer: tfl.initializers.ones() }));
  model.add(dense({ units: 1, activation: 'sigmoid', kernelInitializer: 'zeros' }));
  if (!isKnown) model.add(tfl.layers.leakyReLU());
  model.compile({
    optimizer: tf.train.adam(0.1),
    loss: 'binaryCrossentropy',
    metrics: ['accuracy'],
  });
  return model;
}

/** What a Sequential keeps for itself. */
interface Inner {
  model: tfl.LayersModel;
}

async function fitByRows<Result>(model: tfl.Sequential, fit: () => Promise<Result>) {
  const undo = batchByRows((model as unknown as Inner).model);
  try {
    return await fit();
  } finally {
    undo();
  }
}

/** The kernels that ran while `body` did. */
async function kernelsOf(body: () => Promise<unknown>): Promise<string[]> {
  const run = vi.spyOn(tf.engine(), 'runKernel');
  await body();
  const names = run.mock.calls.map(([name]) => name);
  run.mockRestore();
  return names;
}

describe.each(['cpu', 'wasm'])('model.fit with copied rows on the %s backend', (backend) => {
  const everything: tfl.ModelFitArgs = {
    batchSize: 3,
    epochs: 4,
    validationSplit: 0.2,
    classWeight: { 0: 1, 1: 2.5 },
    verbose: 0,
  };

  test('is that of TensorFlow.js, to the bit and in the order of its shuffling', async () => {
    await tf.setBackend(backend);
    const { x, y } = tinyData();
    const results = [];
    for (const byRows of [false, true]) {
      const model = compiled();
      let drawn = 0;
      vi.spyOn(Math, 'random').mockImplementation(() => (drawn++ * 0.37) % 1);
      const events: unknown[] = [];
      const callbacks: tfl.CustomCallbackArgs = {
        onBatchEnd: async (batch, logs) => void events.push([batch, logs]),
        onEpochEnd: async (epoch, logs) => void events.push([epoch, logs]),
      };
      const fit = () => model.fit(x, y, { ...everything, callbacks });
      const { history, epoch } = await (byRows ? fitByRows(model, fit) : fit());
      results.push({ history, epoch, events, drawn, weights: weightsOf(model) });
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[0]!.events).toHaveLength(4 * (3 + 1));
  });

  test('gathers nothing, and leaves no tensor behind', async () => {
    await tf.setBackend(backend);
    const { x, y } = tinyData();
    const model = compiled();
    const fit = () =>
      fitByRows(model, () => model.fit(x, y, { ...everything, validationSplit: 0 }));
    await fit();
    const before = tf.memory().numTensors;
    const kernels = await kernelsOf(fit);
    // Of each of four batches an epoch: samples, labels and weights.
    expect(kernels.filter((name) => name === 'RecurrentRows')).toHaveLength(4 * 4 * 3);
    expect(kernels).not.toContain('GatherV2');
    expect(tf.memory().numTensors).toBe(before);
  });

  test('takes what a cast and what a kernel left', async () => {
    await tf.setBackend(backend);
    const bits = tf.tensor2d([1, 0, 0, 1, 1, 1], [3, 2], 'bool');
    const numbers = tf.cast(tf.cast(bits, 'int32'), 'float32');
    const rows = takeRows(takeRows(numbers, Int32Array.of(2, 0)), Int32Array.of(1, 0, 1));
    expect(rows.dtype).toBe('float32');
    expect(rows.dataSync()).toEqual(Float32Array.of(1, 0, 1, 1, 1, 0));
    const last = takeRows(numbers, Int32Array.of(1, 2));
    expect(last.dtype).toBe('float32');
    expect(last.dataSync()).toEqual(Float32Array.of(0, 1, 1, 1));
  });

  test('copies nothing on cpu where rows are consecutive', async () => {
    await tf.setBackend(backend);
    const values = Float32Array.of(1, 2, 3, 4, 5, 6);
    const rows = takeRows(tf.tensor2d(values, [3, 2]), Int32Array.of(1, 2));
    expect(rows.dataSync()).toEqual(Float32Array.of(3, 4, 5, 6));
    expect(rows.dataSync().buffer === values.buffer).toBe(backend === 'cpu');
  });
});

describe.each(['cpu', 'wasm'])('batchByRows on the %s backend', (backend) => {
  const values = (tensors: tf.Tensor | tf.Tensor[]) =>
    [tensors].flat().map((tensor) => tensor.dataSync());

  test.each([1, 3, 16, 100])('evaluates as before, batches of %i', async (batchSize) => {
    await tf.setBackend(backend);
    const { x, y } = tinyData();
    const model = compiled(false);
    const run = () => values(model.evaluate(x, y, { batchSize }));
    const expected = run();
    const before = tf.memory().numTensors;
    const undo = batchByRows((model as unknown as Inner).model);
    expect(run()).toEqual(expected);
    undo();
    // What evaluate returns.
    expect(tf.memory().numTensors).toBe(before + 2);
  });
});

describe('batchByRows', () => {
  test('copies rows where TensorFlow.js would copy more', async () => {
    const { x, y } = tinyData();
    for (const backend of ['cpu', 'wasm']) {
      await tf.setBackend(backend);
      const model = compiled(false);
      batchByRows((model as unknown as Inner).model);
      const evaluated = await kernelsOf(async () => model.evaluate(x, y, { batchSize: 4 }));
      expect(evaluated).toContain('RecurrentRows');
    }
  });

  test('leaves a model as it was, also when training fails', async () => {
    await tf.setBackend('cpu');
    const { x, y } = tinyData();
    const model = compiled();
    const once = () => model.fit(x, y, { verbose: 0 });
    expect(await kernelsOf(() => fitByRows(model, once))).toContain('RecurrentRows');
    const callbacks = { onBatchEnd: () => Promise.reject(new Error('stopped')) };
    const failing = () => model.fit(x, y, { verbose: 0, callbacks });
    await expect(fitByRows(model, failing)).rejects.toThrow('stopped');
    expect(await kernelsOf(once)).not.toContain('RecurrentRows');
  });
});
