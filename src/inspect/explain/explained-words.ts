/** The words of what is explained, and the steps at which the model reads them. */
import { reject } from '../../foundation/errors.js';
import { isList } from '../../foundation/option-checks.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { stripHtmlTags } from '../../preprocessing/html.js';
import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';
import { textToWordSequence } from '../../preprocessing/tokenizer/words.js';

/** A model with what turns texts into its inputs; a `SentimentClassifier` is one. */
export interface TextModel {
  /** From indices of words [batch, time] to one vector a text. */
  readonly model: tfl.LayersModel;
  /** Numbers the words. */
  readonly tokenizer: Tokenizer;
  /** Whether tags are taken out of texts before anything else; false when left out. */
  readonly stripHtml?: boolean;
  /** The names of the classes; of a model with one output, those of 0 and 1. */
  readonly classNames?: readonly string[];
}

/** What was given to be explained, as a model with what belongs to it. */
export function asTextModel(
  where: string,
  given: unknown,
): Partial<TextModel> & { model: tfl.LayersModel } {
  if (given instanceof tfl.LayersModel) return { model: given };
  const { model } = Object(given) as Partial<TextModel>;
  if (model instanceof tfl.LayersModel) return given as TextModel;
  return reject({
    where,
    expected: 'the first argument must be a classifier, { model, tokenizer } or a model',
    received: given,
  });
}

/** A text, or its indices: [time], or a tensor [time] or [1, time]. */
export type ExplainedInput = string | ArrayLike<number> | tf.Tensor;

/** Words in the order of the text. */
export interface ExplainedWords {
  words: string[];
  /** The step at which the model reads each; -1 where it does not. */
  steps: number[];
  /** What the model reads, padding included: [time]. */
  indices: Int32Array;
}

/**
 * Of a text, all its words; of indices, those that are not 0, which stands for padding.
 *
 * @param time Steps of the model, or null where any number will do.
 */
export function explainedWords(
  where: string,
  tokenizer: Tokenizer | undefined,
  stripHtml: boolean,
  input: ExplainedInput,
  time: number | null,
): ExplainedWords {
  if (typeof input !== 'string') return wordsOfIndices(where, tokenizer, input, time);
  if (!tokenizer) {
    reject({
      where,
      expected: 'a model by itself takes indices of words',
      received: input,
      remedy: 'Give the tokenizer with it: explain({ model, tokenizer }, text).',
    });
  }
  return wordsOfText(tokenizer, stripHtml ? stripHtmlTags(input) : input, time);
}

function wordsOfText(tokenizer: Tokenizer, text: string, time: number | null): ExplainedWords {
  const words = splitText(tokenizer, text);
  const numbered = words.map((word) => indexOf(tokenizer, word));
  const known = numbered.filter((index) => index > 0);
  const length = time ?? Math.max(1, known.length);
  // As padSequences does: zeros in front of a short text, and of a long one the end.
  let step = length - known.length;
  const steps = numbered.map((index) => (index === 0 ? -1 : step++)).map((at) => Math.max(-1, at));
  const indices = new Int32Array(length);
  steps.forEach((at, word) => {
    if (at >= 0) indices[at] = numbered[word]!;
  });
  return { words, steps, indices };
}

/** The same words, read without the padding before and behind them; all of it where there are no words. */
export function withoutPadding(text: ExplainedWords): ExplainedWords {
  const read = text.steps.filter((step) => step >= 0);
  if (read.length === 0) return text;
  const [first, last] = [read[0]!, read.at(-1)!];
  return {
    words: text.words,
    steps: text.steps.map((step) => Math.max(-1, step - first)),
    indices: text.indices.slice(first, last + 1),
  };
}

/** The words as the tokenizer finds them. */
export function splitText(tokenizer: Tokenizer, text: string): string[] {
  const { analyzer, charLevel, filters, lower, split } = tokenizer;
  if (charLevel) return Array.from(lower ? text.toLowerCase() : text);
  if (analyzer) return [...analyzer(text)];
  return textToWordSequence(text, { filters, lower, split });
}

/** The index that a word gets in a sequence; 0 where it is left out. */
export function indexOf({ wordIndex, numWords, oovToken }: Tokenizer, word: string): number {
  const index = wordIndex.get(word);
  if (index !== undefined && !(numWords && index >= numWords)) return index;
  return oovToken === null ? 0 : (wordIndex.get(oovToken) ?? 0);
}

function wordsOfIndices(
  where: string,
  tokenizer: Tokenizer | undefined,
  input: ArrayLike<number> | tf.Tensor,
  time: number | null,
): ExplainedWords {
  const isTensor = input instanceof tf.Tensor;
  const one = isTensor && (input.rank === 1 || (input.rank === 2 && input.shape[0] === 1));
  if (isTensor ? !one : !isList(input)) {
    reject({
      where,
      expected: 'input must be one text, or the indices of its words, [time] or [1, time]',
      received: isTensor ? input.shape : input,
      remedy: 'Of several samples, explain each by itself.',
    });
  }
  const given = isTensor ? input.dataSync() : input;
  const indices = Int32Array.from(given as ArrayLike<number>);
  const wrong = indices.findIndex((index, at) => index !== given[at] || index < 0);
  if (wrong >= 0) {
    reject({
      where,
      expected: `input[${wrong}] must be the index of a word, a non-negative integer`,
      received: given[wrong],
    });
  }
  if (indices.length === 0 || (time !== null && indices.length !== time)) {
    reject({
      where,
      expected: `the model takes ${time ?? 'at least 1'} steps`,
      received: indices.length,
      remedy: 'Pad the sequence first, by padSequences.',
      see: 'wrong-shape',
    });
  }
  const steps = [...indices.keys()].filter((step) => indices[step] !== 0);
  const words = steps.map((step) => {
    const word = tokenizer?.indexWord.get(indices[step]!);
    return word ?? tokenizer?.oovToken ?? String(indices[step]);
  });
  return { words, steps, indices };
}
