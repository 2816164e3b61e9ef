import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  RecurrentError,
  type TimeseriesData,
  TimeseriesForecaster,
  type TimeseriesForecasterOptions,
} from '../../../src/index.js';
import { SMALL, seasonal } from './series.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const series = seasonal(60);
const rows = series.map((value) => [value, 1 - value]);
const objects = series.map((value) => ({ tide: value, wind: 1 - value }));
const replaced = <T>(list: readonly T[], at: number, value: unknown) =>
  list.map((each, i) => (i === at ? value : each)) as T[];

const GAP =
  'Fill a gap before, for example with the value of the step before it or between its neighbours.';

describe('TimeseriesForecaster.train rejects', () => {
  test.each<[string, unknown, object, string]>([
    [
      'a window longer than the series',
      series,
      { window: 70, horizon: 1 },
      'data must have at least 71 steps, a window of 70 and a horizon of 1, received 60. Give a longer series, or train with a smaller window or horizon.',
    ],
    [
      'one of several series that is too short',
      { series: [series, series.slice(0, 5)] },
      {},
      'series[1] must have at least 8 steps, a window of 6 and a horizon of 2, received 5.',
    ],
    [
      'a window that does not fit before the validation part',
      series,
      { window: 50, horizon: 2 },
      'the steps before those for validation must hold a window and its targets, 50 + 2, but there are 48. Give a longer series, or a smaller window, horizon or validationSplit.',
    ],
    ['a window of 0', series, { window: 0 }, 'window must be a positive integer, received 0.'],
    [
      'no window',
      series,
      { window: undefined },
      'window must be a positive integer, received undefined. It is the number of steps that are read.',
    ],
    [
      'a horizon of 0',
      series,
      { horizon: 0 },
      'horizon must be a positive integer, received 0. It is the number of steps that are forecast.',
    ],
    [
      'too few errors for an interval',
      series,
      { coverage: 0.99 },
      'an interval with a coverage of 0.99 needs at least 99 windows for validation, received 11. Give a longer series, a greater validationSplit, or a smaller coverage or horizon.',
    ],
    [
      'NaN',
      replaced(series, 17, Number.NaN),
      {},
      `data[17] must be a finite number, received NaN. ${GAP}`,
    ],
    [
      'a gap',
      replaced(series, 17, null),
      {},
      `data[17] must be a number, as at the other steps, received null. ${GAP}`,
    ],
    [
      'NaN at the first step',
      replaced(series, 0, Number.NaN),
      {},
      `data[0] must be a finite number, received NaN. ${GAP}`,
    ],
    [
      'infinity in a column of one of several series',
      { series: [rows, replaced(rows, 3, [1, Number.POSITIVE_INFINITY])] },
      {},
      `series[1][3][1] must be a finite number, received Infinity. ${GAP}`,
    ],
    [
      'a gap in a column of objects',
      replaced(objects, 3, { tide: 1, wind: undefined }),
      {},
      `data[3].wind must be a finite number, received undefined. ${GAP}`,
    ],
    [
      'text',
      replaced(objects, 3, { tide: 1, wind: '3.5' }),
      {},
      'data[3].wind must be a finite number, received "3.5". Turn text into numbers with Number, or leave the column out by naming the others in columns.',
    ],
    [
      'a step with fewer columns',
      replaced(rows, 9, [1]),
      {},
      'data[9] must be a list of numbers with the 2 columns 0, 1, as at the other steps, received [1]. Every step of every series has the columns that the forecaster was trained with.',
    ],
    [
      'a step without a column',
      replaced(objects, 9, { tide: 1 }),
      {},
      'data[9] must be an object of numbers with the 2 columns tide, wind, as at the other steps, received { tide }.',
    ],
    [
      'series of other columns',
      { series: [rows, series] },
      {},
      'series[1][0] must be a list of numbers with the 2 columns 0, 1, as at the other steps, received ',
    ],
    ['an empty series', [], {}, 'data must not be empty.'],
    [
      'a gap at the first step',
      [undefined, 1, 2],
      {},
      'data[0] must be a number, a list of numbers or an object of numbers, received undefined. Fill a gap before, for example with the value of the step after it.',
    ],
    [
      'objects without numbers',
      series.map(() => new Date(0)),
      {},
      'data[0] must be a number, a list of numbers or an object of numbers, received a Date.',
    ],
    ['no series', { series: [] }, {}, 'data must hold at least one series.'],
    [
      'numbers in place of series',
      { series: [3, 1, 2] },
      {},
      'series[0] must be a list of what was observed, by time, received 3. A single series goes without { series }.',
    ],
    [
      'nothing',
      undefined,
      {},
      'data must be a series, by time, or { series: [first, second, …] }, received undefined.',
    ],
    [
      'a list of texts',
      ['1', '2'],
      {},
      'data[0] must be a number, a list of numbers or an object of numbers, received "1". Turn text into numbers with Number.',
    ],
    [
      'names for other columns',
      rows,
      { columns: ['tide'] },
      'columns must name all 2 of the data, received ["tide"]. Only columns of objects can be left out. Leave out columns to number them.',
    ],
    [
      'a name that no object has',
      objects,
      { columns: ['tide', 'rain'] },
      'data[0] must be an object of numbers with the 2 columns tide, rain, as at the other steps, received { tide, wind }.',
    ],
    [
      'a target that is no column',
      objects,
      { targets: ['rain'] },
      'targets must be among the columns tide, wind, received "rain". What is forecast is also read.',
    ],
    [
      'a target twice',
      rows,
      { targets: ['1', '1'] },
      'targets must not hold "1" twice, received ["1", "1"].',
    ],
    [
      'no targets',
      rows,
      { targets: [] },
      'targets must be a list of names of columns, received []. Leave it out for all of them.',
    ],
    [
      'another scaling',
      series,
      { scaling: 'robust' },
      'scaling must be "standardize" or "minMax", received "robust".',
    ],
    [
      'a coverage of 1',
      series,
      { coverage: 1 },
      'coverage must be between 0 and 1, received 1. 0.9 asks for intervals that nine of ten values are within.',
    ],
    [
      'no validation',
      series,
      { validationSplit: 0 },
      'validationSplit must be between 0 and 1, received 0. The interval of a forecast comes from the errors on that part; 0.2 sets a fifth aside.',
    ],
    ['no units', series, { units: [4, 0] }, 'units[1] must be a positive integer, received 0.'],
    [
      'another cell',
      series,
      { cell: 'rnn' },
      'cell must be "lstm", "gru" or "simpleRNN", received "rnn".',
    ],
    [
      'a negative seed',
      series,
      { seed: -1 },
      'seed must be a whole number from 0 to 9007199254740991, received -1.',
    ],
    [
      'the name that Keras has',
      series,
      { sequence_length: 3 },
      'there is no option sequence_length. Write window.',
    ],
    [
      'the name that TensorFlow has',
      series,
      { labelWidth: 3 },
      'there is no option labelWidth. Write horizon.',
    ],
    [
      'layers by number',
      series,
      { layers: 2 },
      'there is no option layers. Units in a list stack layers: units: [64, 32].',
    ],
  ])('%s', async (_, data, options, message) => {
    const before = tf.memory().numTensors;
    const training = TimeseriesForecaster.train(data as TimeseriesData<number>, {
      ...SMALL,
      ...(options as TimeseriesForecasterOptions),
    });
    const error = await training.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RecurrentError);
    const whole = `TimeseriesForecaster.train: ${message}`;
    expect((error as Error).message.slice(0, whole.length)).toBe(whole);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('training that ends in what is not a number is no forecaster, and leaves no tensors', async () => {
  const warm = await TimeseriesForecaster.train(series, SMALL);
  warm.dispose();
  const before = tf.memory().numTensors;
  const training = TimeseriesForecaster.train(series, { ...SMALL, learningRate: 1e38, epochs: 4 });
  await expect(training).rejects.toThrow(
    'TimeseriesForecaster.train: the model must forecast finite numbers, received',
  );
  expect(tf.memory().numTensors).toBe(before);
});

describe('a forecaster rejects', () => {
  let forecaster: TimeseriesForecaster<{ tide: number; wind: number }>;
  beforeAll(async () => {
    forecaster = await TimeseriesForecaster.train(objects, SMALL);
  });

  test.each<[string, unknown, string]>([
    [
      'fewer steps than a window',
      objects.slice(0, 5),
      'recent must have at least 6 steps, which are a window, received 5. Give more of what was observed before.',
    ],
    [
      'other columns',
      series,
      'recent[0] must be an object of numbers with the 2 columns tide, wind, as at the other steps, received ',
    ],
    [
      'several series',
      { series: [objects] },
      'recent must be one series, received { series }. Call predict for each of several.',
    ],
    [
      'a gap in the window',
      replaced(objects, 58, { tide: 1, wind: Number.NaN }),
      `recent[4].wind must be a finite number, received NaN. ${GAP}`,
    ],
  ])('to forecast from %s', async (_, recent, message) => {
    const forecast = forecaster.predict(recent as typeof objects);
    const whole = `TimeseriesForecaster.predict: ${message}`;
    const error = await forecast.catch((reason: Error) => reason);
    expect((error as Error).message.slice(0, whole.length)).toBe(whole);
  });

  test('gaps before the window are no matter', async () => {
    const recent = replaced(objects, 3, null);
    expect(await forecaster.predict(recent)).toEqual(await forecaster.predict(objects));
  });

  test.each<[string, unknown, object, string]>([
    [
      'too short a series',
      objects.slice(0, 7),
      {},
      'data must have at least 8 steps, a window of 6 and a horizon of 2, received 7.',
    ],
    [
      'a series shorter than a season',
      objects,
      { seasonalPeriod: 59 },
      'data must have at least 61 steps, a season and a horizon, received 60. Give a longer series, or leave seasonalPeriod out.',
    ],
    [
      'a season of 0',
      objects,
      { seasonalPeriod: 0 },
      'seasonalPeriod must be a positive integer, received 0. It is the steps of a season.',
    ],
    ['a stride of 0', objects, { stride: 0 }, 'stride must be a positive integer, received 0.'],
    [
      'other columns',
      rows,
      {},
      'data[0] must be an object of numbers with the 2 columns tide, wind',
    ],
  ])('to be evaluated on %s', async (_, data, options, message) => {
    const evaluation = forecaster.evaluate(data as typeof objects, options);
    const whole = `TimeseriesForecaster.evaluate: ${message}`;
    const error = await evaluation.catch((reason: Error) => reason);
    expect((error as Error).message.slice(0, whole.length)).toBe(whole);
  });
});
