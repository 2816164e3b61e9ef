/** What is observed before a forecast, and the forecast. Without TensorFlow.js. */
import { reject } from '../../foundation/errors.js';
import type { ForecastState } from './forecaster-state.js';
import {
  inForm,
  type Observation,
  type Predicted,
  readTable,
  seriesOf,
  type Table,
} from './series-data.js';

/** The steps that follow, the next one first, each in the form of the observations. */
export interface Forecast<Row extends Observation> {
  values: Predicted<Row>[];
  /** The lower ends of the intervals. */
  lower: Predicted<Row>[];
  /** The upper ends. */
  upper: Predicted<Row>[];
}

const SIDES = [
  ['values', 0],
  ['lower', -1],
  ['upper', 1],
] as const;

/**
 * The window at the end of what has been observed.
 *
 * @throws RecurrentError when there are fewer steps, or one is not as those of training.
 */
export function recentTable(
  where: string,
  recent: unknown,
  { columns, window }: Pick<ForecastState, 'columns' | 'window'>,
): Table {
  const all = seriesOf(where, recent);
  const [, series] = all[0]!;
  if (series !== recent) {
    reject({
      where,
      expected: 'recent must be one series',
      received: recent,
      remedy: 'Call predict for each of several.',
    });
  }
  if (series.length < window) {
    reject({
      where,
      expected: `recent must have at least ${window} steps, which are a window`,
      received: series.length,
      remedy: 'Give more of what was observed before.',
      see: 'series-too-short',
    });
  }
  const last = Array.prototype.slice.call(series, series.length - window) as unknown[];
  return readTable(where, ['recent', last], columns);
}

/** Values [horizon · targets] and their intervals in the form of the observations. */
export function toForecast<Row extends Observation>(
  values: ArrayLike<number>,
  { columns, targets, horizon, radius }: ForecastState,
): Forecast<Row> {
  const forecast: Forecast<Row> = { values: [], lower: [], upper: [] };
  for (let step = 0; step < horizon; step++) {
    const from = step * targets.length;
    for (const [name, side] of SIDES) {
      const ofStep = targets.map((_, i) => values[from + i]! + side * radius[from + i]!);
      forecast[name].push(inForm(columns.form, targets, ofStep) as Predicted<Row>);
    }
  }
  return forecast;
}
