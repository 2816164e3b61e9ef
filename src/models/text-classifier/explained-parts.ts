/** A text classifier as `explain` sees it: its paths, of which it adds up what they say. */
import type { Mixture } from '../../inspect/explain/mixture.js';
import { wordRuns } from '../wide/word-runs.js';
import type { Paths } from './training.js';

/** The paths of a classifier. */
export function explainedParts({ wide, deep, scales }: Paths): Mixture {
  const { model, tokenizer } = deep;
  const scale = scales.at(-1)!;
  const network = {
    ...{ model, tokenizer, scale },
    piecesOf: (sequence: readonly number[]) => deep.pieces(sequence),
  };
  const linear = wide && {
    scale: scales[0]!,
    biases: wide.weights.biases,
    // The words of a Tokenizer are those of the n-grams, and split at spaces again.
    logits: (words: readonly string[]) => wide.logits(words.join(' ')),
    runs: (words: readonly string[]) => wordRuns(wide, words),
  };
  return { network, linear };
}
