import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { reasonOf } from '../../../src/foundation/errors.js';
import { layers, RecurrentError } from '../../../src/index.js';
import { useBackend } from '../../kernels/kernels.js';

beforeAll(() => useBackend('cpu'));

/** One batch, as tf.data would give it. */
function datasetOf(xs: tf.Tensor, ys: tf.Tensor) {
  const batches = async function* () {
    yield { xs: xs.clone(), ys: ys.clone() };
  };
  return { size: 1, iterator: async () => batches() } as never;
}

const seed = (n: number) => tfl.initializers.glorotUniform({ seed: n });

function model(): tfl.Sequential {
  const made = tfl.sequential({
    layers: [
      layers.lstm({
        ...{ units: 3, inputShape: [5, 1] },
        ...{ kernelInitializer: seed(1), recurrentInitializer: seed(2) },
      }),
      layers.dense({ units: 1, kernelInitializer: seed(3) }),
    ],
  });
  made.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return made;
}

describe('inputs of a data set', () => {
  let x: tf.Tensor;
  let y: tf.Tensor;
  beforeAll(() => {
    x = tf.randomNormal([4, 5, 1], 0, 1, 'float32', 1);
    y = tf.randomNormal([4, 1], 0, 1, 'float32', 2);
  });

  test.each<[string, number[]]>([
    ['without the last axis', [4, 5]],
    ['with one more', [4, 5, 1, 1]],
  ])('%s train and evaluate as those with it', async (_, shape) => {
    const losses: number[] = [];
    for (const given of [x, tf.reshape(x, shape)]) {
      const made = model();
      await made.fitDataset(datasetOf(given, y), { epochs: 2, verbose: 0 });
      const loss = await made.evaluateDataset(datasetOf(given, y), {} as never);
      losses.push((loss as tf.Scalar).dataSync()[0]!);
    }
    expect(losses[1]).toBe(losses[0]);
    expect(losses[0]).toBeGreaterThan(0);
  });

  test.each<[string, number[], string]>([
    ['several columns', [4, 5, 2], '4, 5, 2'],
    ['another number of steps', [4, 6, 1], '4, 6, 1'],
    ['too many axes', [4, 5, 1, 2], '4, 5, 1, 2'],
    ['too few', [4], '4'],
  ])('of %s are refused before any weight changes', async (_, shape, received) => {
    const made = model();
    const before = made.getWeights().map((weight) => Array.from(weight.dataSync()));
    const data = datasetOf(tf.ones(shape), y);
    const message =
      `the input ${made.inputNames[0]} must have the shape [samples, 5, 1], received [${received}]. ` +
      'Give the first layer the inputShape of the data, or the data that shape.';
    const fit = made.fitDataset(data, { epochs: 1, verbose: 0 });
    expect(reasonOf(await refused(fit))).toBe(`fit: ${message}`);
    const evaluate = made.evaluateDataset(data, {} as never);
    expect(reasonOf(await refused(evaluate))).toBe(`evaluate: ${message}`);
    expect(made.getWeights().map((weight) => Array.from(weight.dataSync()))).toEqual(before);
  });
});

async function refused(run: Promise<unknown>): Promise<unknown> {
  const error = await run.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RecurrentError);
  return error;
}
