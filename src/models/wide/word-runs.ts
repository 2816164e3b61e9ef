/** Where the n-grams that a linear function knows stand in a text, and what each adds. */
import type { WordRun } from '../../inspect/explain/mixture.js';
import { nGramHashes } from '../../preprocessing/n-grams/n-gram-hashes.js';
import { LONGEST } from './n-gram-rows.js';
import { lengthFactor, type WideLogits } from './wide-logits.js';

/** The n-grams of a text that have weights, in the order in which they end. */
export function wordRuns(wide: WideLogits, words: readonly string[]): WordRun[] {
  const hashes = nGramHashes(words, LONGEST);
  const factor = lengthFactor(hashes.length);
  const { weights, biases } = wide.weights;
  const outputs = biases.length;
  const runs: WordRun[] = [];
  let at = 0;
  for (let end = 0; end < words.length; end++) {
    for (let back = 0; back < LONGEST && back <= end; back++, at++) {
      const id = wide.numberOf(hashes[at]!);
      if (id === -1) continue;
      const own = weights.subarray(id * outputs, (id + 1) * outputs);
      const adds = Float64Array.from(own, (weight) => factor * weight);
      runs.push({ id, start: end - back, length: back + 1, adds });
    }
  }
  return runs;
}
