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

  /** The number of an n-gram by its hash; −1 for one that has no weights. */
  numberOf(hash: number): number {
    return this.table.numberOf(hash);
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
export const lengthFactor = (nGrams: number) => 1 / Math.sqrt(Math.max(1, nGrams));
