/** explain: which words of a text made a model say what it says. */
import { reject } from '../../foundation/errors.js';
import {
  requireInteger,
  requireKnownOptions,
  requireOneOf,
} from '../../foundation/option-checks.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { explainMixture, mixedWords } from './explain-mixture.js';
import { ExplainedModel } from './explained-model.js';
import { ExplainedRow, type HowExplained } from './explained-row.js';
import {
  asTextModel,
  type ExplainedInput,
  explainedWords,
  type TextModel,
  withoutPadding,
} from './explained-words.js';
import { mixtureOf } from './mixture.js';
import { logitsOfPrefixes } from './prefixes.js';

/** How {@link explain} finds what a word contributes. */
export type ExplainMethod = 'integratedGradients' | 'occlusion' | 'gradientTimesInput';

/** How {@link explain} explains. */
export interface ExplainOptions {
  /** `'integratedGradients'` when left out. */
  method?: ExplainMethod;
  /** Points of the path of integrated gradients; 32 when left out. */
  steps?: number;
  /** Which output is explained; that with the largest value when left out. */
  classIndex?: number;
}

/** What {@link explain} found: lists with an entry a word, in the order of the text. */
export interface Explanation {
  /** The words as the tokenizer finds them; without one, their indices. */
  words: string[];
  /** The indices that the model reads; 0 where it does not read the word. */
  indices: number[];
  /** What each word adds to the logit; 0 where the model does not read it. */
  contributions: number[];
  /** The probability behind each word, as if the text ended there. */
  prefixProbabilities: number[];
  /** How they were found. */
  method: ExplainMethod;
  /** The output that is explained. */
  classIndex: number;
  /** The name of its class; `class 1` where the classifier has no names. */
  className: string;
  /** The logit of a text that says nothing. */
  baseline: number;
  /** The logit of this text. */
  output: number;
  /** The probability that the model gives the class, of this text. */
  probability: number;
  /** |Σ contributions - (output - baseline)| / |output - baseline|: 0.01 is one hundredth. */
  completenessError: number;
}

/** What was found, before probabilities and names. */
export interface Explained {
  words: string[];
  indices: number[];
  contributions: number[];
  /** The logits behind each word. */
  prefixes: ArrayLike<number>[];
  classIndex: number;
  /** Of this text, and of one that says nothing. */
  logits: ArrayLike<number>;
  empty: ArrayLike<number>;
  probabilities(logits: ArrayLike<number>): number[];
}

const WHERE = 'explain';
const METHODS = ['integratedGradients', 'occlusion', 'gradientTimesInput'] as const;
const OPTIONS = ['method', 'steps', 'classIndex'];

/**
 * Which words made a model say what it says, and how much each adds.
 *
 * Contributions are in logits, the numbers before the last sigmoid or softmax, where effects add up.
 * Integrated gradients share out the difference between the logit of the text and that of a text that says
 * nothing: (x - x')·∫₀¹ ∂F(x' + α(x - x'))/∂x dα, with x the vectors of the words and x' the baseline; the
 * integral by the rule of Gauss and Legendre. The baseline is the vector of padding, which the model has
 * learned to read as nothing; with `maskZero`, where it is never read, zeros. Occlusion puts padding in place of
 * one word at a time; gradient × input is (x - x')·∂F(x)/∂x. These two need not add up to the difference.
 *
 * Of a classifier of a preset that adds up a network and n-grams, each n-gram shares out what it adds equally among
 * its words; with occlusion, each of these has all of it.
 *
 * @param classifierOrModel A `SentimentClassifier` or `TextClassifier`; `{ model, tokenizer }`; or a model alone,
 *   which takes indices. The model, also one of a Keras file, begins with an Embedding, or several side by
 *   side, and has one vector for output.
 * @param input A text, or indices of words that are padded already: [time], or a tensor [1, time]. In texts,
 *   what the tokenizer does not know, and what is cut off, contributes 0. Index 0 is padding, no word.
 * @param options The method, its steps, and which output.
 * @returns Words, contributions, the probability behind each word, and how well the contributions add up.
 * @throws RecurrentError for a model that does not begin with an Embedding, has several outputs, one for
 *   each step, or is stateful; and for an input or an option that is not as it should be.
 * @see Sundararajan, Taly & Yan 2017, arXiv:1703.01365; Zeiler & Fergus 2014, arXiv:1311.2901, for
 *   occlusion; Shrikumar et al. 2016, arXiv:1605.01713, for gradient × input.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { explain, SentimentClassifier } from 'tfjs-recurrent';
 *
 * const texts = ['a warm and funny film', 'funny and wise', 'dull and slow', 'a slow mess'];
 * const labels = [1, 1, 0, 0];
 * const tiny = { vocabularySize: 50, sequenceLength: 5, embeddingDim: 8, lstmUnits: 8, denseUnits: 8 };
 * const classifier = await SentimentClassifier.train(
 *   { texts, labels },
 *   { ...tiny, learningRate: 0.05, epochs: 20, validationSplit: 0, seed: 1 },
 * );
 * const { words, contributions, probability } = explain(classifier, 'a slow film');
 * console.log(words[contributions.indexOf(Math.min(...contributions))], probability < 0.5);
 * // slow true
 * ```
 */
export function explain(
  classifierOrModel: TextModel | tfl.LayersModel,
  input: ExplainedInput,
  options: ExplainOptions = {},
): Explanation {
  requireKnownOptions(WHERE, options, OPTIONS);
  const { method = 'integratedGradients', steps = 32 } = options;
  requireOneOf(WHERE, 'method', method, METHODS);
  requireInteger(WHERE, 'steps', steps, 1);
  const given = asTextModel(WHERE, classifierOrModel);
  const mixture = mixtureOf(classifierOrModel);
  const how = {
    ...{ where: WHERE, method, steps },
    classOf: (logits: ArrayLike<number>) => classOf(options.classIndex, logits),
  };
  const found = mixture
    ? explainMixture(mixedWords(WHERE, given as TextModel, input), given as TextModel, mixture, how)
    : explainModel(given, input, how);
  const { words, indices, contributions, classIndex, logits, empty, probabilities } = found;
  // The one output of two classes is the probability of the second.
  const named = logits.length === 1 ? 1 : classIndex;
  const difference = logits[classIndex]! - empty[classIndex]!;
  const sum = contributions.reduce((a, b) => a + b, 0);
  return {
    ...{ words, indices, contributions },
    prefixProbabilities: found.prefixes.map((prefix) => probabilities(prefix)[classIndex]!),
    ...{ method, classIndex },
    className: given.classNames?.[named] ?? `class ${named}`,
    baseline: empty[classIndex]!,
    output: logits[classIndex]!,
    probability: probabilities(logits)[classIndex]!,
    completenessError: sum === difference ? 0 : Math.abs(sum - difference) / Math.abs(difference),
  };
}

function explainModel(
  { model: layersModel, tokenizer, stripHtml = false }: ReturnType<typeof asTextModel>,
  input: ExplainedInput,
  how: HowExplained & { classOf(logits: ArrayLike<number>): number },
): Explained {
  const model = new ExplainedModel(WHERE, layersModel);
  const whole = explainedWords(WHERE, tokenizer, stripHtml, input, model.time);
  const text = model.forgetsPadding ? withoutPadding(whole) : whole;
  const read = text.steps.filter((step) => step >= 0);
  let found: Explained | undefined;
  // Not what it returns, in which a tidy would look for tensors.
  tf.tidy(() => {
    const row = new ExplainedRow(model, text.indices);
    const classIndex = how.classOf(row.logits);
    const ofSteps = row.contributions(classIndex, read, how);
    const ofPrefixes = logitsOfPrefixes(model, row.embedded, text.indices, read);
    let latest = row.empty;
    found = {
      words: text.words,
      indices: text.steps.map((step) => (step < 0 ? 0 : text.indices[step]!)),
      contributions: text.steps.map((step) => (step < 0 ? 0 : ofSteps[step]!)),
      prefixes: text.steps.map((step) => {
        if (step >= 0) latest = ofPrefixes.shift()!;
        return latest;
      }),
      ...{ classIndex, logits: row.logits, empty: row.empty },
      probabilities: (logits) => model.probabilities(logits),
    };
  });
  return found!;
}

function classOf(asked: unknown, logits: ArrayLike<number>): number {
  const all = Array.from(logits);
  if (asked === undefined) return all.indexOf(Math.max(...all));
  requireInteger(WHERE, 'classIndex', asked, 0);
  if (asked < all.length) return asked;
  return reject({
    where: WHERE,
    expected: `classIndex must be below the number of outputs, ${all.length}`,
    received: asked,
  });
}
