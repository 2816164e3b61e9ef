import { type Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { padSequences, stripHtmlTags } from 'tfjs-recurrent';
import type { Judge } from './run-folder.js';

/**
 * The probability that each review is positive.
 *
 * Texts go in as a list, also a single one: given a string, Python's Tokenizer
 * takes every character for a review of its own. Ours throws instead.
 */
export function judgeTexts({ model, tokenizer }: Judge, texts: readonly string[]): number[] {
  const sequences = tokenizer.textsToSequences(texts.map((text) => stripHtmlTags(text)));
  const x = padSequences(sequences, { maxlen: sequenceLength(model) });
  const probabilities = judgeSamples(model, x);
  x.dispose();
  return probabilities;
}

/** {@link judgeTexts} for reviews that are numbers already. */
export function judgeSamples(model: LayersModel, x: Tensor, batchSize = 100): number[] {
  // Cut into batches here: on the wasm backend, predict would copy all of x for each of them.
  const words = x.dataSync<'int32'>();
  const [reviews = 0, length = 0] = x.shape;
  const probabilities: number[] = [];
  for (let first = 0; first < reviews; first += batchSize) {
    const rows = Math.min(batchSize, reviews - first);
    const batch = words.subarray(first * length, (first + rows) * length);
    tidy(() => {
      const y = model.predictOnBatch(tensor2d(batch, [rows, length], 'int32')) as Tensor; // [rows, 1]
      probabilities.push(...y.dataSync());
    });
  }
  return probabilities;
}

/** How many words a review has for the model, which remembers it in its shape. */
function sequenceLength(model: LayersModel): number {
  const length = model.inputs[0]?.shape[1];
  if (typeof length === 'number') return length;
  throw new Error('The saved model takes reviews of any length: it is not of this example.');
}

/** A judgement in words: `positive (97.3 %)`. */
export const inWords = (probability: number): string =>
  probability >= 0.5
    ? `positive (${(probability * 100).toFixed(1)} %)`
    : `negative (${((1 - probability) * 100).toFixed(1)} %)`;
