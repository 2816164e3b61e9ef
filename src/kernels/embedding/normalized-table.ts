/**
 * A table less the mean of its rows, over their deviation, both weighted by how frequent the rows are, and
 * the gradient of that, where none is recorded. Equation 1 of Miyato et al. 2017; the 1e-6 that is added to
 * the variance is that of their code. Twin: `normalizedTableComposed`.
 */
import { tf } from '../../foundation/tensorflow.js';
import { floatsOf } from '../bridge/call.js';
import { registerKernels } from '../bridge/register.js';
import { runKernel } from '../bridge/together.js';
import { EPSILON, forward } from './normalized-table-forward.js';

const FORWARD = 'RecurrentNormalizedTable';
const BACKWARD = 'RecurrentNormalizedTableGradient';

/**
 * @param table [rows, width]
 * @param frequencies [rows], which add up to 1.
 * @returns [rows, width], and the gradient of the table for a caller that asks for it itself.
 */
export function normalizedTable(
  table: tf.Tensor2D,
  frequencies: tf.Tensor1D,
): { normalized: tf.Tensor2D; gradient(dNormalized: tf.Tensor): tf.Tensor } {
  register();
  const [normalized, deviations] = runKernel<tf.Tensor[]>(FORWARD, { table, frequencies });
  return {
    normalized: normalized as tf.Tensor2D,
    gradient: (dNormalized) =>
      runKernel(BACKWARD, { normalized, deviations, frequencies, dNormalized }),
  };
}

/** The same in operations that every backend has. */
export function normalizedTableComposed(table: tf.Tensor2D, frequencies: tf.Tensor1D): tf.Tensor2D {
  const shares = tf.reshape(frequencies, [frequencies.size, 1]);
  const centered = tf.sub(table, tf.sum(tf.mul(table, shares), 0, true));
  const variance = tf.sum(tf.mul(tf.square(centered), shares), 0, true);
  return tf.div(centered, tf.sqrt(tf.add(variance, EPSILON)));
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [],
});

type Inputs = Record<string, tf.TensorInfo>;
type Call = Parameters<typeof forward>[0];

/** dE = (dN − f · (Σ dN + N · Σ dN·N)) / deviation, the sums over all rows. */
function backward(call: Call, inputs: Inputs): tf.TensorInfo {
  const { normalized, deviations, frequencies, dNormalized } = inputs;
  const [rows, width] = normalized!.shape as [number, number];
  const output = call.output([rows, width]);
  const [values, ofColumns, shares, slopes] = floatsOf(
    call,
    normalized!,
    deviations!,
    frequencies!,
    dNormalized!,
  );
  const out = call.runtime.memory.floats(output.address, rows * width);
  const sums = new Float64Array(width);
  const products = new Float64Array(width);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < width; column++, at++) {
      sums[column] = sums[column]! + slopes[at]!;
      products[column] = products[column]! + slopes[at]! * values[at]!;
    }
  }
  for (let row = 0, at = 0; row < rows; row++) {
    const share = shares[row]!;
    for (let column = 0; column < width; column++, at++) {
      const common = share * (sums[column]! + values[at]! * products[column]!);
      out[at] = (slopes[at]! - common) / ofColumns[column]!;
    }
  }
  return output.tensor;
}
