import { BACKENDS, type Backend } from '../shared/backends.js';
import { oneOf, parseOptions, UsageError, whole } from '../shared/options.js';

/** Everything that decides what a run computes. */
export interface Settings {
  /** A CSV file, or `null` for the example's own series. */
  data: string | null;
  /** The columns of the file that are read; the first one is forecast. */
  columns: string[];
  /** Steps that the model reads. */
  window: number;
  /** Steps that it forecasts. */
  horizon: number;
  /** Steps of the seasons whose naive forecasts are compared. */
  seasons: number[];
  /** How many runs there are, each from a seed of its own. */
  seeds: number;
  epochs: number;
  batchSize: number;
  units: number;
  learningRate: number;
  backend: Backend;
  /** How long the example's own series is. */
  hours: number;
}

/** What the command line asks for. */
export type Command = { name: 'help' } | { name: 'run'; settings: Settings; out: string };

/** The defaults. */
export const DEFAULTS: Settings = {
  data: null,
  columns: [],
  window: 48,
  horizon: 24,
  seasons: [],
  seeds: 5,
  epochs: 10,
  batchSize: 32,
  units: 32,
  learningRate: 0.003,
  backend: 'cpu',
  hours: 26 * 7 * 24,
};

/** The seasons of the example's own series: a day and a week of hours. */
export const SAMPLE_SEASONS = [24, 168];

export const HELP = `Forecasts a series with an LSTM, beside the naive forecasts, on several seeds.

  npm run demo:forecast -- [options]

Data
  --data FILE        a CSV of yours, a line a step (default: a series that is made up)
  --column NAME      a column to read; the first that is named is forecast, the others
                     help. Can be left out where the file has a single column
  --hours N          ${DEFAULTS.hours}; how long the made-up series is

Forecast
  --window N         ${DEFAULTS.window}; steps that the model reads
  --horizon N        ${DEFAULTS.horizon}; steps that it forecasts
  --season N         compare with the value N steps ago, too; may be given several times
                     (default for the made-up series: ${SAMPLE_SEASONS.join(' and ')})

Training
  --seeds N          ${DEFAULTS.seeds}; runs, from the seeds 0, 1, 2 and so on
  --epochs N         ${DEFAULTS.epochs}
  --backend NAME     cpu (the default) or wasm

Results
  --out DIR          runs/forecast
  --help
`;

/**
 * Reads the command line.
 *
 * @param args What follows the script's name.
 * @throws {UsageError} When an option is unknown, lacks its value or has a bad one.
 */
export function readOptions(args: readonly string[]): Command {
  const values = parseOptions(args, {
    data: { type: 'string' },
    column: { type: 'string', multiple: true },
    hours: { type: 'string' },
    window: { type: 'string' },
    horizon: { type: 'string' },
    season: { type: 'string', multiple: true },
    seeds: { type: 'string' },
    epochs: { type: 'string' },
    backend: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) return { name: 'help' };
  if (values.data === '' || values.out === '') {
    throw new UsageError(`--${values.data === '' ? 'data' : 'out'} needs a path, received "".`);
  }
  if (values.data === undefined && values.column !== undefined) {
    throw new UsageError('--column names a column of a file. Give the file with --data.');
  }
  if (values.data !== undefined && values.hours !== undefined) {
    throw new UsageError('--hours is the length of the made-up series. Leave it out with --data.');
  }
  const seasons = values.season?.map((season) => whole('season', season, 1)!);
  const settings: Settings = {
    ...DEFAULTS,
    data: values.data ?? null,
    columns: values.column ?? [],
    seasons: seasons ?? (values.data === undefined ? SAMPLE_SEASONS : []),
    backend: oneOf('backend', values.backend ?? DEFAULTS.backend, BACKENDS),
    hours: whole('hours', values.hours, 1) ?? DEFAULTS.hours,
    window: whole('window', values.window, 1) ?? DEFAULTS.window,
    horizon: whole('horizon', values.horizon, 1) ?? DEFAULTS.horizon,
    seeds: whole('seeds', values.seeds, 1) ?? DEFAULTS.seeds,
    epochs: whole('epochs', values.epochs, 1) ?? DEFAULTS.epochs,
  };
  return { name: 'run', settings, out: values.out ?? 'runs/forecast' };
}
