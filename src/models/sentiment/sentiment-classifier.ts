/** SentimentClassifier: from texts and labels to predictions, with nothing to wire up. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { mixtureOf, setMixture } from '../../inspect/explain/mixture.js';
import { ready } from '../../kernels/bridge/ready.js';
import { reject } from '../../foundation/errors.js';
import { requireBoolean, requireKnownOptions } from '../../foundation/option-checks.js';
import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';
import { fitWithSeed } from '../../training/fit-with-seed.js';
import { appendHistory, type TrainingHistory } from '../../training/history.js';
import { warnOfSingleClass } from '../../training/labels.js';
import { splitValidation } from '../../training/split-validation.js';
import { nextTurn } from '../../foundation/turn.js';
import { type Precision, requirePrecision } from '../saving/precision.js';
import {
  type ClassifierState,
  loadClassifier,
  readEither,
  saveClassifier,
} from './sentiment-artifacts.js';
import { requireSentimentData, requireTexts, type SentimentData } from './sentiment-data.js';
import { cleanTexts, fitVocabulary, toInput } from './sentiment-input.js';
import { createSentimentLstm } from './sentiment-lstm.js';
import {
  type FitSettings,
  fitSettings,
  type SentimentFitOptions,
  presetSettings,
  type SentimentTrainOptions,
  trainSettings,
} from './sentiment-options.js';
import { TextClassifier } from '../text-classifier/text-classifier.js';

/** What a classifier says about a text. */
export interface SentimentPrediction {
  /** 1 where the probability is above one half, else 0: comparable with the labels of training. */
  label: 0 | 1;
  /** That the text is of class 1, from 0 to 1, also where the label is 0. */
  probability: number;
}

/** Texts that are predicted or evaluated at once. */
const BATCH = 100;

/**
 * Tells positive texts from negative ones: the tokenizer, the model of
 * {@link createSentimentLstm} and all steps between a text and a probability, in one object that
 * is saved and loaded as one.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { SentimentClassifier } from 'tfjs-recurrent';
 *
 * const texts = ['a warm and funny film', 'funny and wise', 'dull and slow', 'a slow mess'];
 * const labels = [1, 1, 0, 0];
 * const tiny = { vocabularySize: 50, sequenceLength: 5, embeddingDim: 8, lstmUnits: 8, denseUnits: 8 };
 * const classifier = await SentimentClassifier.train(
 *   { texts, labels },
 *   { ...tiny, learningRate: 0.05, epochs: 20, validationSplit: 0, seed: 1 },
 * );
 * const { label, probability } = await classifier.predict('a funny film');
 * console.log(classifier.classNames[label], probability > 0.9);
 * // positive true
 * ```
 */
export class SentimentClassifier {
  /**
   * The model, from indices of words [batch, sequenceLength] to probabilities [batch, 1]. With the presets
   * `'balanced'` and `'accurate'` it is one path of two, and its probabilities are not yet calibrated.
   */
  readonly model: tfl.LayersModel;
  /** The words that the model knows; rarer ones of the training texts are forgotten. */
  readonly tokenizer: Tokenizer;
  /** The names of the classes 0 and 1: `classifier.classNames[label]`. */
  readonly classNames: readonly [string, string];
  /** Whether HTML tags are taken out of texts before anything else. */
  readonly stripHtml: boolean;
  /** Loss and accuracy of all epochs; NaN for validation in epochs that had none. */
  readonly history: TrainingHistory;

  private readonly seed: number | undefined;
  /** Does the work for every preset but the article's. */
  private readonly byPreset: TextClassifier | undefined;

  private constructor(model: tfl.LayersModel, state: ClassifierState, byPreset?: TextClassifier) {
    this.model = model;
    this.byPreset = byPreset;
    this.tokenizer = state.tokenizer;
    this.classNames = state.classNames;
    this.history = state.history;
    this.stripHtml = state.stripHtml;
    this.seed = state.seed;
    if (byPreset) setMixture(this, () => mixtureOf(byPreset)!);
  }

  /**
   * Learns the words of texts, builds a model and trains it.
   *
   * The vocabulary is taken from all texts, also from those set aside for validation.
   *
   * With the preset `'balanced'` or `'accurate'` it is a {@link TextClassifier} of two classes.
   *
   * @param data Texts, and a label for each: 1 for positive, 0 for negative.
   * @param options `preset`; of the model, as for {@link createSentimentLstm}; of the training; and
   *   `stripHtml` and `classNames`. The defaults are those of the IMDb tutorials. Presets other than
   *   `'article'` decide all sizes: they take the options of {@link TextClassifier.train} only.
   * @throws RecurrentError when texts or labels are empty, of different length or not what they
   *   should be, and when an option does not exist or is out of its range.
   */
  static async train(
    data: SentimentData,
    options: SentimentTrainOptions = {},
  ): Promise<SentimentClassifier> {
    const where = 'SentimentClassifier.train';
    requireSentimentData(where, data);
    const ofPreset = presetSettings(where, options);
    if (ofPreset !== undefined) {
      return SentimentClassifier.of(await TextClassifier.train(data, ofPreset));
    }
    const settings = trainSettings(where, options);
    const { fit, stripHtml, classNames } = settings;
    await ready();
    const model = createSentimentLstm(settings.model);
    try {
      const texts = cleanTexts(data.texts, stripHtml);
      const vocabularySize = model.getLayer('embedding').getConfig().inputDim as number;
      const classifier = new SentimentClassifier(model, {
        tokenizer: fitVocabulary(texts, vocabularySize),
        classNames,
        stripHtml,
        seed: fit.seed,
        history: { epoch: [], history: {} },
      });
      await classifier.run(where, texts, data.labels, fit);
      return classifier;
    } catch (error) {
      model.dispose();
      throw error;
    }
  }

  /**
   * Trains on more texts, or longer on the same ones. The vocabulary stays as it is.
   *
   * @param data As for {@link SentimentClassifier.train}.
   * @param options Its options of training; one epoch and no validation when left out, as in
   *   `fit` of Keras.
   * @returns What these epochs logged, which is also appended to `history`.
   * @throws RecurrentError as {@link SentimentClassifier.train} does, and for another preset than
   *   `'article'`, whose paths are trained and calibrated together.
   */
  async fit(data: SentimentData, options: SentimentFitOptions = {}): Promise<TrainingHistory> {
    const where = 'SentimentClassifier.fit';
    if (this.byPreset !== undefined) {
      reject({
        where,
        expected: `a classifier of the preset ${this.byPreset.preset} cannot be trained on`,
        remedy: 'Call SentimentClassifier.train with the old and the new texts.',
        see: 'unsuitable-model',
      });
    }
    requireSentimentData(where, data);
    const defaults = { epochs: 1, validationSplit: 0, seed: this.seed };
    const settings = fitSettings(where, options, defaults);
    return this.run(where, cleanTexts(data.texts, this.stripHtml), data.labels, settings);
  }

  /**
   * Predicts the class of a text, or of each text of a list.
   *
   * @throws RecurrentError when it is given something else than strings.
   */
  async predict(text: string): Promise<SentimentPrediction>;
  async predict(texts: readonly string[]): Promise<SentimentPrediction[]>;
  async predict(
    texts: string | readonly string[],
  ): Promise<SentimentPrediction | SentimentPrediction[]> {
    if (typeof texts === 'string') return (await this.predictAll([texts]))[0]!;
    requireTexts('SentimentClassifier.predict', texts);
    return this.predictAll(texts);
  }

  private async predictAll(texts: readonly string[]): Promise<SentimentPrediction[]> {
    if (this.byPreset !== undefined) {
      const predictions = await this.byPreset.predict(texts);
      return predictions.map(({ probabilities }) => toPrediction(probabilities[1]!));
    }
    const predictions: SentimentPrediction[] = [];
    for (let start = 0; start < texts.length; start += BATCH) {
      if (start > 0) await nextTurn();
      predictions.push(...(await this.predictBatch(texts.slice(start, start + BATCH))));
    }
    return predictions;
  }

  /**
   * Compares predictions with labels.
   *
   * @param data As for {@link SentimentClassifier.train}; texts that it was not trained on.
   * @returns The mean binary cross-entropy, and the fraction of texts that are labelled rightly.
   * @throws RecurrentError when texts or labels are not what they should be.
   */
  async evaluate(data: SentimentData): Promise<{ loss: number; accuracy: number }> {
    requireSentimentData('SentimentClassifier.evaluate', data);
    if (this.byPreset !== undefined) {
      const { texts, labels } = data;
      const { loss, accuracy } = await this.byPreset.evaluate({ texts, labels });
      return { loss, accuracy };
    }
    const texts = cleanTexts(data.texts, this.stripHtml);
    const scores = tf.tidy(() => {
      const [x, y] = this.toTensors(texts, data.labels);
      return this.model.evaluate(x, y, { batchSize: BATCH }) as tf.Scalar[];
    });
    try {
      const [loss, accuracy] = await Promise.all(scores.map((score) => score.data()));
      return { loss: loss![0]!, accuracy: accuracy![0]! };
    } finally {
      tf.dispose(scores);
    }
  }

  /**
   * Saves model, tokenizer and settings together, as a model that every loader of TensorFlow.js
   * reads and whose metadata {@link SentimentClassifier.load} understands.
   *
   * @param ioHandler A handler, such as `fileSystem(directory)` of `tfjs-recurrent/node` or those
   *   of `tf.io`, or a URL such as `indexeddb://reviews`.
   * @param options `includeOptimizer`: whether what Adam remembers is saved too, so that training
   *   goes on as if it had not paused, for three times the size; false when left out. Only for the
   *   preset `'article'`. `precision`: `'float32'` (default) saves weights as they are, `'float16'` and
   *   `'int8'` round them to 16 and 8 bits, for a smaller download.
   * @returns What the handler returned.
   * @throws RecurrentError when the handler cannot save.
   */
  async save(
    ioHandler: tf.io.IOHandler | string,
    options: { includeOptimizer?: boolean | undefined; precision?: Precision | undefined } = {},
  ): Promise<tf.io.SaveResult> {
    const where = 'SentimentClassifier.save';
    requireKnownOptions(where, options, ['includeOptimizer', 'precision']);
    const { includeOptimizer = false, precision = 'float32' } = options;
    requireBoolean(where, 'includeOptimizer', includeOptimizer);
    requirePrecision(where, precision);
    if (this.byPreset !== undefined) {
      if (!includeOptimizer) return this.byPreset.save(ioHandler, { precision });
      reject({
        where,
        expected: `a classifier of the preset ${this.byPreset.preset} is saved without its optimizer`,
        remedy: 'Leave includeOptimizer out.',
        see: 'unsuitable-model',
      });
    }
    const { tokenizer, classNames, stripHtml, seed, history } = this;
    const state = { tokenizer, classNames, stripHtml, seed, history };
    return saveClassifier(where, this.model, state, ioHandler, { includeOptimizer, precision });
  }

  /**
   * Loads a classifier, which predicts exactly as the saved one on the same backend, and can be
   * trained on. Calls {@link registerLayers}, so that every model loaded afterwards has our layers.
   *
   * @param ioHandler What it was saved to, or a URL of its `model.json`; in a page, one relative to it, too.
   * @throws RecurrentError when the handler cannot load, or when what it loads was not saved by
   *   {@link SentimentClassifier.save} or is damaged.
   */
  static async load(ioHandler: tf.io.IOHandler | string): Promise<SentimentClassifier> {
    await ready();
    const where = 'SentimentClassifier.load';
    const { source, isTextClassifier } = await readEither(where, ioHandler);
    if (isTextClassifier) return SentimentClassifier.of(await TextClassifier.load(source));
    const { model, state } = await loadClassifier(where, source);
    return new SentimentClassifier(model, state);
  }

  /**
   * Frees the memory of the model and of its optimizer; the classifier is of no use afterwards. An
   * optimizer that you have compiled `model` with is yours to dispose of.
   */
  dispose(): void {
    this.model.dispose();
  }

  private static of(classifier: TextClassifier): SentimentClassifier {
    const { model, tokenizer, classNames, history, stripHtml } = classifier;
    const [first, second, ...others] = classNames;
    if (others.length > 0) {
      classifier.dispose();
      reject({
        where: 'SentimentClassifier.load',
        expected: `the classifier must have two classes, but it has ${classNames.length}`,
        remedy: 'Load it with TextClassifier.load.',
        see: 'saved-by-something-else',
      });
    }
    const state = { tokenizer, classNames: [first!, second!] as const, stripHtml, history };
    return new SentimentClassifier(model, { ...state, seed: undefined }, classifier);
  }

  private get sequenceLength(): number {
    return this.model.inputs[0]!.shape[1]!;
  }

  private async predictBatch(texts: readonly string[]): Promise<SentimentPrediction[]> {
    const cleaned = cleanTexts(texts, this.stripHtml);
    const output = tf.tidy(() => {
      const x = toInput(this.tokenizer, cleaned, this.sequenceLength); // [texts, sequenceLength]
      return this.model.predict(x, { batchSize: BATCH }) as tf.Tensor; // [texts, 1]
    });
    try {
      const probabilities = await output.data();
      return Array.from(probabilities, toPrediction);
    } finally {
      output.dispose();
    }
  }

  private toTensors(texts: readonly string[], labels: ArrayLike<number>): [tf.Tensor, tf.Tensor] {
    const x = toInput(this.tokenizer, texts, this.sequenceLength); // [texts, sequenceLength]
    return [x, tf.tensor2d(Float32Array.from(labels), [texts.length, 1])];
  }

  private async run(
    where: string,
    texts: readonly string[],
    labels: ArrayLike<number>,
    settings: FitSettings,
  ): Promise<TrainingHistory> {
    const { validationSplit, shuffle, seed = 0, callbacks, epochs, batchSize } = settings;
    const all = { texts, labels: Array.from(labels) };
    let parts: { train: typeof all; validation?: typeof all } = { train: all };
    if (validationSplit > 0) parts = splitValidation(all, { validationSplit, shuffle, seed });
    else warnOfSingleClass(where, 'training', all.labels, 'Give texts of both classes.');

    const { train, validation } = parts;
    const done = this.history.epoch.length;
    const [x, y] = this.toTensors(train.texts, train.labels);
    const validationData = validation && this.toTensors(validation.texts, validation.labels);
    try {
      const history = await fitWithSeed(this.model, x, y, {
        batchSize,
        initialEpoch: done,
        epochs: done + epochs,
        seed,
        ...(validationData && { validationData }),
        ...(callbacks && { callbacks }),
      });
      appendRun(this.history, history);
      return history;
    } finally {
      tf.dispose([x, y, validationData ?? []]);
    }
  }
}

/** Above one half, not from it on: so does the accuracy that TensorFlow.js and Keras compute. */
function toPrediction(probability: number): SentimentPrediction {
  return { label: probability > 0.5 ? 1 : 0, probability };
}

/** Appends a run that may have logged more or less than those before; NaN fills the gaps. */
function appendRun(earlier: TrainingHistory, later: TrainingHistory): void {
  const gap = new Array<number>(earlier.epoch.length).fill(Number.NaN);
  for (const name of Object.keys(later.history)) earlier.history[name] ??= [...gap];
  appendHistory(earlier, later);
  for (const values of Object.values(earlier.history)) {
    while (values.length < earlier.epoch.length) values.push(Number.NaN);
  }
}
