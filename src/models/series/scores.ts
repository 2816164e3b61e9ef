/** How far forecasts are from what came, and the forecasts that cost nothing. */
import type { Origin } from './windows.js';
import type { Table } from './series-data.js';

/** The errors of forecasts over all windows and all steps of the horizon. */
export interface ForecastScores {
  /** The mean absolute error, in the units of the data. */
  mae: number;
  /** The root of the mean squared error, in the units of the data, which large errors weigh on. */
  rmse: number;
  /**
   * The mean absolute error, divided by that of forecasting each step of the training data by the one before
   * it: has no unit, and compares series. NaN for a column that never changed in training.
   *
   * Source: Hyndman and Koehler 2006, "Another look at measures of forecast accuracy", without seasons.
   */
  mase: number;
  /** The mean absolute error of each step of the horizon, the nearest first. */
  maeByStep: number[];
}

/** Gathers the errors of the forecasts of one column. */
export class ScoreKeeper {
  readonly #absolute: Float64Array; // [horizon]
  #squares = 0;
  #windows = 0;

  constructor(horizon: number) {
    this.#absolute = new Float64Array(horizon);
  }

  /** Adds the forecasts of a window: `forecast` and `actual` give a value a step. */
  add(forecast: (step: number) => number, actual: (step: number) => number): void {
    const absolute = this.#absolute;
    for (let step = 0; step < absolute.length; step++) {
      const error = forecast(step) - actual(step);
      absolute[step]! += Math.abs(error);
      this.#squares += error * error;
    }
    this.#windows++;
  }

  /** @param naiveError The mean absolute difference of neighbouring steps of the training data. */
  scores(naiveError: number): ForecastScores {
    const horizon = this.#absolute.length;
    const maeByStep = Array.from(this.#absolute, (sum) => sum / this.#windows);
    const mae = maeByStep.reduce((sum, each) => sum + each, 0) / horizon;
    return {
      mae,
      rmse: Math.sqrt(this.#squares / (this.#windows * horizon)),
      mase: naiveError > 0 ? mae / naiveError : Number.NaN,
      maeByStep,
    };
  }
}

/** The mean of the scores of several columns; one that has no MASE does not count in it. */
export function meanScores(scores: readonly ForecastScores[]): ForecastScores {
  const mases = scores.map(({ mase }) => mase).filter((mase) => !Number.isNaN(mase));
  return {
    mae: mean(scores.map(({ mae }) => mae)),
    rmse: mean(scores.map(({ rmse }) => rmse)),
    mase: mean(mases),
    maeByStep: scores[0]!.maeByStep.map((_, step) =>
      mean(scores.map(({ maeByStep }) => maeByStep[step]!)),
    ),
  };
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** A forecast of one column of a table, from an origin: the value of each step from 0 on. */
export type Baseline = (column: number, origin: Origin) => (step: number) => number;

/** Forecasts that nothing will change: the last value that is known. */
export function naive(tables: readonly Table[], width: number): Baseline {
  return (column, { series, time }) => {
    const last = tables[series]!.values[(time - 1) * width + column]!;
    return () => last;
  };
}

/** Forecasts that everything will be as a season ago, or as many seasons ago as it takes to be known. */
export function seasonalNaive(tables: readonly Table[], width: number, period: number): Baseline {
  return (column, { series, time }) => {
    const { values } = tables[series]!;
    return (step) => values[(time + (step % period) - period) * width + column]!;
  };
}

/** The mean absolute difference of neighbouring steps in each of the given columns. */
export function naiveErrors(
  stretches: readonly { table: Table; from: number; to: number }[],
  columns: readonly number[],
  width: number,
): number[] {
  return columns.map((column) => {
    let [sum, count] = [0, 0];
    for (const { table, from, to } of stretches) {
      for (let time = from + 1; time < to; time++) {
        const at = time * width + column;
        sum += Math.abs(table.values[at]! - table.values[at - width]!);
        count++;
      }
    }
    return count === 0 ? 0 : sum / count;
  });
}

/** What is known of a series when its targets are looked up. */
export function actual(
  tables: readonly Table[],
  width: number,
  column: number,
  { series, time }: Origin,
): (step: number) => number {
  const { values } = tables[series]!;
  return (step) => values[(time + step) * width + column]!;
}
