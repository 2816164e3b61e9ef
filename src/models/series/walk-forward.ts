/** Walk-forward evaluation: forecasts from every step of a series, compared with what came. */
import {
  actual,
  type Baseline,
  type ForecastScores,
  meanScores,
  naive,
  ScoreKeeper,
  seasonalNaive,
} from './scores.js';
import type { Table } from './series-data.js';
import type { Origin } from './windows.js';

/** The scores of one column, or the means of all. */
export interface ColumnEvaluation {
  /** Of the forecaster. */
  forecast: ForecastScores;
  /** Of forecasting the last value that is known. */
  naive: ForecastScores;
  /** Of forecasting the value of a season ago; only with `seasonalPeriod`. */
  seasonalNaive?: ForecastScores;
  /** The fraction of values within their intervals: near the `coverage` that was asked for. */
  coverage: number;
}

/** What `TimeseriesForecaster.evaluate` finds: means over all targets, and each target by itself. */
export interface TimeseriesEvaluation extends ColumnEvaluation {
  /** How many forecasts were made, each of all steps of the horizon. */
  windows: number;
  /** Each target by its name. */
  columns: Record<string, ColumnEvaluation>;
}

/** Series, and what to compare in them. */
export interface Walk {
  tables: readonly Table[];
  /** How many columns the tables have. */
  width: number;
  /** The names of the targets, and where they are among the columns. */
  targets: readonly string[];
  places: readonly number[];
  horizon: number;
  /** How far each value may be off. [horizon · targets] */
  radius: readonly number[];
  naiveErrors: readonly number[];
  seasonalPeriod: number | undefined;
}

/** Takes forecasts as they are made, and tells their scores. */
export class WalkForward {
  readonly #walk: Walk;
  readonly #baselines: [keyof Pick<ColumnEvaluation, 'naive' | 'seasonalNaive'>, Baseline][];
  readonly #ofForecast: ScoreKeeper[];
  readonly #ofBaselines: ScoreKeeper[][];
  readonly #within: number[];
  #windows = 0;

  constructor(walk: Walk) {
    const { tables, width, horizon, targets, seasonalPeriod } = walk;
    this.#walk = walk;
    this.#baselines = [['naive', naive(tables, width)]];
    if (seasonalPeriod !== undefined) {
      this.#baselines.push(['seasonalNaive', seasonalNaive(tables, width, seasonalPeriod)]);
    }
    const keepers = () => targets.map(() => new ScoreKeeper(horizon));
    this.#ofForecast = keepers();
    this.#ofBaselines = this.#baselines.map(keepers);
    this.#within = targets.map(() => 0);
  }

  /** @param values [horizon · targets], in the units of the data. */
  add(origin: Origin, values: ArrayLike<number>): void {
    const { tables, width, places, horizon, radius } = this.#walk;
    places.forEach((column, target) => {
      const came = actual(tables, width, column, origin);
      const place = (step: number) => step * places.length + target;
      this.#ofForecast[target]!.add((step) => values[place(step)]!, came);
      this.#baselines.forEach(([, baseline], i) => {
        this.#ofBaselines[i]![target]!.add(baseline(column, origin), came);
      });
      for (let step = 0; step < horizon; step++) {
        const off = Math.abs(values[place(step)]! - came(step));
        if (off <= radius[place(step)]!) this.#within[target]!++;
      }
    });
    this.#windows++;
  }

  evaluation(): TimeseriesEvaluation {
    const { targets, horizon, naiveErrors } = this.#walk;
    const columns = targets.map((_, target): ColumnEvaluation => {
      const scoresOf = (keepers: readonly ScoreKeeper[]) =>
        keepers[target]!.scores(naiveErrors[target]!);
      return {
        forecast: scoresOf(this.#ofForecast),
        ...(Object.fromEntries(
          this.#baselines.map(([name], i) => [name, scoresOf(this.#ofBaselines[i]!)]),
        ) as Pick<ColumnEvaluation, 'naive' | 'seasonalNaive'>),
        coverage: this.#within[target]! / (this.#windows * horizon),
      };
    });
    const { seasonalNaive: hasSeasons } = columns[0]!;
    return {
      windows: this.#windows,
      forecast: meanScores(columns.map(({ forecast }) => forecast)),
      naive: meanScores(columns.map((column) => column.naive)),
      ...(hasSeasons && {
        seasonalNaive: meanScores(columns.map((column) => column.seasonalNaive!)),
      }),
      coverage: columns.reduce((sum, { coverage }) => sum + coverage, 0) / columns.length,
      columns: Object.fromEntries(targets.map((name, target) => [name, columns[target]!])),
    };
  }
}
