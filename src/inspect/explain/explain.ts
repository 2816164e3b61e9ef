/** explain: which words of a text made a model say what it says. */
import { reject } from '../../foundation/errors.js';
import {
  requireInteger,
  requireKnownOptions,
  requireOneOf,
} from '../../foundation/option-checks.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { ExplainedModel, type Embedded } from './explained-model.js';
import {
  asTextModel,
  type ExplainedInput,
  explainedWords,
  type TextModel,
} from './explained-words.js';
import { gradientTimesInput, integratedGradients } from './integrated-gradients.js';
import { logitsOfPrefixes } from './prefixes.js';
import { logitsOfRows } from './runs.js';

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
 * @param classifierOrModel A `SentimentClassifier`; `{ model, tokenizer }`; or a model alone, which takes
 *   indices. The model, also one of a Keras file, begins with one Embedding and has one vector for output.
 * @param input A text, or indices of words that are padded already: [time], or a tensor [1, time]. In texts,
 *   what the tokenizer does not know, and what is cut off, contributes 0. Index 0 is padding, no word.
 * @param options The method, its steps, and which output.
 * @returns Words, contributions, the probability behind each word, and how well the contributions add up.
 * @throws RecurrentError for a model that does not begin with one Embedding, has several outputs, one for
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
  const {
    model: layersModel,
    tokenizer,
    stripHtml = false,
    classNames,
  } = asTextModel(WHERE, classifierOrModel);
  const model = new ExplainedModel(WHERE, layersModel);
  const text = explainedWords(WHERE, tokenizer, stripHtml, input, model.time);
  const read = text.steps.filter((step) => step >= 0);
  let explanation: Explanation | undefined;
  // Not what it returns, in which a tidy would look for tensors.
  tf.tidy(() => {
    const row = tf.tensor2d(text.indices, [1, text.indices.length], 'int32');
    const embedded = model.embed(row);
    const baseline = baselineOf(model, embedded);
    const logits = model.logitsOfVectors(embedded).dataSync();
    const empty = model
      .logitsOfVectors({ ...embedded, x: tf.tensor3d(baseline, embedded.x.shape) })
      .dataSync();
    const classIndex = classOf(options.classIndex, logits);
    // The one output of two classes is the probability of the second.
    const named = model.classes === 1 ? 1 : classIndex;
    const path = { words: embedded, baseline, classIndex };
    const ofSteps =
      method === 'integratedGradients'
        ? integratedGradients(model, path, steps)
        : method === 'occlusion'
          ? occlusion(model, text.indices, read, logits[classIndex]!, classIndex)
          : gradientTimesInput(model, path);
    const ofPrefixes = logitsOfPrefixes(model, embedded, text.indices, read);
    let latest = model.probabilities(empty)[classIndex]!;
    const prefixProbabilities = text.steps.map((step) => {
      if (step >= 0) latest = model.probabilities(ofPrefixes.shift()!)[classIndex]!;
      return latest;
    });
    const contributions = text.steps.map((step) => (step < 0 ? 0 : ofSteps[step]!));
    const difference = logits[classIndex]! - empty[classIndex]!;
    const sum = contributions.reduce((a, b) => a + b, 0);
    explanation = {
      words: text.words,
      indices: text.steps.map((step) => (step < 0 ? 0 : text.indices[step]!)),
      contributions,
      prefixProbabilities,
      method,
      classIndex,
      className: classNames?.[named] ?? `class ${named}`,
      baseline: empty[classIndex]!,
      output: logits[classIndex]!,
      probability: model.probabilities(logits)[classIndex]!,
      completenessError: sum === difference ? 0 : Math.abs(sum - difference) / Math.abs(difference),
    };
  });
  return explanation!;
}

/** The vector of padding at every step; zeros where padding is masked, and its vector never learned. */
function baselineOf(model: ExplainedModel, { x }: Embedded): Float32Array {
  const [, time, width] = x.shape;
  const values = new Float32Array(time * width);
  if (model.maskZero) return values;
  const padding = model.embed(tf.zeros([1, 1], 'int32')).x.dataSync();
  for (let t = 0; t < time; t++) values.set(padding, t * width);
  return values;
}

/** The logit without padding in place of a step, subtracted from that of the text, for each step. */
function occlusion(
  model: ExplainedModel,
  indices: Int32Array,
  steps: readonly number[],
  output: number,
  classIndex: number,
): Float64Array {
  const without = logitsOfRows(model, steps.length, indices.length, (row, occluded) => {
    occluded.set(indices);
    occluded[steps[row]!] = 0;
  });
  const found = new Float64Array(indices.length);
  steps.forEach((step, row) => {
    found[step] = output - without[row]![classIndex]!;
  });
  return found;
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
