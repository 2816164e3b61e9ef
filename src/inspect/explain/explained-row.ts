/** One row of indices: what a model says of it and of nothing, and what each step adds to the difference. */
import { tf } from '../../foundation/tensorflow.js';
import type { ExplainMethod } from './explain.js';
import type { Embedded, ExplainedModel } from './explained-model.js';
import { gradientTimesInput, integratedGradients } from './integrated-gradients.js';
import { logitsOfRows } from './runs.js';

/** How contributions are found. */
export interface HowExplained {
  method: ExplainMethod;
  /** Points of the path of integrated gradients. */
  steps: number;
}

/** A row that a model reads. Belongs to the tidy in which it was made. */
export class ExplainedRow {
  /** The vectors of its words. */
  readonly embedded: Embedded;
  /** What the model says of it: [classes] */
  readonly logits: Float32Array;
  /** What it says of a text that says nothing: [classes] */
  readonly empty: Float32Array;
  readonly #model: ExplainedModel;
  readonly #indices: Int32Array;
  readonly #baseline: Float32Array;

  constructor(model: ExplainedModel, indices: Int32Array) {
    this.#model = model;
    this.#indices = indices;
    this.embedded = model.embed(tf.tensor2d(indices, [1, indices.length], 'int32'));
    this.#baseline = baselineOf(model, this.embedded);
    const x = tf.tensor3d(this.#baseline, this.embedded.x.shape);
    this.logits = model.logitsOfVectors(this.embedded).dataSync() as Float32Array;
    this.empty = model.logitsOfVectors({ ...this.embedded, x }).dataSync() as Float32Array;
  }

  /**
   * What each step adds to the logit of a class: [time]
   *
   * @param read The steps with words.
   */
  contributions(
    classIndex: number,
    read: readonly number[],
    { method, steps }: HowExplained,
  ): Float64Array {
    const path = { words: this.embedded, baseline: this.#baseline, classIndex };
    if (method === 'integratedGradients') return integratedGradients(this.#model, path, steps);
    if (method === 'gradientTimesInput') return gradientTimesInput(this.#model, path);
    return this.#occlusion(classIndex, read);
  }

  /** The logit without padding in place of a step, subtracted from that of the text, for each step. */
  #occlusion(classIndex: number, steps: readonly number[]): Float64Array {
    const indices = this.#indices;
    const without = logitsOfRows(this.#model, steps.length, indices.length, (row, occluded) => {
      occluded.set(indices);
      occluded[steps[row]!] = 0;
    });
    const found = new Float64Array(indices.length);
    steps.forEach((step, row) => {
      found[step] = this.logits[classIndex]! - without[row]![classIndex]!;
    });
    return found;
  }
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
