/**
 * Softmax over the last axis and what it passes back as a kernel each; TensorFlow.js takes five
 * operations for either, those that broadcast element by element. Source: assembly/activations/softmax.ts;
 * twin: tf.softmax.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import { forward, run } from './softmax-jobs.js';

const FORWARD = 'RecurrentSoftmax';
const BACKWARD = 'RecurrentSoftmaxGradient';

/** e^x over its sum along the last axis; any rank but 0. */
export function softmax(x: tf.Tensor): tf.Tensor {
  register();
  return runKernel(FORWARD, { x: asFloats(x) });
}

/**
 * The gradient of the input of a softmax.
 *
 * @param dy The gradient of what it returned.
 * @param y What it returned, of the same shape.
 */
export function softmaxGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  register();
  return runKernel(BACKWARD, { dy: asFloats(dy), y });
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [
    {
      kernelName: FORWARD,
      outputsToSave: [true],
      gradFunc: (dy, [y]) => ({ x: () => softmaxGradient(dy as tf.Tensor, y!) }),
    },
    {
      kernelName: BACKWARD,
      gradFunc: () =>
        rejectSecondDerivative('softmaxGradient', "build the layer with kernel: 'composed'"),
    },
  ],
});

function backward(call: KernelCall, { dy, y }: Record<string, tf.TensorInfo>): tf.TensorInfo {
  const dx = call.output(y!.shape);
  const addresses = { x: call.input(dy), y: call.input(y), dx: dx.address };
  run(call, 'softmaxBackward', y!.shape, addresses);
  return dx.tensor;
}
