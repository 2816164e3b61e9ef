import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/foundation/random.js';
import { TimeseriesForecaster } from '../../../src/index.js';
import { conformalRadius } from '../../../src/models/series/interval.js';
import { gaussian, SMALL, seasonal } from './series.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('walk-forward evaluation', () => {
  const [WINDOW, HORIZON, PERIOD] = [SMALL.window, 5, 3];
  const series = seasonal(80, { noise: 0.3, seed: 5, trend: 0.1 });
  let forecaster: TimeseriesForecaster;
  beforeAll(async () => {
    forecaster = await TimeseriesForecaster.train(series, { ...SMALL, horizon: HORIZON });
  });
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

  /** Scores as their formulas say, of forecasts one by one. */
  function scoresOf(errors: readonly (readonly number[])[]) {
    const known = series.slice(0, 64);
    const naiveError = mean(known.slice(1).map((value, i) => Math.abs(value - known[i]!)));
    const mae = mean(errors.flat().map(Math.abs));
    return {
      mae: expect.closeTo(mae, 6),
      rmse: expect.closeTo(Math.sqrt(mean(errors.flat().map((error) => error ** 2))), 6),
      mase: expect.closeTo(mae / naiveError, 6),
      maeByStep: Array.from({ length: HORIZON }, (_, step) =>
        expect.closeTo(mean(errors.map((error) => Math.abs(error[step]!))), 6),
      ),
    };
  }

  test.each([1, 4])('compares forecasts that are %i steps apart with what came', async (stride) => {
    const test = series.slice(50);
    const [ours, last, season]: number[][][] = [[], [], []];
    const within: boolean[] = [];
    for (let time = WINDOW; time + HORIZON <= test.length; time += stride) {
      const { values, lower, upper } = await forecaster.predict(test.slice(0, time));
      const steps = Array.from({ length: HORIZON }, (_, step) => test[time + step]!);
      ours!.push(values.map((value, step) => value - steps[step]!));
      last!.push(steps.map((came) => test[time - 1]! - came));
      // The third step on is a season behind the last one known; the fourth is two behind the first.
      const ago = [3, 2, 1, 3, 2];
      season!.push(steps.map((came, step) => test[time - ago[step]!]! - came));
      within.push(...steps.map((came, step) => came >= lower[step]! && came <= upper[step]!));
    }
    const expected = {
      forecast: scoresOf(ours!),
      naive: scoresOf(last!),
      seasonalNaive: scoresOf(season!),
      coverage: expect.closeTo(mean(within.map(Number)), 10),
    };
    expect(await forecaster.evaluate(test, { seasonalPeriod: PERIOD, stride })).toEqual({
      windows: ours!.length,
      ...expected,
      columns: { value: expected },
    });
  });

  test('begins behind the first season, where that is longer than a window', async () => {
    const { windows, seasonalNaive } = await forecaster.evaluate(series, { seasonalPeriod: 20 });
    expect(windows).toBe(80 - 20 - HORIZON + 1);
    expect(seasonalNaive?.maeByStep).toHaveLength(HORIZON);
    const without = await forecaster.evaluate(series);
    expect(without.windows).toBe(80 - WINDOW - HORIZON + 1);
    expect(without).not.toHaveProperty('seasonalNaive');
  });

  test('a series that repeats itself is forecast without an error by a season ago', async () => {
    const repeated = Array.from({ length: 50 }, (_, time) => (time % 7) ** 2);
    const { seasonalNaive, naive } = await forecaster.evaluate(repeated, { seasonalPeriod: 7 });
    expect(seasonalNaive).toEqual({ mae: 0, rmse: 0, mase: 0, maeByStep: [0, 0, 0, 0, 0] });
    expect(naive.mae).toBeGreaterThan(1);
  });

  test('of several targets gives means, and each by itself', async () => {
    const rows = series.map((value, time) => [value, 100 * Math.sin(time)]);
    const both = await TimeseriesForecaster.train(rows, SMALL);
    const { columns, ...means } = await both.evaluate(rows, { seasonalPeriod: 2 });
    for (const kind of ['forecast', 'naive', 'seasonalNaive'] as const) {
      for (const score of ['mae', 'rmse', 'mase'] as const) {
        const each = Object.values(columns).map((column) => column[kind]![score]);
        expect(means[kind]![score]).toBeCloseTo(mean(each), 10);
      }
    }
    expect(columns['1']!.naive.mae).toBeGreaterThan(10 * columns['0']!.naive.mae);
    expect(means.coverage).toBeCloseTo((columns['0']!.coverage + columns['1']!.coverage) / 2, 10);
  });
});

describe('an interval', () => {
  test('reaches to the error of rank ⌈(n + 1)·coverage⌉', () => {
    const errors = Float64Array.from([5, 1, 4, 2, 3, 9, 7, 8, 6]);
    expect(conformalRadius([errors], 0.9)).toEqual([9]);
    expect(conformalRadius([errors], 0.5)).toEqual([5]);
    expect(conformalRadius([errors], 0.1)).toEqual([1]);
    expect(conformalRadius([errors, errors.map((error) => 2 * error)], 0.55)).toEqual([6, 12]);
    // Numbers, not texts, are put in order.
    expect(conformalRadius([Float64Array.from([10, 9, 2])], 0.75)).toEqual([10]);
  });

  test('of errors that are alike covers what it promises', () => {
    const random = seededRandom(11);
    const RUNS = 4000;
    for (const coverage of [0.5, 0.8, 0.95]) {
      let within = 0;
      for (let run = 0; run < RUNS; run++) {
        const [radius] = conformalRadius(
          [Float64Array.from({ length: 39 }, () => Math.abs(gaussian(random)))],
          coverage,
        );
        if (Math.abs(gaussian(random)) <= radius!) within++;
      }
      // At least the promise, and at most 1/(n + 1) more; within four standard deviations.
      const slack = 4 * Math.sqrt((coverage * (1 - coverage)) / RUNS);
      expect(within / RUNS).toBeGreaterThan(coverage - slack);
      expect(within / RUNS).toBeLessThan(coverage + 1 / 40 + slack);
    }
  });

  test('covers held-out data, at every coverage that is asked for', async () => {
    const series = seasonal(3000, { noise: 0.4, seed: 3 });
    for (const coverage of [0.5, 0.9]) {
      const forecaster = await TimeseriesForecaster.train(series.slice(0, 2000), {
        ...{ ...SMALL, window: 12, units: 8, horizon: 3, learningRate: 0.01, epochs: 3, coverage },
      });
      const evaluation = await forecaster.evaluate(series.slice(1988));
      expect(Math.abs(evaluation.coverage - coverage)).toBeLessThan(0.05);
    }
  });

  test('is wider for steps further away', async () => {
    const random = seededRandom(4);
    let at = 0;
    const walk = Array.from({ length: 800 }, () => (at += gaussian(random)));
    const { values, upper } = await TimeseriesForecaster.train(walk, {
      ...{ ...SMALL, horizon: 9, epochs: 2 },
    }).then((forecaster) => forecaster.predict(walk));
    const radius = (step: number) => upper[step]! - values[step]!;
    expect(radius(3)).toBeGreaterThan(radius(0) * 1.5);
    expect(radius(8)).toBeGreaterThan(radius(3));
  });
});
