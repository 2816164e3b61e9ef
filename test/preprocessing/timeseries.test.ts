import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { tf, tfl } from '../../src/foundation/tensorflow.js';
import {
  type Series,
  TimeseriesGenerator,
  type TimeseriesOptions,
} from '../../src/preprocessing/timeseries.js';

const RAMP = Array.from({ length: 40 }, (_, i) => i / 40);

describe('TimeseriesGenerator', () => {
  test('trains a model with fitDataset, every epoch on every batch', async () => {
    const data = RAMP.map((value) => [value]);
    const batches = new TimeseriesGenerator(data, RAMP, { length: 4, batchSize: 8 });
    const model = tfl.sequential({
      layers: [
        tfl.layers.flatten({ inputShape: [4, 1] }),
        tfl.layers.dense({ units: 1, kernelInitializer: 'zeros' }),
      ],
    });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    let steps = 0;
    const { history } = await model.fitDataset(batches, {
      epochs: 3,
      verbose: 0,
      callbacks: { onBatchEnd: async () => void steps++ },
    });
    expect(steps).toBe(3 * 5);
    const losses = history.loss as number[];
    expect(losses[2]).toBeLessThan(losses[0] as number);
    const evaluated = (await model.evaluateDataset(batches as never, {})) as tf.Scalar;
    expect(evaluated.dataSync()[0]).toBeLessThan(losses[2] as number);
  });

  test('no tensor is left behind by fitDataset', async () => {
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [4] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const batches = new TimeseriesGenerator(RAMP, RAMP, { length: 4, batchSize: 8 });
    await model.fitDataset(batches, { epochs: 1, verbose: 0 });
    const before = tf.memory().numTensors;
    await model.fitDataset(batches, { epochs: 1, verbose: 0 });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('can be iterated, again and again', () => {
    const batches = new TimeseriesGenerator([1, 2, 3, 4], [1, 2, 3, 4], {
      length: 2,
      batchSize: 1,
    });
    const all = () => [...batches].map(({ x, y }) => [x.arraySync(), y.arraySync()]);
    expect(all()).toEqual([
      [[[1, 2]], [3]],
      [[[2, 3]], [4]],
    ]);
    expect(all()).toEqual(all());
  });

  test('takes tensors, whose type it keeps', () => {
    const data = tf.tensor2d([[1], [2], [3]], [3, 1], 'int32');
    const batches = new TimeseriesGenerator(data, tf.tensor1d([true, false, true], 'bool'), {
      length: 1,
    });
    const { x, y } = batches.get(0);
    expect([x.dtype, y.dtype]).toEqual(['int32', 'bool']);
    expect(x.arraySync()).toEqual([[[1]], [[2]]]);
    expect(y.arraySync()).toEqual([0, 1]);
  });

  test('shuffles with replacement, repeatably with a seed', () => {
    const draw = (seed?: number) => {
      const options = { length: 3, batchSize: 30, shuffle: true, seed };
      const { x, y } = new TimeseriesGenerator(RAMP, RAMP, options).get(0);
      // A window still leads up to its target.
      const gaps = tf.sub(y, tf.squeeze(tf.slice(x, [0, 2], [-1, 1]), [1])).arraySync() as number[];
      for (const gap of gaps) expect(gap).toBeCloseTo(1 / 40, 5);
      return Array.from(y.dataSync());
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(new Set(draw(1)).size).toBeLessThan(30);
  });

  describe('with a horizon', () => {
    test('gives the steps after each window, of plain numbers', () => {
      const series = [0, 1, 2, 3, 4, 5, 6];
      const options = { length: 2, horizon: 3, batchSize: 2 };
      const batches = new TimeseriesGenerator(series, series, options);
      expect(batches.length).toBe(2);
      expect([batches.startIndex, batches.endIndex]).toEqual([2, 6]);
      const parts = [...batches].map(({ x, y }) => [x.arraySync(), y.arraySync()]);
      expect(parts).toEqual([
        [
          [
            [0, 1],
            [1, 2],
          ],
          [
            [2, 3, 4],
            [3, 4, 5],
          ],
        ],
        [[[2, 3]], [[4, 5, 6]]],
      ]);
    });

    test('gives [batch, horizon, columns] of several columns, also for one step', () => {
      const series = RAMP.map((value) => [value, -value, 2]);
      const targets = RAMP.map((value, time) => [time, value]);
      for (const horizon of [1, 4]) {
        const options = { length: 5, horizon, batchSize: 7, samplingRate: 2, stride: 3 };
        const { x, y } = new TimeseriesGenerator(series, targets, options).get(0);
        expect([x.shape, y.shape]).toEqual([
          [7, 3, 3],
          [7, horizon, 2],
        ]);
        const first = (y.arraySync() as number[][][]).map((steps) => steps.map((step) => step[0]));
        expect(first[2]).toEqual(Array.from({ length: horizon }, (_, step) => 5 + 2 * 3 + step));
      }
    });

    test('never reaches beyond the last step, in any order', () => {
      const options = {
        length: 3,
        horizon: 5,
        shuffle: true,
        seed: 1,
        batchSize: 400,
        endIndex: 20,
      };
      const time = RAMP.map((_, index) => index);
      const { y } = new TimeseriesGenerator(time, time, options).get(0);
      const targets = y.arraySync() as number[][];
      expect(Math.max(...targets.flat())).toBe(20);
      expect(Math.min(...targets.flat())).toBe(3);
    });

    test('trains and evaluates a forecast of several steps', async () => {
      const wave = Array.from({ length: 120 }, (_, time) => [
        Math.sin(time / 4),
        Math.cos(time / 4),
      ]);
      const options = { length: 6, horizon: 3, batchSize: 16 };
      const batches = new TimeseriesGenerator(wave, wave, options);
      const model = tfl.sequential({
        layers: [
          tfl.layers.flatten({ inputShape: [6, 2] }),
          tfl.layers.dense({
            units: 6,
            kernelInitializer: tfl.initializers.glorotUniform({ seed: 1 }),
          }),
          tfl.layers.reshape({ targetShape: [3, 2] }),
        ],
      });
      model.compile({ optimizer: tf.train.adam(0.02), loss: 'meanSquaredError' });
      await model.fitDataset(batches, { epochs: 60, verbose: 0 });
      const loss = (await model.evaluateDataset(batches as never, {} as never)) as tf.Scalar;
      expect(loss.dataSync()[0]).toBeLessThan(1e-3);
    });
  });

  test.each<[string, unknown, unknown, unknown, string]>([
    [
      'a horizon of 0',
      RAMP,
      RAMP,
      { length: 1, horizon: 0 },
      'horizon must be a positive integer, received 0.',
    ],
    [
      'a horizon beyond the series',
      [1, 2, 3],
      [1, 2, 3],
      { length: 2, horizon: 2 },
      'no window fits: startIndex + length is 2, endIndex is 2, horizon is 2. Use a shorter length or horizon or a longer series.',
    ],
    [
      'no options',
      RAMP,
      RAMP,
      undefined,
      'length must be a non-negative integer, received undefined. Pass { length } as the third argument.',
    ],
    ['a length in their place', RAMP, RAMP, 3, 'options must be an object, received 3.'],
    [
      'a negative length',
      RAMP,
      RAMP,
      { length: -1 },
      'length must be a non-negative integer, received -1.',
    ],
    [
      'a fraction',
      RAMP,
      RAMP,
      { length: 1, stride: 0.5 },
      'stride must be a positive integer, received 0.5.',
    ],
    [
      'no sampling',
      RAMP,
      RAMP,
      { length: 1, samplingRate: 0 },
      'samplingRate must be a positive integer, received 0.',
    ],
    [
      'no batch',
      RAMP,
      RAMP,
      { length: 1, batchSize: 0 },
      'batchSize must be a positive integer, received 0.',
    ],
    [
      'a negative start',
      RAMP,
      RAMP,
      { length: 1, startIndex: -1 },
      'startIndex must be a non-negative integer, received -1.',
    ],
    [
      'no data',
      null,
      RAMP,
      { length: 1 },
      'data must be a list of numbers or of vectors, received null.',
    ],
    [
      'a text',
      RAMP,
      'text',
      { length: 1 },
      'targets must be a list of numbers or of vectors, received "text".',
    ],
    ['NaN', [1, Number.NaN], [1, 2], { length: 1 }, 'data[1] must be a number, received NaN.'],
    [
      'ragged vectors',
      [[1, 2], [3]],
      [1, 2],
      { length: 1 },
      'data[1] must be a list of 2, as in the first step, received [3].',
    ],
    [
      'other lengths',
      [1, 2, 3],
      [1, 2],
      { length: 1 },
      'data and targets must be equally long: data has 3 steps, targets 2.',
    ],
    [
      'too short a series',
      [1, 2],
      [1, 2],
      { length: 2 },
      'no window fits: startIndex + length is 2, endIndex is 1. Use a shorter length or a longer series.',
    ],
    [
      'a misspelt option',
      RAMP,
      RAMP,
      { length: 1, batch_size: 2 },
      'there is no option batch_size. Write batchSize.',
    ],
  ])('rejects %s', (_, data, targets, options, message) => {
    expect(
      () =>
        new TimeseriesGenerator(data as Series, targets as Series, options as TimeseriesOptions),
    ).toThrow(`TimeseriesGenerator: ${message}`);
  });

  test('rejects strings in a tensor', () => {
    expect(() => new TimeseriesGenerator(tf.tensor1d(['a', 'b']), [1, 2], { length: 1 })).toThrow(
      'TimeseriesGenerator: data must be a tensor of numbers with a first axis of time, received "string of shape [2]".',
    );
  });

  test.each([-1, 5, 0.5, Number.NaN])('has no batch %j', (index) => {
    const batches = new TimeseriesGenerator(RAMP, RAMP, { length: 4, batchSize: 8 });
    expect(() => batches.get(index)).toThrow(
      `TimeseriesGenerator.get: index must be an integer from 0 to 4, received ${index}.`,
    );
  });
});
