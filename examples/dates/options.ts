import { BACKENDS, type Backend } from '../shared/backends.js';
import { oneOf, parseOptions, UsageError, whole } from '../shared/options.js';

/** Everything that decides what a run computes. */
export interface Settings {
  /** How many dates to learn from, and how many to be tested on. */
  dates: number;
  test: number;
  epochs: number;
  batchSize: number;
  units: number;
  learningRate: number;
  seed: number;
  backend: Backend;
}

/** What the command line asks for. */
export type Command =
  | { name: 'help' }
  | { name: 'train'; settings: Settings; out: string }
  | { name: 'translate'; text: string; out: string; backend: Backend };

export const DEFAULTS: Settings = {
  dates: 10_000,
  test: 1_000,
  epochs: 5,
  batchSize: 64,
  units: 32,
  learningRate: 0.005,
  seed: 0,
  backend: 'cpu',
};

export const RUN = 'runs/dates';

export const HELP = `Learns to write dates that people wrote, such as "3rd of April 1997", as 1997-04-03.

  npm run demo:dates -- [options]

  --dates N        dates to learn from, ${DEFAULTS.dates}
  --test N         dates to be tested on, ${DEFAULTS.test}
  --epochs N       ${DEFAULTS.epochs}
  --units N        in each direction of the encoder, ${DEFAULTS.units}
  --backend NAME   cpu (the default) or wasm
  --seed N         ${DEFAULTS.seed}; the same seed repeats a run exactly
  --out DIR        ${RUN}
  --translate TEXT write a date with the model saved in --out
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
    dates: { type: 'string' },
    test: { type: 'string' },
    epochs: { type: 'string' },
    units: { type: 'string' },
    backend: { type: 'string' },
    seed: { type: 'string' },
    out: { type: 'string' },
    translate: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) return { name: 'help' };
  if (values.out === '') throw new UsageError('--out needs a path, received "".');
  const out = values.out ?? RUN;
  const backend = oneOf('backend', values.backend ?? DEFAULTS.backend, BACKENDS);
  if (values.translate !== undefined) {
    if (values.translate.trim() === '') {
      throw new UsageError('--translate needs a date, received "". Try --translate "4 July 1976".');
    }
    return { name: 'translate', text: values.translate, out, backend };
  }
  const settings: Settings = {
    ...DEFAULTS,
    dates: whole('dates', values.dates, 100) ?? DEFAULTS.dates,
    test: whole('test', values.test, 1) ?? DEFAULTS.test,
    epochs: whole('epochs', values.epochs, 1) ?? DEFAULTS.epochs,
    units: whole('units', values.units, 1) ?? DEFAULTS.units,
    seed: whole('seed', values.seed, 0) ?? DEFAULTS.seed,
    backend,
  };
  return { name: 'train', settings, out };
}
