/** deletionCurve: whether the words that an explanation names are those that the model goes by. */
import { reject } from '../../foundation/errors.js';
import { isList, requireInteger, requireKnownOptions } from '../../foundation/option-checks.js';
import { requireSeed, seededRandom, shuffleInPlace } from '../../foundation/random.js';
import type { tfl } from '../../foundation/tensorflow.js';
import { type ExplainOptions, explain } from './explain.js';
import { mixedWords } from './explain-mixture.js';
import { ExplainedModel } from './explained-model.js';
import {
  asTextModel,
  type ExplainedInput,
  explainedWords,
  type TextModel,
} from './explained-words.js';
import { MixedModel } from './mixed-model.js';
import { type Mixture, mixtureOf } from './mixture.js';
import { isPaddedBehind, logitsOfRows } from './runs.js';

/** How {@link deletionCurve} explains, and what it takes out. */
export interface DeletionCurveOptions extends ExplainOptions {
  /** Shares of the words that are taken out, from 0 to 1; 0 to 0.5 by 0.05 when left out. */
  fractions?: readonly number[];
  /** Random orders that are tried, of which the mean counts; 5 when left out. */
  draws?: number;
  /** Of the random orders: a whole number from 0 to 2⁵³ − 1; 0 when left out. */
  seed?: number;
}

/** What {@link deletionCurve} found: lists with an entry a fraction. */
export interface DeletionCurve {
  /** The shares of the words that are taken out. */
  fractions: number[];
  /** The probability of what the model says, without the words that speak for it most. */
  explained: number[];
  /** The same without as many words at random. */
  random: number[];
}

const WHERE = 'deletionCurve';
const OPTIONS = ['method', 'steps', 'classIndex', 'fractions', 'draws', 'seed'];
const FRACTIONS = Array.from({ length: 11 }, (_, i) => i / 20);

/**
 * Takes words out of a text, first those that an explanation says speak most for what the model says, and
 * asks the model again; beside it, as many words at random. Where the explanation is right, the first
 * falls faster.
 *
 * Words are taken out indeed: the others move together, and padding fills up. The probability is that of what
 * the model says of the whole text: of a model with one output below one half, 1 less the output.
 *
 * @param classifierOrModel As for {@link explain}; it has to end in a sigmoid or a softmax.
 * @param input As for {@link explain}.
 * @param options Those of {@link explain}; shares, draws and their seed.
 * @returns The probability at each share, by the explanation and at random.
 * @throws RecurrentError as {@link explain} does; for shares outside [0, 1], no draws, a bad seed; and for a model
 *   whose output is no probability.
 * @see Petsiuk, Das & Saenko 2018, arXiv:1806.07421, the metric "deletion"; DeYoung et al. 2020,
 *   arXiv:1911.03429, "comprehensiveness".
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { deletionCurve, SentimentClassifier } from 'tfjs-recurrent';
 *
 * const texts = ['a warm and funny film', 'funny and wise', 'dull and slow', 'a slow mess'];
 * const labels = [1, 1, 0, 0];
 * const tiny = { vocabularySize: 50, sequenceLength: 5, embeddingDim: 8, lstmUnits: 8, denseUnits: 8 };
 * const classifier = await SentimentClassifier.train(
 *   { texts, labels },
 *   { ...tiny, learningRate: 0.05, epochs: 20, validationSplit: 0, seed: 1 },
 * );
 * const curve = deletionCurve(classifier, 'a funny and wise film', { fractions: [0, 0.4] });
 * console.log(curve.explained[0] === curve.random[0], curve.explained[1]! < curve.random[1]!);
 * // true true
 * ```
 */
export function deletionCurve(
  classifierOrModel: TextModel | tfl.LayersModel,
  input: ExplainedInput,
  options: DeletionCurveOptions = {},
): DeletionCurve {
  requireKnownOptions(WHERE, options, OPTIONS);
  const { fractions = FRACTIONS, draws = 5, seed = 0, ...how } = options;
  requireFractions(fractions);
  requireInteger(WHERE, 'draws', draws, 1);
  requireSeed(WHERE, seed);
  const asked = askedModel(classifierOrModel, input);
  const { contributions, classIndex, probability } = explain(classifierOrModel, input, how);
  const { read } = asked;

  // One output stands for two classes: below one half, words against it speak for the other.
  const isOther = asked.classes === 1 && probability < 0.5;
  const side = isOther ? -1 : 1;
  const explained = [...read].sort((a, b) => side * (contributions[b]! - contributions[a]!));
  const random = seededRandom(seed);
  const orders = [explained, ...Array.from({ length: draws }, () => shuffled(read, random))];
  const rows = orders.flatMap((order) =>
    Array.from(
      fractions,
      (fraction) => new Set(order.slice(0, Math.round(fraction * read.length))),
    ),
  );
  const said = asked.without(rows).map((probabilities) => {
    const found = probabilities[classIndex]!;
    return isOther ? 1 - found : found;
  });
  const [first, ...others] = orders.map((_, i) =>
    said.slice(i * fractions.length, (i + 1) * fractions.length),
  );
  return {
    fractions: Array.from(fractions),
    explained: first!,
    random: Array.from(
      fractions,
      (_, i) => others.reduce((sum, curve) => sum + curve[i]!, 0) / draws,
    ),
  };
}

/** What is asked again and again. */
interface Asked {
  /** Outputs a text. */
  classes: number;
  /** The places of the words that can be taken out. */
  read: number[];
  /** The probabilities of the text without some of its words, for each set of these. */
  without(removed: readonly ReadonlySet<number>[]): number[][];
}

function askedModel(given: TextModel | tfl.LayersModel, input: ExplainedInput): Asked {
  const mixture = mixtureOf(given);
  return mixture ? mixtureAsked(given as TextModel, mixture, input) : modelAsked(given, input);
}

function mixtureAsked(given: TextModel, mixture: Mixture, input: ExplainedInput): Asked {
  const words = mixedWords(WHERE, given, input);
  const mixed = new MixedModel(WHERE, mixture);
  const { model } = mixed;
  return {
    classes: model.classes,
    read: [...words.keys()],
    without: (removed) => {
      const texts = removed.map((some) => words.filter((_, word) => !some.has(word)));
      return mixed.logits(texts).map((logits) => model.probabilities(logits));
    },
  };
}

function modelAsked(given: TextModel | tfl.LayersModel, input: ExplainedInput): Asked {
  const { model: layersModel, tokenizer, stripHtml = false } = asTextModel(WHERE, given);
  const model = new ExplainedModel(WHERE, layersModel);
  requireProbabilities(model);
  const { steps, indices } = explainedWords(WHERE, tokenizer, stripHtml, input, model.time);
  const read = [...steps.keys()].filter((word) => steps[word]! >= 0);
  const isBehind = isPaddedBehind(
    read.map((word) => steps[word]!),
    indices.length,
  );
  return {
    classes: model.classes,
    read,
    without: (removed) => {
      const logits = logitsOfRows(model, removed.length, indices.length, (row, left) => {
        const kept = read.filter((word) => !removed[row]!.has(word));
        const own = kept.map((word) => indices[steps[word]!]!);
        left.set(own, isBehind ? 0 : left.length - own.length);
      });
      return logits.map((one) => model.probabilities(one));
    },
  };
}

function shuffled(words: readonly number[], random: () => number): number[] {
  const order = [...words];
  shuffleInPlace(order, random);
  return order;
}

function requireFractions(fractions: unknown): void {
  const all = isList(fractions) ? Array.from(fractions) : [];
  const wrong = all.find((one) => !(typeof one === 'number' && one >= 0 && one <= 1));
  if (all.length > 0 && wrong === undefined) return;
  reject({
    where: WHERE,
    expected: 'fractions must be a list of numbers from 0 to 1',
    received: wrong ?? fractions,
  });
}

function requireProbabilities({ output }: ExplainedModel): void {
  if (output !== 'other') return;
  reject({
    where: WHERE,
    expected:
      'the model must end in a sigmoid or a softmax: it has no probabilities that could fall',
    see: 'unsuitable-model',
  });
}
