/** The options of TextClassifier: what they are, their defaults, how they are checked. */
import { reject } from '../../foundation/errors.js';
import {
  requireBoolean,
  requireInteger,
  requireKnownOptions,
  requireOneOf,
} from '../../foundation/option-checks.js';
import { requireSeed } from '../../foundation/random.js';
import type { Callbacks } from '../../training/callbacks.js';
import { isFraction } from '../../training/rows.js';
import { PRESETS, type TextPreset } from './presets.js';

/** How {@link TextClassifier.train} builds and trains a classifier. */
export interface TextTrainOptions {
  /**
   * `'article'`: the LSTM of the tutorials. `'balanced'` (default): n-grams and a small bidirectional LSTM.
   * `'accurate'`: n-grams and a larger one, which learns from pieces of texts. docs/presets.md has what each
   * was right on.
   */
  preset?: TextPreset | undefined;
  /** The names of the classes by their numbers. Default: those of the data, or of its labels. */
  classNames?: readonly string[] | undefined;
  /** How often the recurrent network goes through the texts. Default: the preset's: 10 for
   * `'article'`, 2 for `'balanced'`, 4 for `'accurate'`. */
  epochs?: number | undefined;
  /**
   * The fraction of the texts that is never trained on: probabilities are calibrated and the report is
   * written on it. It takes the last texts of each class, so that texts of one film or one author, which often
   * lie side by side, do not come into both parts. 0 for none. Default: 0.2 for `'article'`, else 0.1.
   */
  validationSplit?: number | undefined;
  /** Whether HTML is removed from texts, when training and when predicting alike. Default true. */
  stripHtml?: boolean | undefined;
  /** A whole number, at least 0, that repeats all that is random. Default 0. */
  seed?: number | undefined;
  /** Callback objects of the recurrent network's training, objects of functions, or a list. */
  callbacks?: Callbacks | undefined;
}

const KNOWN = [
  ...['preset', 'classNames', 'epochs', 'validationSplit', 'stripHtml', 'seed', 'callbacks'],
];

const SIZES =
  "The preset decides it. Sizes of your own are options of SentimentClassifier.train with preset 'article', and of createManyToOne.";
const REMEDIES = Object.fromEntries(
  [
    ...['vocabularySize', 'sequenceLength', 'embeddingDim', 'lstmUnits', 'denseUnits'],
    ...['dropoutRate', 'recurrentActivation', 'maskZero', 'bidirectional', 'learningRate'],
    ...['batchSize', 'shuffle'],
  ].map((name) => [name, SIZES]),
);

/** Checks the options, and fills in what was left out. */
export function textSettings(where: string, options: TextTrainOptions) {
  requireKnownOptions(where, options, KNOWN, REMEDIES);
  const { preset = 'balanced', classNames, stripHtml = true, seed = 0, callbacks } = options;
  requirePreset(where, preset);
  const settings = PRESETS[preset];
  const { epochs = settings.epochs, validationSplit = settings.validationSplit } = options;
  requireInteger(where, 'epochs', epochs, 1);
  if (validationSplit !== 0 && !isFraction(validationSplit)) {
    reject({
      where,
      expected: 'validationSplit must be 0, or between 0 and 1',
      received: validationSplit,
      remedy: '0.1 sets every tenth text aside, 0 none.',
    });
  }
  requireBoolean(where, 'stripHtml', stripHtml);
  requireSeed(where, seed);
  return { preset, classNames, epochs, validationSplit, stripHtml, seed, callbacks };
}

/** Throws unless a value is the name of a preset. */
export function requirePreset(where: string, preset: unknown): asserts preset is TextPreset {
  requireOneOf(where, 'preset', preset, Object.keys(PRESETS));
}
