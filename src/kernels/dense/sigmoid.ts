/**
 * A sigmoid and what it passes back as a kernel each; for the latter TensorFlow.js takes three
 * operations. Twins: tf.sigmoid, and dy·(y·(1 − y)) by those, from which they do not differ by a bit.
 */
import { tf } from '../../foundation/tensorflow.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { asFloats, floatsOf, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const FORWARD = 'RecurrentSigmoid';
const BACKWARD = 'RecurrentSigmoidGradient';

/** 1 / (1 + e⁻ˣ), for a caller that asks for the gradient itself. */
export function sigmoid(x: tf.Tensor): tf.Tensor {
  // The wasm backend has its own, which rounds otherwise.
  if (tf.getBackend() !== 'cpu') return tf.sigmoid(x);
  register();
  return runKernel(FORWARD, { x: asFloats(x) });
}

/**
 * The gradient of the input of a sigmoid.
 *
 * @param dy The gradient of what it returned.
 * @param y What it returned, of the same shape.
 */
export function sigmoidGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  register();
  return runKernel(BACKWARD, { dy: asFloats(dy), y });
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [
    {
      kernelName: FORWARD,
      outputsToSave: [true],
      gradFunc: (dy, [y]) => ({ x: () => sigmoidGradient(dy as tf.Tensor, y!) }),
    },
    {
      kernelName: BACKWARD,
      gradFunc: () =>
        rejectSecondDerivative('sigmoidGradient', "build the layer with kernel: 'composed'"),
    },
  ],
});

const { exp, fround } = Math;

function forward(call: KernelCall, { x }: Record<string, tf.TensorInfo>): tf.TensorInfo {
  const out = call.output(x!.shape);
  const [from] = floatsOf(call, x!);
  const y = call.runtime.memory.floats(out.address, from.length);
  for (let i = 0; i < y.length; i++) y[i] = 1 / (1 + exp(-from[i]!));
  return out.tensor;
}

function backward(call: KernelCall, { dy, y }: Record<string, tf.TensorInfo>): tf.TensorInfo {
  const out = call.output(y!.shape);
  const [slopes, values] = floatsOf(call, dy!, y!);
  const dx = call.runtime.memory.floats(out.address, values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    dx[i] = slopes[i]! * fround(value * fround(1 - value));
  }
  return out.tensor;
}
