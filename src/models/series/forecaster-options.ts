/** The options of TimeseriesForecaster: what they are, their defaults, how they are checked. */
import { reject } from '../../foundation/errors.js';
import {
  isList,
  requireBoolean,
  requireInteger,
  requireKnownOptions,
  requireOneOf,
} from '../../foundation/option-checks.js';
import { requireSeed } from '../../foundation/random.js';
import type { Callbacks } from '../../training/callbacks.js';
import { isFraction } from '../../training/rows.js';
import { type CellName, sequenceSettings } from '../topologies/options.js';
import type { ManyToOneSettings } from '../topologies/many-to-one.js';
import type { ScalingMethod } from './scaling.js';
import { requireDistinct } from './series-data.js';

/** How a `TimeseriesForecaster` reads series, what model it builds and how it trains it. */
export interface TimeseriesForecasterOptions {
  /** How many steps the model reads before it forecasts; `sequence_length` of Keras. */
  window: number;
  /** How many steps it forecasts at once. Default 1. */
  horizon?: number | undefined;
  /**
   * The names of the columns. Of objects, those that are read; all when left out. Lists are numbered from
   * `'0'` on when it is left out, and plain numbers are called `'value'`.
   */
  columns?: readonly string[] | undefined;
  /** The columns that are forecast; all when left out. The others only help to forecast. */
  targets?: readonly string[] | undefined;
  /** `'standardize'` (default) to mean 0 and deviation 1, or `'minMax'` to 0 … 1, by the training part alone. */
  scaling?: ScalingMethod | undefined;
  /**
   * Whether targets are read and forecast as differences from the last step of the window, so that a trend may
   * lead to where training has never been (Zeng et al. 2023, "Are transformers effective for time series
   * forecasting?", NLinear). Default true; false suits series that keep to a level.
   */
  relative?: boolean | undefined;
  /** How many of the values are to be within their interval, between 0 and 1. Default 0.9. */
  coverage?: number | undefined;
  /** The recurrent layer: `'lstm'` (default), `'gru'`, as Keras has it since 2.3, or `'simpleRNN'`. */
  cell?: CellName | undefined;
  /** Units of the recurrent layer; a list stacks layers, from the first to the last. Default 32. */
  units?: number | readonly number[] | undefined;
  /** Fraction dropped before the last layer. Default 0. */
  dropoutRate?: number | undefined;
  /** Of Adam. Default 0.001. */
  learningRate?: number | undefined;
  /** How often it goes through the windows. Default 10. */
  epochs?: number | undefined;
  /** Windows a step. Default 32. */
  batchSize?: number | undefined;
  /** The fraction at the end of each series that is set aside, for the interval and `val_loss`. Default 0.2. */
  validationSplit?: number | undefined;
  /** A whole number, at least 0, that repeats what is random. Default: different every time. */
  seed?: number | undefined;
  /** Callback objects, objects of functions, or a list that mixes them. */
  callbacks?: Callbacks | undefined;
}

/** How `TimeseriesForecaster.evaluate` walks through a series. */
export interface TimeseriesEvaluateOptions {
  /** The steps of a season, such as 24 for hours: compares with the forecast that all is as a season ago. */
  seasonalPeriod?: number | undefined;
  /** How many steps lie between one forecast and the next. Default 1. */
  stride?: number | undefined;
}

const OF_MODEL = ['cell', 'units', 'dropoutRate', 'learningRate', 'seed'] as const;

const OPTIONS = [
  ...['window', 'horizon', 'columns', 'targets', 'scaling', 'relative', 'coverage'],
  ...['epochs', 'batchSize', 'validationSplit', 'callbacks', ...OF_MODEL],
];

/** What the tutorials of Keras and TensorFlow call them. */
const REMEDIES = {
  ...spellings(['length', 'sequenceLength', 'inputWidth', 'past'], 'Write window.'),
  ...spellings(['outSteps', 'labelWidth', 'future'], 'Write horizon.'),
  ...spellings(['labelColumns'], 'Write targets.'),
  ...spellings(['layers'], 'Units in a list stack layers: units: [64, 32].'),
  ...spellings(['shuffle'], 'Windows are always shuffled for training, and never split at random.'),
};

function spellings(names: readonly string[], remedy: string): Record<string, string> {
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(names.flatMap((name) => [name, snake(name)]).map((n) => [n, remedy]));
}

/** The options with nothing left out but what may be. */
export interface ForecasterSettings {
  window: number;
  horizon: number;
  columns: readonly string[] | undefined;
  targets: readonly string[] | undefined;
  scaling: ScalingMethod;
  relative: boolean;
  coverage: number;
  epochs: number;
  batchSize: number;
  validationSplit: number;
  seed: number | undefined;
  callbacks: Callbacks | undefined;
  model: Omit<TimeseriesForecasterOptions, keyof Omit<ForecasterSettings, 'model'>>;
}

/** Checks the options of `train` and fills in what was left out, but for those of the model. */
export function forecasterSettings(
  where: string,
  options: TimeseriesForecasterOptions,
): ForecasterSettings {
  requireKnownOptions(where, options, OPTIONS, REMEDIES);
  const given: Partial<TimeseriesForecasterOptions> = options ?? {};
  const { scaling = 'standardize', relative = true, coverage = 0.9, horizon = 1 } = given;
  const { epochs = 10, batchSize = 32, validationSplit = 0.2, seed } = given;
  const { window, columns, targets, callbacks } = given;
  requireInteger(where, 'window', window, 1, 'It is the number of steps that are read.');
  requireInteger(where, 'horizon', horizon, 1, 'It is the number of steps that are forecast.');
  requireNames(where, 'columns', columns);
  requireNames(where, 'targets', targets);
  requireOneOf(where, 'scaling', scaling, ['standardize', 'minMax']);
  requireBoolean(where, 'relative', relative);
  requireInteger(where, 'epochs', epochs, 1);
  requireInteger(where, 'batchSize', batchSize, 1);
  if (seed !== undefined) requireSeed(where, seed);
  if (!isFraction(coverage)) {
    reject({
      where,
      expected: 'coverage must be between 0 and 1',
      received: coverage,
      remedy: '0.9 asks for intervals that nine of ten values are within.',
    });
  }
  if (!isFraction(validationSplit)) {
    reject({
      where,
      expected: 'validationSplit must be between 0 and 1',
      received: validationSplit,
      remedy:
        'The interval of a forecast comes from the errors on that part; 0.2 sets a fifth aside.',
    });
  }
  const settings = {
    ...{ window, horizon, columns, targets, scaling, relative, coverage },
    ...{ epochs, batchSize, validationSplit, seed, callbacks },
    model: Object.fromEntries(OF_MODEL.map((name) => [name, given[name]])),
  };
  modelSettings(where, settings, 1, 1);
  return settings;
}

/** The settings of the model for so many columns and targets. */
export function modelSettings(
  where: string,
  { window, horizon, model }: ForecasterSettings,
  columns: number,
  targets: number,
): ManyToOneSettings {
  const sizes = { inputs: columns, sequenceLength: window, outputs: horizon * targets };
  const settings = sequenceSettings(where, { ...model, ...sizes, task: 'regression' }, []);
  return { ...settings, denseUnits: 0, maskZero: false };
}

/** Checks the options of `evaluate` and fills in what was left out. */
export function evaluateSettings(where: string, options: TimeseriesEvaluateOptions) {
  requireKnownOptions(where, options, ['seasonalPeriod', 'stride'], {
    period: 'Write seasonalPeriod.',
  });
  const { seasonalPeriod, stride = 1 } = options;
  if (seasonalPeriod !== undefined) {
    requireInteger(where, 'seasonalPeriod', seasonalPeriod, 1, 'It is the steps of a season.');
  }
  requireInteger(where, 'stride', stride, 1);
  return { seasonalPeriod, stride };
}

function requireNames(where: string, option: string, names: unknown): void {
  if (names === undefined) return;
  if (
    !isList(names) ||
    names.length === 0 ||
    Array.from(names).some((n) => typeof n !== 'string')
  ) {
    reject({
      where,
      expected: `${option} must be a list of names of columns`,
      received: names,
      remedy: 'Leave it out for all of them.',
    });
  }
  requireDistinct(where, option, Array.from(names) as string[]);
}
