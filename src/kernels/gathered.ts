/**
 * Which tensors are rows of a table, as an embedding returns them: an LSTM that
 * knows the words behind its input can do better than multiply their vectors.
 */
import type { tf } from '../foundation/tensorflow.js';

/** Where a tensor comes from: out[i] = table[indices[i]]. */
export interface Gathered {
  indices: Int32Array;
  /** [rows, width] */
  table: tf.TensorInfo;
}

const sources = new WeakMap<object, Gathered>();

/** Remembers where a tensor comes from. */
export function rememberGathered(out: tf.TensorInfo, source: Gathered): void {
  sources.set(out.dataId, source);
}

/** Where a tensor comes from, if it is known. */
export function gatheredFrom(tensor: tf.TensorInfo): Gathered | undefined {
  return sources.get(tensor.dataId);
}
