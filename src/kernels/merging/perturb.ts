/**
 * What a small step along a direction makes of samples: x + ε·d / ‖d‖₂, with the norm of a whole sample,
 * where no gradient is recorded. Twin: `perturbComposed`.
 */
import { tf } from '../../foundation/tensorflow.js';
import { floatsOf } from '../bridge/call.js';
import { registerKernels } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const KERNEL = 'RecurrentPerturb';

/**
 * Moves each sample by `epsilon` along its direction; where that is zero, it stays.
 *
 * @param x [batch, …]
 * @param direction Of the same shape.
 */
export function perturb(x: tf.Tensor, direction: tf.Tensor, epsilon: number): tf.Tensor {
  register();
  return runKernel(KERNEL, { x: asFloats(x), direction: asFloats(direction) }, { epsilon });
}

/** The same in operations that every backend has. */
export function perturbComposed(x: tf.Tensor, direction: tf.Tensor, epsilon: number): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis).slice(1);
  // Squares of small gradients would be zero.
  const scaled = tf.divNoNan(direction, tf.max(tf.abs(direction), axes, true));
  const norm = tf.sqrt(tf.sum(tf.square(scaled), axes, true));
  return tf.add(x, tf.mul(tf.divNoNan(scaled, norm), epsilon));
}

const register = registerKernels({ kernels: { [KERNEL]: compute }, gradients: [] });

function compute(
  call: KernelCall,
  { x, direction }: Record<string, tf.TensorInfo>,
  { epsilon }: { epsilon: number },
): tf.TensorInfo {
  const { shape } = x!;
  const output = call.output(shape);
  const [values, slopes] = floatsOf(call, x!, direction!);
  const out = call.runtime.memory.floats(output.address, values.length);
  const size = values.length / shape[0]!;
  for (let start = 0; start < out.length; start += size) {
    const end = start + size;
    let squares = 0;
    for (let i = start; i < end; i++) squares += slopes[i]! * slopes[i]!;
    const factor = squares === 0 ? 0 : epsilon / Math.sqrt(squares);
    for (let i = start; i < end; i++) out[i] = values[i]! + factor * slopes[i]!;
  }
  return output.tensor;
}
