/** The forward pass of normalized-table.ts. */
import type { tf } from '../../foundation/tensorflow.js';
import { type Call, floatsOf } from '../bridge/call.js';

/** What is added to a variance, so that none is zero. */
export const EPSILON = 1e-6;

/** [rows, width], and the deviation of each column. */
export function forward(
  call: Call,
  { table, frequencies }: Record<string, tf.TensorInfo>,
): tf.TensorInfo[] {
  const [rows, width] = table!.shape as [number, number];
  const normalized = call.output([rows, width]);
  const deviations = call.output([width]);
  const [values, shares] = floatsOf(call, table!, frequencies!);
  const { memory } = call.runtime;
  const out = memory.floats(normalized.address, rows * width);
  const ofColumns = memory.floats(deviations.address, width);
  normalizeRows(values, shares, out, ofColumns);
  return [normalized.tensor, deviations.tensor];
}

/**
 * @param values [rows, width]
 * @param shares [rows]
 * @param out [rows, width]
 * @param deviations [width] Of each column, out as well.
 */
export function normalizeRows(
  values: Float32Array,
  shares: Float32Array,
  out: Float32Array,
  deviations: Float32Array,
): void {
  const { length: rows } = shares;
  const { length: width } = deviations;
  const means = new Float64Array(width);
  const variances = new Float64Array(width);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < width; column++, at++) {
      means[column] = means[column]! + shares[row]! * values[at]!;
    }
  }
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < width; column++, at++) {
      const centered = values[at]! - means[column]!;
      variances[column] = variances[column]! + shares[row]! * centered * centered;
    }
  }
  for (let column = 0; column < width; column++) {
    deviations[column] = Math.sqrt(variances[column]! + EPSILON);
  }
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < width; column++, at++) {
      out[at] = (values[at]! - means[column]!) / deviations[column]!;
    }
  }
}
