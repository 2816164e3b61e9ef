/** Tensors whose first axis are the rows of a batch, held by one or more states of decoding. */
import { tf } from '../../foundation/tensorflow.js';
import type { Mask } from '../../layers/model/masks.js';

/** Some tensors, and a mask or null for each; gone when the last who holds them lets go. */
export class RowTensors {
  readonly values: readonly tf.Tensor[];
  readonly masks: readonly Mask[];
  #holders = 1;

  /** Keeps them beyond the `tf.tidy` that they were made in. */
  constructor(values: readonly tf.Tensor[], masks: readonly Mask[] = []) {
    this.values = values.map((value) => tf.keep(value));
    this.masks = values.map((_, i) => (masks[i] ? tf.keep(masks[i]) : null));
  }

  /** For one more who holds them: a clone would be copied on wasm. */
  share(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    this.#holders--;
    if (this.#holders > 0) return;
    tf.dispose([...new Set([...this.values, ...this.masks.flatMap((mask) => mask ?? [])])]);
  }

  /** The given rows, in their order. */
  select(rows: Int32Array): RowTensors {
    const indices = tf.tensor1d(rows, 'int32');
    const taken = new RowTensors(
      this.values.map((value) => tf.gather(value, indices)),
      this.masks.map((mask) => mask && tf.gather(mask, indices)),
    );
    indices.dispose();
    return taken;
  }
}
