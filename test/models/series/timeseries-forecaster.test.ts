import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createManyToOne,
  fitWithSeed,
  TimeseriesForecaster,
  TimeseriesGenerator,
} from '../../../src/index.js';
import { weightsOf } from '../reviews.js';
import { SMALL, seasonal } from './series.js';

beforeAll(async () => {
  vi.spyOn(console, 'warn').mockReturnValue(undefined);
  await tf.setBackend('cpu');
  tf.zeros([1]).dispose();
});
beforeEach(() => tf.setBackend('cpu'));

const close = (received: readonly number[], expected: readonly number[], digits = 4) => {
  expect(received).toHaveLength(expected.length);
  received.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, digits);
  });
};

describe('TimeseriesForecaster.train', () => {
  test('does what one would write without it', async () => {
    const series = seasonal(100, { level: 20 });
    const options = { ...{ window: 8, horizon: 3, units: 5, epochs: 2, batchSize: 16, seed: 4 } };
    const forecaster = await TimeseriesForecaster.train(series, { ...options, relative: false });

    const known = series.slice(0, 80);
    const mean = known.reduce((sum, value) => sum + value) / 80;
    const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 80);
    close(forecaster.scaling.offset, [mean], 10);
    close(forecaster.scaling.scale, [deviation], 10);

    const scaled = series.map((value) => [(value - mean) / deviation]);
    const batches = (startIndex: number, endIndex: number) => {
      const sizes = { length: 8, horizon: 3, batchSize: 1000, startIndex, endIndex };
      const { x, y } = new TimeseriesGenerator(scaled, scaled, sizes).get(0);
      return [x, tf.reshape(y, [-1, 3])] as [tf.Tensor, tf.Tensor];
    };
    const [x, y] = batches(0, 79);
    const model = createManyToOne({
      ...{ inputs: 1, sequenceLength: 8, outputs: 3, task: 'regression', units: 5, seed: 4 },
    });
    const { epoch, history } = await fitWithSeed(model, x, y, {
      ...{ epochs: 2, batchSize: 16, seed: 4 },
      validationData: batches(72, 99), // which forecasts from step 80 on
    });
    expect(weightsOf(forecaster.model)).toEqual(weightsOf(model));
    expect(forecaster.history).toEqual({ epoch, history });

    const { values } = await forecaster.predict(series);
    const last = tf.tensor3d([scaled.slice(-8)]);
    const outputs = Array.from((model.predict(last) as tf.Tensor).dataSync());
    close(
      values,
      outputs.map((value) => value * deviation + mean),
      5,
    );
  });

  test('knows nothing of the validation part when it scales', async () => {
    const calm = seasonal(100);
    const wild = calm.map((value, time) => (time < 80 ? value : 1000 * value));
    for (const scaling of ['standardize', 'minMax'] as const) {
      const [first, second] = await Promise.all(
        [calm, wild].map((series) =>
          TimeseriesForecaster.train(series, { ...SMALL, scaling, epochs: 2 }),
        ),
      );
      expect(second!.scaling).toEqual(first!.scaling);
      expect(weightsOf(second!.model)).toEqual(weightsOf(first!.model));
      expect(second!.history.history.loss).toEqual(first!.history.history.loss);
      expect(second!.history.history.val_loss).not.toEqual(first!.history.history.val_loss);
    }
  });

  test('forecasts a season, in the units of the data', async () => {
    const series = seasonal(240, { level: 5000, noise: 0 });
    const options = { window: 12, horizon: 4, units: 16, learningRate: 0.01, epochs: 25, seed: 1 };
    const forecaster = await TimeseriesForecaster.train(series, options);
    const { values, lower, upper } = await forecaster.predict(series);
    const came = seasonal(244, { level: 5000, noise: 0 }).slice(240);
    values.forEach((value, step) => {
      expect(Math.abs(value - came[step]!)).toBeLessThan(0.15);
      expect(upper[step]! - value).toBeCloseTo(value - lower[step]!, 6);
      expect(upper[step]!).toBeGreaterThan(value);
    });
  });

  test('follows a trend to where training has never been, as the naive forecast does not', async () => {
    const series = seasonal(400, { trend: 0.05, noise: 0.02 });
    const options = { window: 12, horizon: 3, units: 16, learningRate: 0.01, epochs: 20, seed: 2 };
    const forecaster = await TimeseriesForecaster.train(series.slice(0, 320), options);
    const { forecast, naive } = await forecaster.evaluate(series.slice(300));
    expect(forecast.mae).toBeLessThan(naive.mae / 2);
  });

  test('repeats itself by its seed', async () => {
    const run = async (seed: number) => {
      const forecaster = await TimeseriesForecaster.train(seasonal(60), { ...SMALL, seed });
      return forecaster.predict(seasonal(10));
    };
    expect(await run(3)).toEqual(await run(3));
    expect(await run(3)).not.toEqual(await run(4));
  });

  test('takes a column that never changes', async () => {
    const rows = seasonal(60).map((value) => [value, 7.1]);
    for (const scaling of ['standardize', 'minMax'] as const) {
      const forecaster = await TimeseriesForecaster.train(rows, { ...SMALL, scaling });
      expect(forecaster.scaling.scale[1]).toBe(1);
      expect(forecaster.scaling.offset[1]).toBeCloseTo(7.1, 12);
      const { values, lower, upper } = await forecaster.predict(rows);
      for (const value of [values, lower, upper].flat(2)) expect(value).toBeTypeOf('number');
      expect([values, lower, upper].flat(2).every(Number.isFinite)).toBe(true);
      const { columns, forecast } = await forecaster.evaluate(rows);
      expect(columns['1']?.forecast.mase).toBeNaN();
      expect(forecast.mase).toBe(columns['0']?.forecast.mase);
    }
  });
});

describe('the forms of series', () => {
  const numbers = seasonal(80);
  const other = seasonal(80, { period: 7, seed: 2 });

  test('give the same forecasts, each in its own form', async () => {
    const plain = await TimeseriesForecaster.train(numbers, SMALL);
    const expected = await plain.predict(numbers);
    expect([plain.columns, plain.targets]).toEqual([['value'], ['value']]);

    const typed = await TimeseriesForecaster.train(Float64Array.from(numbers), SMALL);
    expect(await typed.predict(numbers)).toEqual(expected);

    const lists = await TimeseriesForecaster.train(
      numbers.map((value) => [value]),
      SMALL,
    );
    const ofLists = await lists.predict(numbers.map((value) => [value]));
    expect(ofLists.values).toEqual(expected.values.map((value) => [value]));

    const objects = await TimeseriesForecaster.train(
      numbers.map((tide) => ({ tide, place: 'Brest' })),
      { ...SMALL, columns: ['tide'] },
    );
    const ofObjects = await objects.predict(numbers.map((tide) => ({ tide, place: 'Brest' })));
    expect(ofObjects.lower).toEqual(expected.lower.map((tide) => ({ tide })));
  });

  test('columns that are not forecast help to forecast', async () => {
    // The first column repeats what the second was a step before.
    const rows = other.map((value, time) => ({ late: other[time - 1] ?? 0, early: value }));
    const forecaster = await TimeseriesForecaster.train(rows, {
      ...{ ...SMALL, horizon: 1, units: 12, epochs: 25, learningRate: 0.02 },
      targets: ['late'],
    });
    expect(forecaster.columns).toEqual(['late', 'early']);
    const { values } = await forecaster.predict(rows);
    expect(Object.keys(values[0]!)).toEqual(['late']);
    expect(Math.abs(values[0]!.late! - other.at(-1)!)).toBeLessThan(0.25);
    const evaluation = await forecaster.evaluate(rows);
    expect(Object.keys(evaluation.columns)).toEqual(['late']);
    expect(evaluation.forecast.mae).toBeLessThan(evaluation.naive.mae / 3);
  });

  test('names of lists, and targets in another order', async () => {
    const rows = numbers.map((value, time) => [value, 100 + other[time]!, value * other[time]!]);
    const names = { columns: ['a', 'b', 'c'], targets: ['c', 'b'] };
    const forecaster = await TimeseriesForecaster.train(rows, { ...SMALL, ...names });
    const { values } = await forecaster.predict(rows);
    expect(values).toHaveLength(2);
    for (const [c, b] of values as [number, number][]) {
      expect(b).toBeGreaterThan(90);
      expect(Math.abs(c)).toBeLessThan(10);
    }
    expect(forecaster.model.outputs[0]?.shape).toEqual([null, 4]);
  });

  test('several series: no window reaches from one into the next', async () => {
    const high = other.map((value) => value + 50);
    const both = { series: [numbers, high.slice(0, 40)] };
    const sizes: unknown[] = [];
    const forecaster = await TimeseriesForecaster.train(both, {
      ...SMALL,
      relative: false,
      callbacks: { onTrainBegin: async () => void sizes.push('begun') },
    });
    expect(sizes).toEqual(['begun']);
    const known = [...numbers.slice(0, 64), ...high.slice(0, 32)];
    close(forecaster.scaling.offset, [known.reduce((a, b) => a + b) / known.length], 8);
    const { windows } = await forecaster.evaluate(both);
    expect(windows).toBe(80 - 7 + (40 - 7));
  });
});

describe.each(['cpu', 'wasm'])('on the backend %s', (backend) => {
  test('forecasts, evaluations and failed training leave no tensors', async () => {
    await tf.setBackend(backend);
    const series = seasonal(60);
    const warm = await TimeseriesForecaster.train(series, SMALL);
    await warm.predict(series);
    warm.dispose();
    const before = tf.memory().numTensors;
    const forecaster = await TimeseriesForecaster.train(series, SMALL);
    const trained = tf.memory().numTensors;
    for (let time = 0; time < 20; time++) await forecaster.predict(series);
    await forecaster.evaluate(series, { seasonalPeriod: 12 });
    expect(tf.memory().numTensors).toBe(trained);
    forecaster.dispose();
    expect(tf.memory().numTensors).toBe(before);
    const callbacks = { onEpochBegin: async () => Promise.reject(new Error('unplugged')) };
    await expect(TimeseriesForecaster.train(series, { ...SMALL, callbacks })).rejects.toThrow(
      'unplugged',
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});
