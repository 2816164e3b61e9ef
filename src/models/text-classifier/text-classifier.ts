/** TextClassifier: labelled texts in, calibrated probabilities of their classes out. */
import { requireKnownOptions } from '../../foundation/option-checks.js';
import type { tf, tfl } from '../../foundation/tensorflow.js';
import { setMixture } from '../../inspect/explain/mixture.js';
import { ready } from '../../kernels/bridge/ready.js';
import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';
import type { TrainingHistory } from '../../training/history.js';
import { type Precision, requirePrecision } from '../saving/precision.js';
import { requireTexts } from '../sentiment/sentiment-data.js';
import { cleanTexts } from '../sentiment/sentiment-input.js';
import { loadTextClassifier, saveTextClassifier, type TextClassifierState } from './artifacts.js';
import { evaluate, mostProbable, type TextEvaluation } from './evaluation.js';
import { explainedParts } from './explained-parts.js';
import type { TextOrigin } from './presets.js';
import { numberTexts, readClasses, type TextData } from './text-data.js';
import { type TextTrainOptions, textSettings } from './text-options.js';
import { type Paths, predictPaths, trainPaths } from './training.js';

/** What a classifier says about a text. */
export interface TextPrediction {
  /** The number of the most probable class. */
  label: number;
  /** Its name. */
  className: string;
  /** Its probability. */
  probability: number;
  /** The probabilities of all classes by their numbers; their sum is 1. */
  probabilities: number[];
}

/** A classifier of paths that are trained: the constructor, for this folder alone. */
export let classifierOf: (paths: Paths, state: TextClassifierState) => TextClassifier;

/**
 * Tells texts of two classes or more apart: sentiments, topics, languages.
 *
 * The presets `'balanced'` and `'accurate'` add the logits of two paths. A linear one knows runs of one to
 * three words (S. Wang and C. D. Manning, 2012). A bidirectional LSTM with max pooling over time reads
 * the words in their order: the last 200 for `'balanced'`, all of them for `'accurate'`, in pieces of at most
 * 100 words whose logits are averaged. For that it learns from pieces that are cut anew in each epoch. How
 * much each path counts is fitted on texts set aside, together with the temperature that makes probabilities
 * mean what they say (C. Guo et al., 2017).
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { TextClassifier } from 'tfjs-recurrent';
 *
 * const texts = ['the match ended in a draw', 'a late goal won the match', 'the coach praised the goal',
 *   'shares fell at the bank', 'the bank raised its rates', 'rates and shares rose',
 *   'rain and strong wind', 'a storm with heavy rain', 'sun after the storm'];
 * const labels = ['sport', 'sport', 'sport', 'money', 'money', 'money', 'weather', 'weather', 'weather'];
 * const classifier = await TextClassifier.train({ texts, labels }, { validationSplit: 0 });
 * console.log(classifier.classNames.join(', '));
 * // money, sport, weather
 * console.log((await classifier.predict('wind and rain')).className);
 * // weather
 * ```
 */
export class TextClassifier {
  static {
    classifierOf = (paths, state) => new TextClassifier(paths, state);
  }

  /** The names of the classes by their numbers. */
  readonly classNames: readonly string[];
  /** The preset that it was trained with, or `'wideAndDeep'`. */
  readonly preset: TextOrigin;
  /**
   * Loss and accuracy of the recurrent network in all epochs; with the preset `'accurate'` those of pieces. Empty
   * where {@link wideAndDeep} was given a trained network.
   */
  readonly history: TrainingHistory;
  /**
   * How it did on the texts that were set aside; undefined where there were none. Its calibration is fitted
   * on them, so that `calibrationError` is a little lower here than on other texts. N-grams were learned from
   * the other texts alone for this, and from all of them afterwards.
   */
  readonly validation: TextEvaluation | undefined;

  /** Whether HTML is removed from texts. */
  readonly stripHtml: boolean;

  private readonly paths: Paths;

  private constructor(paths: Paths, state: TextClassifierState) {
    this.paths = paths;
    this.classNames = state.classNames;
    this.preset = state.preset;
    this.history = state.history;
    this.validation = state.validation;
    this.stripHtml = state.stripHtml;
    setMixture(this, () => explainedParts(paths));
  }

  /**
   * Learns from labelled texts. The words that the network knows are those of the texts that are not set
   * aside. With the presets `'balanced'` and `'accurate'`, n-grams are learned a second time, from all texts,
   * when it is known how much they count.
   *
   * @param data Texts, and a class for each: its number from 0 on, or its name.
   * @param options The preset, and what every preset takes.
   * @throws RecurrentError when texts or labels are empty, of different length, of one class or not what
   *   they should be, and when an option does not exist or is out of its range.
   */
  static async train(data: TextData, options: TextTrainOptions = {}): Promise<TextClassifier> {
    const where = 'TextClassifier.train';
    const { classNames: given, ...settings } = textSettings(where, options);
    const classNames = readClasses(where, data, given);
    const numbered = numberTexts(where, data, classNames);
    const { paths, ...trained } = await trainPaths(numbered, classNames.length, settings);
    const { preset, stripHtml } = settings;
    return new TextClassifier(paths, { ...trained, classNames, preset, stripHtml });
  }

  /**
   * The recurrent network, from words [batch, length] to its own probabilities, before calibration. With the
   * preset `'accurate'` a row is a piece of a text.
   */
  get model(): tfl.LayersModel {
    return this.paths.deep.model;
  }

  /** The words that the recurrent network knows. */
  get tokenizer(): Tokenizer {
    return this.paths.deep.tokenizer;
  }

  /**
   * Predicts the class of a text, or of each text of a list.
   *
   * @throws RecurrentError when it is given something else than strings.
   */
  async predict(text: string): Promise<TextPrediction>;
  async predict(texts: readonly string[]): Promise<TextPrediction[]>;
  async predict(texts: string | readonly string[]): Promise<TextPrediction | TextPrediction[]> {
    if (typeof texts === 'string') return (await this.predict([texts]))[0]!;
    requireTexts('TextClassifier.predict', texts);
    const all = await this.probabilitiesOf(texts);
    return all.map((probabilities) => {
      const label = mostProbable(probabilities);
      return {
        ...{ label, className: this.classNames[label]!, probability: probabilities[label]! },
        probabilities: [...probabilities],
      };
    });
  }

  /**
   * Compares predictions with labels.
   *
   * @param data As for {@link TextClassifier.train}; texts that it was not trained on.
   * @throws RecurrentError when texts or labels are not what they should be, and for a class that it does
   *   not know.
   */
  async evaluate(data: TextData): Promise<TextEvaluation> {
    const { texts, labels } = numberTexts('TextClassifier.evaluate', data, this.classNames);
    return evaluate(await this.probabilitiesOf(texts), labels);
  }

  /**
   * Saves networks, words and settings together.
   *
   * @param ioHandler A handler, such as `fileSystem(directory)` of `tfjs-recurrent/node` or those of `tf.io`,
   *   or a URL such as `indexeddb://topics`.
   * @param options `precision`: `'float32'` (default) saves weights as they are; `'float16'` and `'int8'`
   *   round them to 16 and 8 bits, for a smaller download.
   * @returns What the handler returned.
   * @throws RecurrentError when the handler cannot save.
   */
  async save(
    ioHandler: tf.io.IOHandler | string,
    options: { precision?: Precision | undefined } = {},
  ): Promise<tf.io.SaveResult> {
    const where = 'TextClassifier.save';
    requireKnownOptions(where, options, ['precision']);
    const { precision = 'float32' } = options;
    requirePrecision(where, precision);
    const { preset, classNames, stripHtml, history, validation } = this;
    const state = { preset, classNames, stripHtml, history, validation };
    return saveTextClassifier(where, this.paths, state, ioHandler, precision);
  }

  /**
   * Loads a classifier. One that was saved as `'float32'` predicts exactly as the saved one on the same
   * backend.
   *
   * @param ioHandler What it was saved to, or a URL of its `model.json`; in a page, one relative to it, too.
   * @throws RecurrentError when the handler cannot load, or when what it loads was not saved by
   *   {@link TextClassifier.save} or is damaged.
   */
  static async load(ioHandler: tf.io.IOHandler | string): Promise<TextClassifier> {
    await ready();
    const { paths, state } = await loadTextClassifier('TextClassifier.load', ioHandler);
    return new TextClassifier(paths, state);
  }

  /** Frees the memory of the network; the classifier is of no use afterwards. */
  dispose(): void {
    this.model.dispose();
  }

  private probabilitiesOf(texts: readonly string[]): Promise<Float64Array[]> {
    return predictPaths(this.paths, cleanTexts(texts, this.stripHtml));
  }
}
