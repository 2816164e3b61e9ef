/** How the wide path of a text classifier learns what the n-grams of a text say about its class. */
import { logCountRatios } from './log-count-ratios.js';
import { logisticRegression } from './logistic-regression.js';
import { nGramRows } from './n-gram-rows.js';
import { lengthFactor, WideLogits } from './wide-logits.js';

/** Of the training: chosen on a tenth of IMDb's training reviews, five times (docs/presets.md). */
const COST = 0.3;
const LEAST_TEXTS = 4;
const MOST_N_GRAMS = 2 ** 17;

/**
 * A linear classifier on the n-grams that a text has, each weighted by its log-count ratio: the NB-SVM of
 * Wang and Manning (2012) with the logistic loss and runs of three words (Mesnil et al., 2015,
 * arXiv 1412.5335). Only the n-grams with the largest weights are kept.
 *
 * The sum of the weights is divided by the root of the number of the text's n-grams. Without, long texts have
 * logits that are too large: each n-gram repeats in part what others have said.
 *
 * Two classes have one output, the logit of class 1. More have one each, against all the others.
 */
export class WidePath extends WideLogits {
  /** Learns from texts and their classes, numbers from 0 to `classes` − 1. */
  static async train(
    texts: readonly string[],
    labels: Int32Array,
    classes: number,
    seed: number,
  ): Promise<WidePath> {
    const leastTexts = Math.min(LEAST_TEXTS, 1 + Math.floor(texts.length / 1000));
    const { rows, hashes, counts } = await nGramRows(texts, leastTexts);
    // A text of the mean length has the factor 1, so that the cost means the same for texts of any length.
    const typical = Math.sqrt(counts.reduce((a, b) => a + b, 0) / counts.length);
    const factors = Float64Array.from(counts, (count) => typical * lengthFactor(count));
    const outputs = classes === 2 ? 1 : classes;
    const functions = [];
    for (let output = 0; output < outputs; output++) {
      const own = classes === 2 ? 1 : output;
      const isOfClass = Uint8Array.from(labels, (label) => (label === own ? 1 : 0));
      const values = logCountRatios(rows, isOfClass);
      functions.push(
        await logisticRegression(rows, { values, factors, isOfClass, cost: COST, seed }),
      );
    }
    const kept = largest(
      functions.map(({ weights }) => weights),
      hashes.length,
    );
    const weights = new Float32Array(kept.length * outputs);
    functions.forEach(({ weights: ofOutput }, output) => {
      kept.forEach((column, i) => {
        weights[i * outputs + output] = typical * ofOutput[column]!;
      });
    });
    const biases = Float32Array.from(functions, ({ bias }) => bias);
    return new WidePath({ hashes: Int32Array.from(kept, (i) => hashes[i]!), weights, biases });
  }
}

/** The columns with the largest weight of any output, at most {@link MOST_N_GRAMS}, in rising order. */
function largest(functions: readonly Float64Array[], columns: number): Int32Array {
  const sizes = Float64Array.from({ length: columns }, (_, column) =>
    Math.max(...functions.map((weights) => Math.abs(weights[column]!))),
  );
  const least = sizes.slice().sort()[Math.max(0, columns - MOST_N_GRAMS)] ?? 0;
  const all = Int32Array.from({ length: columns }, (_, column) => column);
  return all.filter((column) => sizes[column]! >= least).slice(0, MOST_N_GRAMS);
}
