import type { ForecastScores } from 'tfjs-recurrent';
import type { Settings } from './options.js';

/** The mean of a score over the seeds, and its standard deviation. */
export interface Spread {
  mean: number;
  deviation: number;
}

/** The scores that are printed. */
export const SCORES = ['mae', 'rmse', 'mase'] as const;
export type Scores = Pick<ForecastScores, (typeof SCORES)[number]>;

/** One run. */
export interface SeedResult extends Scores {
  seed: number;
  /** The fraction of held-out values within their intervals. */
  coverage: number;
  seconds: number;
}

/** All runs in figures: `result.json`. */
export interface RunResult {
  settings: Settings;
  steps: { train: number; test: number };
  seeds: SeedResult[];
  forecaster: Record<keyof Scores | 'coverage', Spread>;
  naive: Scores;
  /** By the steps of the season. */
  seasonalNaive: Record<string, Scores>;
  /** On how many seeds the forecaster's mean absolute error is less than that of the naive forecast. */
  betterThanNaive: number;
  /** Wall time of each stage, and of all. */
  seconds: Record<string, number>;
}

/** The mean, and the deviation of a sample; none of a single value. */
export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}

/** The scores side by side, as they are printed. */
export function tableOf({ seeds, forecaster, naive, seasonalNaive }: RunResult): string {
  const shown = (value: number) => value.toPrecision(4);
  const ours = SCORES.map((score) => {
    const { mean, deviation } = forecaster[score];
    return `${shown(mean)} ± ${deviation.toPrecision(2)}`;
  });
  const plain = (scores: Scores) => SCORES.map((score) => shown(scores[score]));
  const rows = [
    ['', ...SCORES.map((score) => score.toUpperCase())],
    [`forecaster, ${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'}`, ...ours],
    ['naive: as the last step', ...plain(naive)],
    ...Object.entries(seasonalNaive).map(([season, scores]) => [
      `seasonal naive: as ${season} steps ago`,
      ...plain(scores),
    ]),
  ];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}
