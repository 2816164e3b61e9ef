/** What the n-grams of a text say about its class, by weights that have been learned. Without TensorFlow.js. */
import { hashesOfText } from './n-gram-rows.js';
import { NGramTable } from './n-gram-table.js';

/** What a wide path has learned; the weights of n-gram i are `weights[i * outputs]` and on. */
export interface WideWeights {
  /** The hash of each n-gram that counts. */
  hashes: Int32Array; // [nGrams]
  weights: Float32Array; // [nGrams, outputs]
  biases: Float32Array; // [outputs]
}

/** The linear function of a {@link WidePath}. */
export class WideLogits {
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

  /** The logits of a text, as many as outputs. */
  logits(text: string): Float64Array {
    const { weights, biases } = this.weights;
    const outputs = biases.length;
    const sums = Float64Array.from(biases);
    const now = this.nextText();
    for (const hash of hashesOfText(text)) {
      const nGram = this.table.numberOf(hash);
      if (nGram === -1 || this.lastText[nGram] === now) continue;
      this.lastText[nGram] = now;
      for (let output = 0; output < outputs; output++) {
        sums[output]! += weights[nGram * outputs + output]!;
      }
    }
    return sums;
  }

  private nextText(): number {
    if (this.texts === 2 ** 31 - 1) {
      this.lastText.fill(0);
      this.texts = 0;
    }
    return ++this.texts;
  }
}
