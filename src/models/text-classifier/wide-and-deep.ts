/** wideAndDeep: n-grams beside a network that somebody has trained already. */
import { requireBoolean, requireKnownOptions } from '../../foundation/option-checks.js';
import { requireSeed } from '../../foundation/random.js';
import type { tfl } from '../../foundation/tensorflow.js';
import { ready } from '../../kernels/bridge/ready.js';
import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';
import { cleanTexts } from '../sentiment/sentiment-input.js';
import { WidePath } from '../wide/wide-path.js';
import { DeepPath } from './deep-path.js';
import { plainTokenizer, requireWordModel } from './given-network.js';
import { classifierOf, type TextClassifier } from './text-classifier.js';
import { type NumberedTexts, numberTexts, readClasses, type TextData } from './text-data.js';
import { weighPaths } from './training.js';

/** The network of {@link wideAndDeep}, and how the two are joined. */
export interface WideAndDeepOptions {
  /**
   * A trained model, from words [batch, length] to probabilities: of class 1 [batch, 1] for two classes, else of
   * each class [batch, classes]. It belongs to the classifier from now on.
   */
  model: tfl.LayersModel;
  /** What numbered its words: a `Tokenizer` without options, or with `numWords` alone. */
  tokenizer: Tokenizer;
  /**
   * Whether a text is read whole, in pieces as long as the model takes, whose logits are averaged. Default `false`:
   * its last words are read.
   */
  pieces?: boolean | undefined;
  /**
   * Texts that the model has not learned from: how much each path counts is fitted on them, and so that probabilities
   * mean what they say. Default: none, and each path counts one half.
   */
  validationData?: TextData | undefined;
  /** The names of the classes by their numbers. Default: those of the data, or of its labels. */
  classNames?: readonly string[] | undefined;
  /** Whether HTML is removed from texts before both paths read them. Default `true`. */
  stripHtml?: boolean | undefined;
  /** A whole number, at least 0, of the order in which n-grams are learned. Default 0. */
  seed?: number | undefined;
}

const KNOWN = ['model', 'tokenizer', 'pieces', 'validationData', 'classNames', 'stripHtml', 'seed'];

/**
 * Puts n-grams beside a network of your own, which sees the order of words and is already trained, and weighs the two
 * against each other: the logits of a text are `a · wide + b · deep`. It is what the presets `'balanced'` and
 * `'accurate'` do with networks of theirs.
 *
 * The wide path is a logistic regression on the runs of one to three words that a text has, each weighted by
 * how much more often it is in one class, `log p/q`. Runs are kept as hashes of 32 bits, at most 131,072 of them.
 * `a` and `b` are at least 0, and those with the smallest cross-entropy on `validationData`; then n-grams
 * are learned again, from these texts, too.
 *
 * @param data The texts that the network was trained on, and their classes, as for `TextClassifier.train`.
 * @param options `model` and `tokenizer`, and what is said above.
 * @returns A `TextClassifier`, which predicts, explains, is saved and loaded like any other.
 * @throws RecurrentError for texts and labels as `TextClassifier.train` does, for a model of other shapes or of fewer
 *   words, for a tokenizer that splits texts in its own way, and for an option that does not exist.
 * @see H.-T. Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems", for the two paths; S. Wang and
 *   C. D. Manning 2012, "Baselines and Bigrams", for the wide one; C. Guo et al. 2017, "On Calibration of Modern
 *   Neural Networks", for the scales.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { createManyToOne, fitWithSeed, padSequences, Tokenizer, wideAndDeep } from 'tfjs-recurrent';
 *
 * const texts = ['a warm and funny film', 'funny and warm', 'dull and much too long', 'a dull film'];
 * const labels = [1, 1, 0, 0];
 * const tokenizer = new Tokenizer({ numWords: 20 });
 * tokenizer.fitOnTexts(texts);
 * const model = createManyToOne({ cell: 'gru', vocabularySize: 20, sequenceLength: 6, units: 4, outputs: 1, seed: 1 });
 * const x = padSequences(tokenizer.textsToSequences(texts), { maxlen: 6 });
 * await fitWithSeed(model, x, tf.tensor2d(labels, [4, 1]), { epochs: 5 });
 *
 * const classifier = await wideAndDeep({ texts, labels, classNames: ['bad', 'good'] }, { model, tokenizer });
 * console.log((await classifier.predict('a funny film')).className);
 * // good
 * ```
 */
export async function wideAndDeep(
  data: TextData,
  options: WideAndDeepOptions,
): Promise<TextClassifier> {
  const where = 'wideAndDeep';
  requireKnownOptions(where, options, KNOWN);
  const { model, validationData, pieces = false, stripHtml = true, seed = 0 } = options;
  requireBoolean(where, 'pieces', pieces);
  requireBoolean(where, 'stripHtml', stripHtml);
  requireSeed(where, seed);
  const classNames = readClasses(where, data, options.classNames);
  const classes = classNames.length;
  const numbered = (given: TextData): NumberedTexts => {
    const { texts, labels } = numberTexts(where, given, classNames);
    return { texts: cleanTexts(texts, stripHtml), labels };
  };
  const train = numbered(data);
  const validation = validationData && numbered(validationData);
  const tokenizer = plainTokenizer(where, options.tokenizer);
  requireWordModel(where, model, tokenizer.wordIndex.size, classes);
  await ready();
  const deep = new DeepPath(model, tokenizer, pieces);
  const wide = await WidePath.train(train.texts, train.labels, classes, seed);
  const all = validation ? bothOf(train, validation) : train;
  const weighed = await weighPaths({ wide, deep }, { all, validation }, classes, seed);
  return classifierOf(weighed.paths, {
    ...{ preset: 'wideAndDeep', classNames, stripHtml },
    ...{ history: { epoch: [], history: {} }, validation: weighed.validation },
  });
}

function bothOf(a: NumberedTexts, b: NumberedTexts): NumberedTexts {
  return {
    texts: [...a.texts, ...b.texts],
    labels: Int32Array.from([...a.labels, ...b.labels]),
  };
}
