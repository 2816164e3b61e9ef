/** The options of SentimentClassifier: what they are, their defaults, how they are checked. */
import { reject } from '../../foundation/errors.js';
import {
  isList,
  requireBoolean,
  requireInteger,
  requireKnownOptions,
} from '../../foundation/option-checks.js';
import type { Callbacks } from '../../training/callbacks.js';
import { requireSeed } from '../../foundation/random.js';
import { isFraction } from '../../training/rows.js';
import type { TextPreset } from '../text-classifier/presets.js';
import {
  requirePreset,
  type TextTrainOptions,
  textSettings,
} from '../text-classifier/text-options.js';
import { SENTIMENT_LSTM_OPTIONS, type SentimentLstmOptions } from './sentiment-lstm.js';

/** How a {@link SentimentClassifier} trains on more texts. */
export interface SentimentFitOptions {
  /** How often it goes through the texts. `fit`: 1 when left out; `train`: 10. */
  epochs?: number | undefined;
  /** Texts a step; 100 when left out. */
  batchSize?: number | undefined;
  /**
   * The fraction of the texts that is set aside, to be tested on after each epoch and never
   * trained on; 0 for none. `fit`: 0 when left out; `train`: 0.2.
   */
  validationSplit?: number | undefined;
  /**
   * Whether the texts are mixed before validation texts are set aside; true when left out.
   * `false` takes the last ones, as Keras does: wrong for texts that are ordered by class.
   */
  shuffle?: boolean | undefined;
  /**
   * A whole number, at least 0, that repeats what is random. In `fit` it decides the order of the
   * texts; when left out, it is that of `train`, which sets the same texts aside.
   */
  seed?: number | undefined;
  /** Callback objects, objects of functions, or a list that mixes them. */
  callbacks?: Callbacks | undefined;
}

/**
 * How {@link SentimentClassifier.train} reads texts, what model it builds and how it trains it.
 * `seed` also fixes the initial weights and the dropout masks, which otherwise differ every time.
 */
export interface SentimentTrainOptions
  extends Omit<SentimentLstmOptions, 'compile' | 'seed'>,
    SentimentFitOptions {
  /**
   * `'article'` (default), the LSTM of the tutorials, whose sizes are options; `'balanced'` or
   * `'accurate'`, which add n-grams and read both ways, as in {@link TextClassifier}.
   */
  preset?: TextPreset | undefined;
  /**
   * Whether HTML is removed from texts, when training and when predicting alike; true when left
   * out. See {@link stripHtmlTags}.
   */
  stripHtml?: boolean | undefined;
  /**
   * The names of the classes 0 and 1, kept with the model for whoever shows predictions.
   * `['negative', 'positive']` when left out.
   */
  classNames?: readonly string[] | undefined;
}

/** The options of one run of training, with nothing left out but what may be. */
export interface FitSettings {
  epochs: number;
  batchSize: number;
  validationSplit: number;
  shuffle: boolean;
  seed: number | undefined;
  callbacks: Callbacks | undefined;
}

const FIT_OPTIONS = ['epochs', 'batchSize', 'validationSplit', 'shuffle', 'seed', 'callbacks'];

const MODEL_OPTIONS = SENTIMENT_LSTM_OPTIONS.filter((name) => name !== 'compile');

/** Checks the options of `fit` and fills in what was left out. */
export function fitSettings(
  where: string,
  options: SentimentFitOptions,
  defaults: { epochs: number; validationSplit: number; seed?: number | undefined },
  others: readonly string[] = [],
): FitSettings {
  requireKnownOptions(where, options, [...FIT_OPTIONS, ...others]);
  const settings = {
    epochs: options.epochs ?? defaults.epochs,
    batchSize: options.batchSize ?? 100,
    validationSplit: options.validationSplit ?? defaults.validationSplit,
    shuffle: options.shuffle ?? true,
    seed: options.seed ?? defaults.seed,
    callbacks: options.callbacks,
  };
  requireInteger(where, 'epochs', settings.epochs, 1);
  requireInteger(where, 'batchSize', settings.batchSize, 1);
  requireBoolean(where, 'shuffle', settings.shuffle);
  if (settings.seed !== undefined) requireSeed(where, settings.seed);
  const { validationSplit } = settings;
  if (validationSplit !== 0 && !isFraction(validationSplit)) {
    reject({
      where,
      expected: 'validationSplit must be 0, or between 0 and 1',
      received: validationSplit,
      remedy: '0.2 sets every fifth text aside, 0 none.',
    });
  }
  return settings;
}

/** The options for a {@link TextClassifier}; undefined where it is the article's model that is asked for. */
export function presetSettings(
  where: string,
  options: SentimentTrainOptions,
): TextTrainOptions | undefined {
  const preset = Object(options).preset as unknown;
  if (preset === undefined) return undefined;
  requirePreset(where, preset);
  if (preset === 'article') return undefined;
  textSettings(where, options as TextTrainOptions);
  return { ...(options as TextTrainOptions), classNames: classNamesOf(where, options) };
}

/** Checks the options of `train` and fills in what was left out, but for those of the model. */
export function trainSettings(where: string, options: SentimentTrainOptions) {
  const ofModel = MODEL_OPTIONS.filter((name) => name !== 'seed'); // which is among those of fit
  const others = ['preset', 'stripHtml', 'classNames', ...ofModel];
  const fit = fitSettings(where, options, { epochs: 10, validationSplit: 0.2 }, others);
  const stripHtml = options.stripHtml ?? true;
  requireBoolean(where, 'stripHtml', stripHtml);
  const classNames = classNamesOf(where, options);
  const model = Object.fromEntries(
    MODEL_OPTIONS.map((name) => [name, options[name]]),
  ) as SentimentLstmOptions;
  return { fit, model, stripHtml, classNames };
}

function classNamesOf(where: string, options: SentimentTrainOptions): readonly [string, string] {
  const classNames = options.classNames ?? ['negative', 'positive'];
  if (areClassNames(classNames)) return [classNames[0], classNames[1]];
  reject({
    where,
    expected: 'classNames must be the names of the classes 0 and 1',
    received: classNames,
    remedy: "For example ['negative', 'positive'].",
  });
}

/** Whether a value is a pair of strings. */
export function areClassNames(value: unknown): value is readonly [string, string] {
  return (
    isList(value) &&
    value.length === 2 &&
    typeof value[0] === 'string' &&
    typeof value[1] === 'string'
  );
}
