/**
 * The mean of all values as one kernel: on the cpu backend of TensorFlow.js it is five operations.
 * Twin: tf.mean, from which it does not differ by a bit.
 */
import { tf } from '../../foundation/tensorflow.js';
import { registerKernels } from '../bridge/register.js';
import { floatsOf } from '../bridge/call.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const KERNEL = 'RecurrentMean';

/** The mean of all values, a scalar, where no gradient is recorded. */
export function mean(x: tf.Tensor): tf.Scalar {
  // The wasm backend has its own, which rounds otherwise.
  if (tf.getBackend() !== 'cpu') return tf.mean(x);
  register();
  return runKernel(KERNEL, { x: asFloats(x) });
}

const register = registerKernels({ kernels: { [KERNEL]: compute }, gradients: [] });

const { fround } = Math;

function compute(call: KernelCall, { x }: Record<string, tf.TensorInfo>): tf.TensorInfo {
  const [values] = floatsOf(call, x!);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += fround(values[i]! / values.length);
  // The loop of TensorFlow.js reads it while threads are still at work on the kernels' memory.
  return call.outputOf(Float32Array.of(sum), []);
}
