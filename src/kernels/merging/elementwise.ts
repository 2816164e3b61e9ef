/**
 * Sums and products of tensors of one shape, value by value, where no gradient is recorded. Twins:
 * tf.add, tf.mul, tf.sub.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { registerKernels } from '../bridge/register.js';
import { asFloats, floatsOf, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const KERNEL = 'RecurrentCombine';

type Combination = 'add' | 'subtract' | 'multiply';

/** a + b */
export const add = (a: tf.Tensor, b: tf.Tensor) => combine('add', a, b);

/** a - b */
export const subtract = (a: tf.Tensor, b: tf.Tensor) => combine('subtract', a, b);

/** a · b, each value with its own */
export const multiply = (a: tf.Tensor, b: tf.Tensor) => combine('multiply', a, b);

/** x · factor */
export function scale(x: tf.Tensor, factor: number): tf.Tensor {
  register();
  return runKernel(SCALE, { x: asFloats(x) }, { factor });
}

const SCALE = 'RecurrentScale';

function combine(combination: Combination, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  register();
  return runKernel(KERNEL, { a: asFloats(a), b: asFloats(b) }, { combination });
}

const register = registerKernels({
  kernels: { [KERNEL]: compute, [SCALE]: computeScaled },
  gradients: [],
});

function compute(
  call: KernelCall,
  { a, b }: Record<string, tf.TensorInfo>,
  { combination }: { combination: Combination },
): tf.TensorInfo {
  const output = call.output(a!.shape);
  const [first, second] = floatsOf(call, a!, b!);
  const out = call.runtime.memory.floats(output.address, first.length);
  // A loop each, of which the compiler makes one that has no call inside.
  if (combination === 'add') for (let i = 0; i < out.length; i++) out[i] = first[i]! + second[i]!;
  else if (combination === 'subtract')
    for (let i = 0; i < out.length; i++) out[i] = first[i]! - second[i]!;
  else for (let i = 0; i < out.length; i++) out[i] = first[i]! * second[i]!;
  return output.tensor;
}

function computeScaled(
  call: KernelCall,
  { x }: Record<string, tf.TensorInfo>,
  { factor }: { factor: number },
): tf.TensorInfo {
  const output = call.output(x!.shape);
  const [values] = floatsOf(call, x!);
  const out = call.runtime.memory.floats(output.address, values.length);
  const single = Math.fround(factor);
  for (let i = 0; i < out.length; i++) out[i] = values[i]! * single;
  return output.tensor;
}
