/** The wide path of a text classifier: what the n-grams of a text say about its class. */
import { logCountRatios } from './log-count-ratios.js';
import { logisticRegression } from './logistic-regression.js';
import { NGramTable } from './n-gram-table.js';
import { hashesOfText, nGramRows } from './n-gram-rows.js';

/** Of the training: chosen on a tenth of IMDb's training reviews, five times (docs/presets.md). */
const COST = 0.3;
const LEAST_TEXTS = 4;
const MOST_N_GRAMS = 2 ** 17;

/** What a wide path has learned; the weights of n-gram i are `weights[i * outputs]` and on. */
export interface WideWeights {
  /** The hash of each n-gram that counts. */
  hashes: Int32Array; // [nGrams]
  weights: Float32Array; // [nGrams, outputs]
  biases: Float32Array; // [outputs]
}

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
export class WidePath {
  readonly weights: WideWeights;

  private readonly table = new NGramTable();
  /** By n-gram, the last text that had it: one that occurs again does not count again. */
  private readonly lastText: Int32Array;
  private texts = 0;

  constructor(weights: WideWeights) {
    this.weights = weights;
    for (const hash of weights.hashes) this.table.add(hash);
    this.lastText = new Int32Array(weights.hashes.length);
  }

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

  /** The logits of a text, as many as outputs. */
  logits(text: string): Float64Array {
    const { weights, biases } = this.weights;
    const outputs = biases.length;
    const sums = new Float64Array(outputs);
    const now = this.nextText();
    const found = hashesOfText(text);
    for (const hash of found) {
      const nGram = this.table.numberOf(hash);
      if (nGram === -1 || this.lastText[nGram] === now) continue;
      this.lastText[nGram] = now;
      for (let output = 0; output < outputs; output++) {
        sums[output]! += weights[nGram * outputs + output]!;
      }
    }
    const factor = lengthFactor(found.length);
    return sums.map((sum, output) => biases[output]! + factor * sum);
  }

  private nextText(): number {
    if (this.texts === 2 ** 31 - 1) {
      this.lastText.fill(0);
      this.texts = 0;
    }
    return ++this.texts;
  }
}

/** What the weights of a text with so many n-grams are multiplied by. */
const lengthFactor = (nGrams: number) => 1 / Math.sqrt(Math.max(1, nGrams));

/** The columns with the largest weight of any output, at most {@link MOST_N_GRAMS}, in rising order. */
function largest(functions: readonly Float64Array[], columns: number): Int32Array {
  const sizes = Float64Array.from({ length: columns }, (_, column) =>
    Math.max(...functions.map((weights) => Math.abs(weights[column]!))),
  );
  const least = sizes.slice().sort()[Math.max(0, columns - MOST_N_GRAMS)] ?? 0;
  const all = Int32Array.from({ length: columns }, (_, column) => column);
  return all.filter((column) => sizes[column]! >= least).slice(0, MOST_N_GRAMS);
}
