/**
 * Sums and products of tensors of one shape, value by value, where no gradient is recorded. Twins:
 * tf.add, tf.mul, tf.sub.
 */
import { tf } from '../../foundation/tensorflow.js';
import { registerKernels } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import { type Merge, merge } from './merge.js';

const KERNEL = 'RecurrentMerge';

interface Attributes {
  mode: Merge;
  scale: number;
}

/** a + b */
export const add = (a: tf.Tensor, b: tf.Tensor) => combine({ mode: 'sum', scale: 1 }, a, b);

/** a - b */
export const subtract = (a: tf.Tensor, b: tf.Tensor) => add(a, scale(b, -1));

/** a · b, each value with its own */
export const multiply = (a: tf.Tensor, b: tf.Tensor) => combine({ mode: 'mul', scale: 1 }, a, b);

/** x · factor */
export const scale = (x: tf.Tensor, factor: number) => combine({ mode: 'sum', scale: factor }, x);

function combine(attributes: Attributes, a: tf.Tensor, b?: tf.Tensor): tf.Tensor {
  register();
  return runKernel(KERNEL, { a: asFloats(a), ...(b && { b: asFloats(b) }) }, attributes);
}

const register = registerKernels({ kernels: { [KERNEL]: compute }, gradients: [] });

function compute(
  call: KernelCall,
  { a, b }: Record<string, tf.TensorInfo>,
  { mode, scale: factor }: Attributes,
): tf.TensorInfo {
  const output = call.output(a!.shape);
  const count = tf.util.sizeFromShape(a!.shape);
  merge(call, mode, count, call.input(a), call.input(b), output.address, factor);
  return output.tensor;
}
