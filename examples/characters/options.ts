import { BACKENDS, type Backend } from '../shared/backends.js';
import { oneOf, parseOptions, UsageError, whole } from '../shared/options.js';

/** Everything that decides what a run computes. */
export interface Settings {
  /** The least number of characters of the log. */
  characters: number;
  epochs: number;
  batchSize: number;
  /** Characters of a sequence that is trained on. */
  sequenceLength: number;
  units: number;
  embeddingDim: number;
  learningRate: number;
  seed: number;
  backend: Backend;
}

/** What the command line asks for. */
export type Command =
  | { name: 'help' }
  | { name: 'train'; settings: Settings; out: string }
  | {
      name: 'write';
      prompt: string;
      temperature: number;
      length: number;
      seed: number;
      out: string;
      backend: Backend;
    };

export const DEFAULTS: Settings = {
  characters: 160_000,
  epochs: 32,
  batchSize: 16,
  sequenceLength: 100,
  units: 128,
  embeddingDim: 32,
  learningRate: 0.005,
  seed: 0,
  backend: 'cpu',
};

/** Where a run leaves its results. */
export const RUN = 'runs/characters';

export const HELP = `Learns to write the log of a lighthouse, character by character.

  npm run demo:characters -- [options]

Training
  --epochs N          ${DEFAULTS.epochs}
  --units N           ${DEFAULTS.units} of the LSTM
  --batch-size N      ${DEFAULTS.batchSize} sequences of ${DEFAULTS.sequenceLength} characters
  --characters N      ${DEFAULTS.characters} of the log, a tenth of them held out
  --backend NAME      cpu (the default) or wasm
  --seed N            ${DEFAULTS.seed}; the same seed repeats a run exactly

Results
  --out DIR           ${RUN}
  --prompt TEXT       go on from TEXT with the model saved in --out
  --temperature T     1; below it, the likely becomes likelier
  --length N          400 characters
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
    epochs: { type: 'string' },
    units: { type: 'string' },
    'batch-size': { type: 'string' },
    characters: { type: 'string' },
    backend: { type: 'string' },
    seed: { type: 'string' },
    out: { type: 'string' },
    prompt: { type: 'string' },
    temperature: { type: 'string' },
    length: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) return { name: 'help' };
  const { out = RUN } = values;
  if (out === '') throw new UsageError('--out needs a path, received "".');
  const backend = oneOf('backend', values.backend ?? DEFAULTS.backend, BACKENDS);
  const seed = whole('seed', values.seed, 0) ?? DEFAULTS.seed;
  const length = whole('length', values.length, 1) ?? 400;
  const temperature = temperatureOf(values.temperature ?? '1');
  if (values.prompt !== undefined) {
    if (values.prompt === '') {
      throw new UsageError('--prompt needs a text, received "". Try --prompt "Monday, ".');
    }
    return { name: 'write', prompt: values.prompt, temperature, length, seed, out, backend };
  }
  const settings: Settings = {
    ...DEFAULTS,
    epochs: whole('epochs', values.epochs, 1) ?? DEFAULTS.epochs,
    units: whole('units', values.units, 1) ?? DEFAULTS.units,
    batchSize: whole('batch-size', values['batch-size'], 1) ?? DEFAULTS.batchSize,
    characters: whole('characters', values.characters, 10_000) ?? DEFAULTS.characters,
    seed,
    backend,
  };
  return { name: 'train', settings, out };
}

function temperatureOf(value: string): number {
  const temperature = Number(value);
  if (value.trim() !== '' && temperature >= 0 && Number.isFinite(temperature)) return temperature;
  throw new UsageError(
    `--temperature must be a number of at least 0, received ${JSON.stringify(value)}.`,
  );
}
