/** TimeseriesForecaster: from series to forecasts with intervals, with nothing to wire up. */
import { reject } from '../../foundation/errors.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { ready } from '../../kernels/bridge/ready.js';
import { fitWithSeed } from '../../training/fit-with-seed.js';
import type { TrainingHistory } from '../../training/history.js';
import { manyToOne } from '../topologies/many-to-one.js';
import { type Forecast, recentTable, toForecast } from './forecast.js';
import { forecastAt, samplesAt } from './forecast-windows.js';
import { loadForecaster, saveForecaster } from './forecaster-artifacts.js';
import {
  evaluateSettings,
  type ForecasterSettings,
  forecasterSettings,
  modelSettings,
  type TimeseriesEvaluateOptions,
  type TimeseriesForecasterOptions,
} from './forecaster-options.js';
import type { ForecasterState } from './forecaster-state.js';
import { conformalRadius, requireEnoughErrors } from './interval.js';
import { type Reading, readingOf } from './reading.js';
import { fitScaling, type Scaling } from './scaling.js';
import { actual, naiveErrors } from './scores.js';
import {
  columnsOf,
  type Observation,
  readTable,
  requireDistinct,
  seriesOf,
  type Table,
  type TimeseriesData,
} from './series-data.js';
import { type TimeseriesEvaluation, WalkForward } from './walk-forward.js';
import { originsBetween, requireLength, splitInTime, type TimeParts } from './windows.js';

/**
 * Forecasts series: the scaling, the windows, a recurrent model of {@link createManyToOne} and an interval, in
 * one object that is saved and loaded as one.
 *
 * All steps of the horizon are forecast at once (the single-shot model of the TensorFlow tutorial); the
 * interval is that of split conformal prediction, for each step of the horizon by itself.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { TimeseriesForecaster } from 'tfjs-recurrent';
 *
 * const tides = Array.from({ length: 300 }, (_, hour) => 50 + 20 * Math.sin((Math.PI * hour) / 6));
 * const forecaster = await TimeseriesForecaster.train(tides, {
 *   ...{ window: 12, horizon: 3, units: 16, epochs: 30, learningRate: 0.01, seed: 1 },
 * });
 * const { values } = await forecaster.predict(tides); // hours 300, 301 and 302
 * console.log(values.map((value) => value.toFixed()).join(' '));
 * // 50 60 67
 * ```
 */
export class TimeseriesForecaster<Row extends Observation = number> {
  /** The model, from scaled windows [batch, window, columns] to [batch, horizon · targets], step by step. */
  readonly model: tfl.LayersModel;
  /** The names of the columns that it reads. */
  readonly columns: readonly string[];
  /** The names of the columns that it forecasts. */
  readonly targets: readonly string[];
  /** How many steps it reads. */
  readonly window: number;
  /** How many steps it forecasts. */
  readonly horizon: number;
  /** How the columns are scaled, as the training part has them. */
  readonly scaling: Scaling;
  /** Whether the model reads and tells targets as differences from the last step of the window. */
  readonly relative: boolean;
  /** How many of the values are to be within their interval. */
  readonly coverage: number;
  /** The loss of all epochs, in scaled units. */
  readonly history: TrainingHistory;

  readonly #state: ForecasterState;
  readonly #reading: Reading;

  private constructor(model: tfl.LayersModel, state: ForecasterState) {
    const { columns, targets, window, horizon, scaling, relative } = state;
    this.model = model;
    this.columns = columns.names;
    this.targets = targets;
    this.window = window;
    this.horizon = horizon;
    this.scaling = scaling;
    this.relative = relative;
    this.coverage = state.coverage;
    this.history = state.history;
    this.#state = state;
    this.#reading = readingOf(state);
  }

  /**
   * Learns to forecast series. The last fifth of each, or what `validationSplit` says, is not trained on and
   * not known to the scaling; the errors there make the interval.
   *
   * @param data A series by time, of numbers, lists or objects; or several, as `{ series: [first, second] }`.
   * @param options `window` is how many steps it reads, `horizon` how many it forecasts.
   * @throws RecurrentError when a step is no number or lacks a column, when a series is shorter than a window
   *   and its targets, when there is too little for an interval, when training ends in what is not a number, and
   *   for an option that does not exist or is out of its range.
   */
  static async train<Row extends Observation>(
    data: TimeseriesData<Row>,
    options: TimeseriesForecasterOptions,
  ): Promise<TimeseriesForecaster<Row>> {
    const where = 'TimeseriesForecaster.train';
    const settings = forecasterSettings(where, options);
    const series = seriesOf(where, data);
    const columns = columnsOf(where, series[0]!, settings.columns);
    const { targets = columns.names } = settings;
    requireTargets(where, targets, columns.names);
    const tables = series.map((one) => readTable(where, one, columns));
    const parts = splitInTime(where, tables, settings, settings.validationSplit);
    requireEnoughErrors(where, parts.validation.length, settings.coverage);
    await ready();
    const width = columns.names.length;
    const state = {
      ...{ columns, targets, window: settings.window, horizon: settings.horizon },
      scaling: fitScaling(settings.scaling, parts.stretches, width),
      relative: settings.relative,
      coverage: settings.coverage,
    };
    const reading = readingOf(state);
    const model = manyToOne(modelSettings(where, settings, width, targets.length));
    try {
      const history = await fit(model, reading, tables, parts, settings);
      const errors = await errorsAt(where, model, reading, tables, parts);
      return new TimeseriesForecaster<Row>(model, {
        ...state,
        radius: conformalRadius(errors, state.coverage),
        naiveErrors: naiveErrors(parts.stretches, reading.places, width),
        history,
      });
    } catch (error) {
      model.dispose();
      throw error;
    }
  }

  /**
   * Forecasts what follows.
   *
   * @param recent What has been observed last, by time, in the form and with the columns of training: at least
   *   `window` steps, of which the last are read.
   * @returns `horizon` steps in the units of the data, each in the form of the observations.
   * @throws RecurrentError when there are fewer steps, or one is not as those of training.
   */
  async predict(recent: ArrayLike<Row>): Promise<Forecast<Row>> {
    const where = 'TimeseriesForecaster.predict';
    const table = recentTable(where, recent, this.#state);
    let forecast: Forecast<Row> | undefined;
    await forecastAt(
      where,
      this.model,
      this.#reading,
      [table],
      [{ series: 0, time: this.window }],
      (_, values) => {
        forecast = toForecast<Row>(values, this.#state);
      },
    );
    return forecast!;
  }

  /**
   * Walks forward through series that were not trained on: at each step it forecasts the next `horizon` from the
   * `window` before, and compares with what came. The same windows are forecast by the last value
   * that is known (naive), and with `seasonalPeriod` by the value of a season ago.
   *
   * @param data As for {@link TimeseriesForecaster.train}. The first window, or season where that is longer, is
   *   only read.
   * @throws RecurrentError when a series is too short to hold a forecast, or a step is not as those of training.
   */
  async evaluate(
    data: TimeseriesData<Row>,
    options: TimeseriesEvaluateOptions = {},
  ): Promise<TimeseriesEvaluation> {
    const where = 'TimeseriesForecaster.evaluate';
    const { seasonalPeriod, stride } = evaluateSettings(where, options);
    const { columns, targets, horizon, radius, naiveErrors, window } = this.#state;
    const tables = seriesOf(where, data).map((one) => readTable(where, one, columns));
    const first = Math.max(window, seasonalPeriod ?? 0);
    const origins = tables.flatMap((table, series) => {
      requireLength(where, table, { window, horizon });
      if (table.time < first + horizon) {
        reject({
          where,
          expected: `${table.name} must have at least ${first + horizon} steps, a season and a horizon`,
          received: table.time,
          remedy: 'Give a longer series, or leave seasonalPeriod out.',
          see: 'series-too-short',
        });
      }
      return originsBetween(series, first, table.time - horizon, stride);
    });
    const walk = new WalkForward({
      ...{ tables, width: columns.names.length, targets, places: this.#reading.places },
      ...{ horizon, radius, naiveErrors, seasonalPeriod },
    });
    await forecastAt(where, this.model, this.#reading, tables, origins, (origin, values) =>
      walk.add(origin, values),
    );
    return walk.evaluation();
  }

  /**
   * Saves model, scaling, columns and interval together, as a model that every loader of TensorFlow.js reads
   * and whose metadata {@link TimeseriesForecaster.load} understands.
   *
   * @param ioHandler A handler, such as `fileSystem(directory)` of `tfjs-recurrent/node` or those of `tf.io`,
   *   or a URL such as `indexeddb://tides`.
   * @returns What the handler returned.
   * @throws RecurrentError when the handler cannot save.
   */
  async save(ioHandler: tf.io.IOHandler | string): Promise<tf.io.SaveResult> {
    return saveForecaster('TimeseriesForecaster.save', this.model, this.#state, ioHandler);
  }

  /**
   * Loads a forecaster, which forecasts exactly as the saved one on the same backend. Calls
   * {@link registerLayers}, so that every model loaded afterwards has our layers.
   *
   * @param ioHandler What it was saved to, or a URL of its `model.json`.
   * @throws RecurrentError when the handler cannot load, or when what it loads was not saved by
   *   {@link TimeseriesForecaster.save} or is damaged.
   */
  static async load<Row extends Observation = number>(
    ioHandler: tf.io.IOHandler | string,
  ): Promise<TimeseriesForecaster<Row>> {
    await ready();
    const { model, state } = await loadForecaster('TimeseriesForecaster.load', ioHandler);
    return new TimeseriesForecaster<Row>(model, state);
  }

  /** Frees the memory of the model and of its optimizer; the forecaster is of no use afterwards. */
  dispose(): void {
    this.model.dispose();
  }
}

function requireTargets(
  where: string,
  targets: readonly string[],
  columns: readonly string[],
): void {
  requireDistinct(where, 'targets', targets);
  const unknown = targets.find((target) => !columns.includes(target));
  if (unknown === undefined) return;
  reject({
    where,
    expected: `targets must be among the columns ${columns.join(', ')}`,
    received: unknown,
    remedy: 'What is forecast is also read.',
  });
}

/** Trains a model on the training part, and tells its loss on the other. */
async function fit(
  model: tfl.LayersModel,
  reading: Reading,
  tables: readonly Table[],
  parts: TimeParts,
  { batchSize, epochs, seed, callbacks }: ForecasterSettings,
): Promise<TrainingHistory> {
  const { x, y } = samplesAt(reading, tables, parts.training);
  const validation = samplesAt(reading, tables, parts.validation);
  try {
    return await fitWithSeed(model, x, y, {
      ...{ batchSize, epochs },
      seed: seed ?? Math.floor(Math.random() * 2 ** 32),
      validationData: [validation.x, validation.y],
      ...(callbacks && { callbacks }),
    });
  } finally {
    tf.dispose([x, y, validation.x, validation.y]);
  }
}

/** The sizes of the errors on the validation part: a list for each value of a forecast. */
async function errorsAt(
  where: string,
  model: tfl.LayersModel,
  reading: Reading,
  tables: readonly Table[],
  { validation }: TimeParts,
): Promise<Float64Array[]> {
  const { places, horizon, scaling } = reading;
  const errors = Array.from(
    { length: horizon * places.length },
    () => new Float64Array(validation.length),
  );
  let window = 0;
  await forecastAt(where, model, reading, tables, validation, (origin, values) => {
    errors.forEach((list, i) => {
      const column = places[i % places.length]!;
      const came = actual(tables, scaling.offset.length, column, origin);
      list[window] = Math.abs(values[i]! - came(Math.floor(i / places.length)));
    });
    window++;
  });
  return errors;
}
