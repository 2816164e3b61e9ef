/** The options that the examples on data of their own have in common. */
import { BACKENDS, type Backend } from './backends.js';
import { oneOf, parseOptions, UsageError, whole } from './options.js';

/** What decides what a run computes. */
export interface RunSettings {
  epochs: number;
  batchSize: number;
  seed: number;
  /** Samples to learn from. */
  samples: number;
  backend: Backend;
}

/** What the command line asks for. */
export type RunCommand =
  | { name: 'help' }
  | { name: 'train'; settings: RunSettings; out: string }
  | { name: 'ask'; text: string; out: string; backend: Backend };

/** What an example says about itself. */
export interface ExampleKind {
  defaults: RunSettings;
  /** Where a run leaves its results. */
  out: string;
  /** The option that asks the saved model something, and what to try. */
  ask: string;
  askExample: string;
}

/** The lines of the help about these options. */
export const RUN_HELP = ({ defaults, out }: Pick<ExampleKind, 'defaults' | 'out'>): string => `
  --samples N       ${defaults.samples}; samples to learn from
  --epochs N        ${defaults.epochs}
  --batch-size N    ${defaults.batchSize}
  --seed N          ${defaults.seed}; the same seed repeats a run exactly
  --backend NAME    ${defaults.backend} (the default) or ${BACKENDS.find((name) => name !== defaults.backend)}
  --out DIR         ${out}
  --help
`;

/**
 * Reads the command line.
 *
 * @throws {UsageError} When an option is unknown, lacks its value or has a bad one.
 */
export function readRunOptions(args: readonly string[], kind: ExampleKind): RunCommand {
  const { defaults, ask } = kind;
  const values = parseOptions(args, {
    samples: { type: 'string' },
    epochs: { type: 'string' },
    'batch-size': { type: 'string' },
    seed: { type: 'string' },
    backend: { type: 'string' },
    out: { type: 'string' },
    [ask]: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  }) as Record<string, string | undefined> & { help?: boolean };
  if (values.help) return { name: 'help' };
  const { out = kind.out } = values;
  if (out === '') throw new UsageError('--out needs a path, received "".');
  const backend = oneOf('backend', values.backend ?? defaults.backend, BACKENDS);
  const text = values[ask];
  if (text !== undefined) {
    if (text.trim() !== '') return { name: 'ask', text, out, backend };
    throw new UsageError(`--${ask} needs a text, received "". Try --${ask} "${kind.askExample}".`);
  }
  const settings = {
    samples: whole('samples', values.samples, 20) ?? defaults.samples,
    epochs: whole('epochs', values.epochs, 1) ?? defaults.epochs,
    batchSize: whole('batch-size', values['batch-size'], 1) ?? defaults.batchSize,
    seed: whole('seed', values.seed, 0) ?? defaults.seed,
    backend,
  };
  return { name: 'train', settings, out };
}
