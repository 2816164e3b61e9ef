import { BACKENDS, type Backend } from '../shared/backends.js';
import type { PresetCommand } from './presets.js';
import { oneOf, parseOptions, UsageError, whole } from '../shared/options.js';

/** Everything that decides what a run computes. The defaults are the article's. */
export interface Settings {
  /** The folder `aclImdb`, its archive, or `null` for the sample. */
  data: string | null;
  /** Whether validation is drawn at random, or cut from the end of the data as published. */
  split: 'shuffled' | 'as-published';
  recurrentActivation: 'sigmoid' | 'hardSigmoid';
  epochs: number;
  batchSize: number;
  backend: Backend;
  seed: number;
  /** At most this many reviews of each half, equally many of both classes; `null` takes all. */
  limit: number | null;
  vocabularySize: number;
  sequenceLength: number;
  embeddingDim: number;
  lstmUnits: number;
  denseUnits: number;
  dropoutRate: number;
  learningRate: number;
  validationSplit: number;
}

/** What the command line asks for. */
export type Command =
  | { name: 'help' }
  | { name: 'train'; settings: Settings; out: string; resume: boolean }
  | PresetCommand
  | {
      name: 'predict' | 'explain';
      text: string;
      out: string | null;
      backend: Settings['backend'];
    };

/** The article's experiment. */
export const ARTICLE: Omit<Settings, 'data'> = {
  split: 'shuffled',
  recurrentActivation: 'sigmoid',
  epochs: 10,
  batchSize: 100,
  backend: 'cpu',
  seed: 0,
  limit: null,
  vocabularySize: 4000,
  sequenceLength: 300,
  embeddingDim: 32,
  lstmUnits: 32,
  denseUnits: 256,
  dropoutRate: 0.2,
  learningRate: 0.001,
  validationSplit: 0.2,
};

/** Where the sample departs from the article: it has 3,000 reviews to learn from, not 25,000. */
export const SAMPLE: Partial<Settings> = { epochs: 5, batchSize: 32 };

export const HELP = `Learns to tell good film reviews from bad ones, with an LSTM.

  npm run demo -- [options]

Data
  --sample                     invented reviews, nothing to download (the default)
  --data PATH                  the Large Movie Review Dataset: the folder aclImdb
                               or the archive aclImdb_v1.tar.gz
  --limit N                    at most N reviews of each half
  --split shuffled             draw the validation fifth at random (the default)
  --split as-published         cut it from the end of the data, as the article does

Training
  --epochs N                   ${ARTICLE.epochs}; for the sample ${SAMPLE.epochs}
  --batch-size N               ${ARTICLE.batchSize}; for the sample ${SAMPLE.batchSize}
  --recurrent-activation NAME  sigmoid (the default) or hardSigmoid
  --backend NAME               cpu (the default) or wasm
  --seed N                     ${ARTICLE.seed}; the same seed repeats a run exactly
  --resume                     go on from the last checkpoint in --out

Beyond the article
  --preset NAME                balanced or accurate: n-grams beside a bidirectional LSTM
  --seeds N                    runs with N seeds, from --seed on; 1

Results
  --out DIR                    runs/imdb; for the sample runs/sample
  --predict TEXT               judge a review with the model saved in --out
                               (without --out: the one trained last)
  --explain TEXT               judge it, and colour its words by what they add;
                               also as a page, explain.html
  --help
`;

/**
 * Reads the command line.
 *
 * @param args What follows the script's name.
 * @throws {UsageError} When an option is unknown, lacks its value or has a bad one.
 */
export function readOptions(args: readonly string[]): Command {
  const values = parse(args);
  if (values.help) return { name: 'help' };
  if (values.data !== undefined && values.sample) {
    throw new UsageError('--data and --sample exclude each other. Leave one of them out.');
  }
  if (values.data === '' || values.out === '') {
    throw new UsageError(`--${values.data === '' ? 'data' : 'out'} needs a path, received "".`);
  }

  const defaults = values.data === undefined ? { ...ARTICLE, ...SAMPLE } : ARTICLE;
  const settings: Settings = {
    ...defaults,
    data: values.data ?? null,
    split: oneOf('split', values.split ?? defaults.split, ['shuffled', 'as-published']),
    recurrentActivation: oneOf(
      'recurrent-activation',
      values['recurrent-activation'] ?? defaults.recurrentActivation,
      ['sigmoid', 'hardSigmoid'],
    ),
    backend: oneOf('backend', values.backend ?? defaults.backend, BACKENDS),
    epochs: whole('epochs', values.epochs, 1) ?? defaults.epochs,
    batchSize: whole('batch-size', values['batch-size'], 1) ?? defaults.batchSize,
    seed: whole('seed', values.seed, 0) ?? defaults.seed,
    limit: whole('limit', values.limit, 10) ?? defaults.limit,
  };

  if (values.predict !== undefined && values.explain !== undefined) {
    throw new UsageError('--predict and --explain exclude each other. --explain also judges.');
  }
  for (const name of ['predict', 'explain'] as const) {
    const text = values[name];
    if (text === undefined) continue;
    if (text.trim() === '') {
      throw new UsageError(`--${name} needs a review, received "". Try --${name} "A lovely film."`);
    }
    return { name, text, out: values.out ?? null, backend: settings.backend };
  }
  const { preset, seeds } = values;
  if (preset !== undefined) return presetCommand(settings, preset, seeds, values.out);
  if (seeds !== undefined) throw new UsageError('--seeds needs --preset.');
  const out = values.out ?? (settings.data === null ? SAMPLE_RUN : DATASET_RUN);
  return { name: 'train', settings, out, resume: values.resume ?? false };
}

/** What `--preset` asks for; it takes the data, the backend and the seed of the settings. */
function presetCommand(
  settings: Settings,
  name: string,
  seeds: string | undefined,
  out: string | undefined,
): PresetCommand {
  const preset = oneOf('preset', name, ['balanced', 'accurate']);
  const times = whole('seeds', seeds, 1) ?? 1;
  return { name: 'preset', preset, seeds: times, settings, out: out ?? `runs/${preset}` };
}

/** Where a run on the sample leaves its results. */
export const SAMPLE_RUN = 'runs/sample';

/** Where a run on the dataset leaves its results. */
export const DATASET_RUN = 'runs/imdb';

function parse(args: readonly string[]) {
  return parseOptions(args, {
    data: { type: 'string' },
    sample: { type: 'boolean' },
    split: { type: 'string' },
    'recurrent-activation': { type: 'string' },
    epochs: { type: 'string' },
    'batch-size': { type: 'string' },
    backend: { type: 'string' },
    seed: { type: 'string' },
    preset: { type: 'string' },
    seeds: { type: 'string' },
    limit: { type: 'string' },
    out: { type: 'string' },
    resume: { type: 'boolean' },
    predict: { type: 'string' },
    explain: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
}
