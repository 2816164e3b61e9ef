import { BACKENDS, type Backend } from '../shared/backends.js';
import { oneOf, parseOptions, UsageError, whole } from '../shared/options.js';

/** Everything that decides what a run computes. */
export interface Settings {
  /** The archive or folder of the real reviews; null for invented ones. */
  data: string | null;
  /** Reviews whose labels the classifiers learn from. */
  labelled: number;
  /** Reviews that the language model reads, without their labels; those with labels are among them. */
  unlabelled: number;
  /** Reviews with labels that nothing learns from: how much n-grams count is fitted on them; 0 for no n-grams. */
  validation: number;
  /** Reviews that are tested on. */
  test: number;
  vocabularySize: number;
  /** Words of a review that are read: the last ones. */
  sequenceLength: number;
  embeddingDim: number;
  units: number;
  /** What a classifier takes of all states: the largest value of each unit, or their mean. */
  pooling: Pooling;
  /** Words that are drawn for each step of the language model. */
  numSampled: number;
  languageEpochs: number;
  epochs: number;
  batchSize: number;
  /** Of adversarial training of the classifiers; 0 for none. */
  epsilon: number;
  seed: number;
  backend: Backend;
}

const POOLINGS = ['max', 'mean'] as const;

/** A way to one vector from those of all steps. */
export type Pooling = (typeof POOLINGS)[number];

/** What the command line asks for. */
export type Command = { name: 'help' } | { name: 'train'; settings: Settings; out: string };

/** On invented reviews, of which few have labels. */
export const DEFAULTS: Settings = {
  data: null,
  labelled: 200,
  unlabelled: 2000,
  validation: 0,
  test: 1000,
  vocabularySize: 2000,
  sequenceLength: 80,
  embeddingDim: 48,
  units: 48,
  pooling: 'max',
  numSampled: 128,
  languageEpochs: 5,
  epochs: 20,
  batchSize: 16,
  epsilon: 0,
  seed: 0,
  backend: 'cpu',
};

/** On the real ones, of which all that are to learn from have labels, and a tenth is set aside. */
export const ON_REVIEWS: Partial<Settings> = {
  labelled: 22_500,
  unlabelled: 22_500,
  validation: 2_500,
  test: 25_000,
  vocabularySize: 20_000,
  sequenceLength: 300,
  embeddingDim: 64,
  units: 96,
  pooling: 'mean',
  numSampled: 512,
  languageEpochs: 3,
  epochs: 3,
  batchSize: 64,
};

/** Where a run leaves its results. */
export const RUN = 'runs/pretraining';

export const HELP = `Learns to write reviews first, and then, from the same weights, to judge them.

  npm run demo:pretraining -- [options]

Data, on invented reviews / with --data
  --data PATH           the archive or folder of the 50,000 real reviews
  --labelled N          ${DEFAULTS.labelled} / ${ON_REVIEWS.labelled} reviews whose labels are learned from
  --unlabelled N        ${DEFAULTS.unlabelled} / ${ON_REVIEWS.unlabelled} reviews that the language model reads
  --validation N        ${DEFAULTS.validation} / ${ON_REVIEWS.validation} more, by which n-grams are weighed; 0 for no n-grams
  --test N              ${DEFAULTS.test} / ${ON_REVIEWS.test}
  --vocabulary N        ${DEFAULTS.vocabularySize} / ${ON_REVIEWS.vocabularySize} words
  --length N            ${DEFAULTS.sequenceLength} / ${ON_REVIEWS.sequenceLength} words of a review, its last ones

Networks
  --embedding N         ${DEFAULTS.embeddingDim} / ${ON_REVIEWS.embeddingDim} numbers a word
  --units N             ${DEFAULTS.units} / ${ON_REVIEWS.units} of the LSTM
  --pooling NAME        ${DEFAULTS.pooling} / ${ON_REVIEWS.pooling}: what a classifier takes of all states
  --sampled N           ${DEFAULTS.numSampled} / ${ON_REVIEWS.numSampled} words drawn for a step of the language model

Training
  --language-epochs N   ${DEFAULTS.languageEpochs} / ${ON_REVIEWS.languageEpochs} of the language model
  --epochs N            ${DEFAULTS.epochs} / ${ON_REVIEWS.epochs} of the classifiers
  --batch-size N        ${DEFAULTS.batchSize} / ${ON_REVIEWS.batchSize}
  --epsilon X           adversarial training of the classifiers; 0 for none, the default
  --seed N              ${DEFAULTS.seed}; the same seed repeats a run exactly
  --backend NAME        cpu (the default) or wasm

  --out DIR             ${RUN}
  --help
`;

const NUMBERS = {
  labelled: 'labelled',
  unlabelled: 'unlabelled',
  test: 'test',
  vocabulary: 'vocabularySize',
  length: 'sequenceLength',
  embedding: 'embeddingDim',
  units: 'units',
  sampled: 'numSampled',
  'language-epochs': 'languageEpochs',
  epochs: 'epochs',
  'batch-size': 'batchSize',
} as const satisfies Record<string, keyof Settings>;

/**
 * Reads the command line.
 *
 * @param args What follows the script's name.
 * @throws {UsageError} When an option is unknown, lacks its value or has a bad one.
 */
export function readOptions(args: readonly string[]): Command {
  const numbers = Object.fromEntries(
    Object.keys(NUMBERS).map((name) => [name, { type: 'string' as const }]),
  );
  const values = parseOptions(args, {
    ...numbers,
    data: { type: 'string' },
    validation: { type: 'string' },
    pooling: { type: 'string' },
    epsilon: { type: 'string' },
    seed: { type: 'string' },
    backend: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  }) as Record<string, string | undefined> & { help?: boolean };
  if (values.help) return { name: 'help' };
  const { out = RUN, data = null } = values;
  if (out === '') throw new UsageError('--out needs a path, received "".');
  if (data === '') throw new UsageError('--data needs a path, received "".');
  const defaults = { ...DEFAULTS, ...(data !== null && ON_REVIEWS) };
  const settings: Settings = {
    ...defaults,
    data,
    validation: whole('validation', values.validation, 0) ?? defaults.validation,
    pooling: oneOf('pooling', values.pooling ?? defaults.pooling, POOLINGS),
    epsilon: epsilonOf(values.epsilon ?? '0'),
    seed: whole('seed', values.seed, 0) ?? DEFAULTS.seed,
    backend: oneOf('backend', values.backend ?? DEFAULTS.backend, BACKENDS),
  };
  for (const [option, name] of Object.entries(NUMBERS)) {
    settings[name] = whole(option, values[option], 1) ?? settings[name];
  }
  if (settings.labelled > settings.unlabelled) {
    throw new UsageError(
      `--labelled must be at most --unlabelled, ${settings.unlabelled}, received ${settings.labelled}.`,
    );
  }
  if (settings.numSampled >= settings.vocabularySize) {
    throw new UsageError(
      `--sampled must be less than --vocabulary, ${settings.vocabularySize}, received ${settings.numSampled}.`,
    );
  }
  return { name: 'train', settings, out };
}

function epsilonOf(value: string): number {
  const epsilon = Number(value);
  if (value.trim() !== '' && epsilon >= 0 && Number.isFinite(epsilon)) return epsilon;
  throw new UsageError(
    `--epsilon must be a number of at least 0, received ${JSON.stringify(value)}.`,
  );
}
