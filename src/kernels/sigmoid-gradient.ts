/**
 * What a sigmoid passes back as one kernel, where TensorFlow.js takes three operations. Twin:
 * dy·(y·(1 − y)) by those, from which it does not differ by a bit.
 */
import type { tf } from '../foundation/tensorflow.js';
import { registerKernels, rejectSecondDerivative } from './register.js';
import { asFloats, floatsOf, type KernelCall } from './tensors.js';
import { runKernel } from './together.js';

const KERNEL = 'RecurrentSigmoidGradient';

/**
 * The gradient of the input of a sigmoid.
 *
 * @param dy The gradient of what it returned.
 * @param y What it returned, of the same shape.
 */
export function sigmoidGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  register();
  return runKernel(KERNEL, { dy: asFloats(dy), y });
}

const register = registerKernels({
  kernels: { [KERNEL]: compute },
  gradients: [
    {
      kernelName: KERNEL,
      gradFunc: () =>
        rejectSecondDerivative('sigmoidGradient', "build the layer with kernel: 'composed'"),
    },
  ],
});

const { fround } = Math;

function compute(call: KernelCall, { dy, y }: Record<string, tf.TensorInfo>): tf.TensorInfo {
  const out = call.output(y!.shape);
  const [slopes, values] = floatsOf(call, dy!, y!);
  const dx = call.runtime.memory.floats(out.address, values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    dx[i] = slopes[i]! * fround(value * fround(1 - value));
  }
  return out.tensor;
}
