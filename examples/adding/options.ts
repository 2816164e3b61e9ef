import { BACKENDS, type Backend } from '../shared/backends.js';
import { oneOf, parseOptions, UsageError, whole } from '../shared/options.js';

/** Everything that decides what a run computes. */
export interface Settings {
  /** Steps of the sequences, each with networks of its own. */
  lengths: readonly number[];
  /** Batches to learn from, at most: whoever has learnt it stops. */
  steps: number;
  batchSize: number;
  units: number;
  learningRate: number;
  seed: number;
  backend: Backend;
  /** The folder `aclImdb` or its archive; null for the invented reviews. */
  data: string | null;
  /** Reviews of each half to learn from and to look at. */
  reviews: number;
}

/** What the command line asks for. */
export type Command = { name: 'help' } | { name: 'train'; settings: Settings; out: string };

export const DEFAULTS: Settings = {
  lengths: [50, 100, 200, 400],
  steps: 1200,
  batchSize: 32,
  units: 32,
  learningRate: 0.005,
  seed: 0,
  backend: 'cpu',
  data: null,
  reviews: 2000,
};

const RUN = 'runs/adding';

export const HELP = `Measures how far the gradient of a loss reaches back in time, and what follows for learning.

  npm run demo:gradients -- [options]

  --lengths LIST    ${DEFAULTS.lengths.join(',')}; steps of the sequences
  --steps N         ${DEFAULTS.steps}; batches to learn from, at most
  --units N         ${DEFAULTS.units}
  --data PATH       reviews for the sentiment model: the folder aclImdb or aclImdb_v1.tar.gz;
                    invented ones by default
  --reviews N       ${DEFAULTS.reviews}; how many of them to learn from
  --seed N          ${DEFAULTS.seed}; the same seed repeats a run exactly
  --backend NAME    cpu (the default) or wasm
  --out DIR         ${RUN}
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
    lengths: { type: 'string' },
    steps: { type: 'string' },
    units: { type: 'string' },
    data: { type: 'string' },
    reviews: { type: 'string' },
    seed: { type: 'string' },
    backend: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) return { name: 'help' };
  const { out = RUN, data = null } = values;
  if (out === '') throw new UsageError('--out needs a path, received "".');
  if (data === '') throw new UsageError('--data needs a path, received "".');
  const settings: Settings = {
    ...DEFAULTS,
    lengths: values.lengths === undefined ? DEFAULTS.lengths : lengthsOf(values.lengths),
    steps: whole('steps', values.steps, 1) ?? DEFAULTS.steps,
    units: whole('units', values.units, 1) ?? DEFAULTS.units,
    reviews: whole('reviews', values.reviews, 100) ?? DEFAULTS.reviews,
    seed: whole('seed', values.seed, 0) ?? DEFAULTS.seed,
    backend: oneOf('backend', values.backend ?? DEFAULTS.backend, BACKENDS),
    data,
  };
  return { name: 'train', settings, out };
}

function lengthsOf(text: string): number[] {
  const lengths = text.split(',').map((part) => whole('lengths', part.trim(), 4)!);
  if (lengths.every((length, i) => i === 0 || length > lengths[i - 1]!)) return lengths;
  throw new UsageError(`--lengths must rise, as in 50,100, received ${JSON.stringify(text)}.`);
}
