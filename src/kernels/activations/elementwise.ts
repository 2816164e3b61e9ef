/**
 * Activations of single values and what they pass back as a kernel each; for the latter TensorFlow.js
 * takes three operations. Source: assembly/activations/elementwise.ts; twins: tf.relu, tf.sigmoid and
 * tf.tanh, from which they do not differ by a bit where V8 computes those.
 */
import { tf } from '../../foundation/tensorflow.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import { type ElementwiseName, forward, run } from './elementwise-jobs.js';

const FORWARD = 'RecurrentElementwise';
const BACKWARD = 'RecurrentElementwiseGradient';

const STOCK: Record<ElementwiseName, (x: tf.Tensor) => tf.Tensor> = {
  relu: tf.relu,
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
};

/** An activation of every value, for a caller that asks for the gradient itself. */
export function elementwise(name: ElementwiseName, x: tf.Tensor): tf.Tensor {
  // The wasm backend has its own, which round otherwise.
  if (tf.getBackend() !== 'cpu') return STOCK[name](x);
  register();
  return runKernel(FORWARD, { x: asFloats(x) }, { name });
}

/**
 * The gradient of the input of an activation.
 *
 * @param dy The gradient of what it returned.
 * @param y What it returned, of the same shape.
 */
export function elementwiseGradient(name: ElementwiseName, dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  register();
  return runKernel(BACKWARD, { dy: asFloats(dy), y }, { name });
}

interface Attributes {
  name: ElementwiseName;
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [
    {
      kernelName: FORWARD,
      outputsToSave: [true],
      gradFunc: (dy, [y], attributes) => {
        const { name } = attributes as unknown as Attributes;
        return { x: () => elementwiseGradient(name, dy as tf.Tensor, y!) };
      },
    },
    {
      kernelName: BACKWARD,
      gradFunc: (_dy, _saved, attributes) =>
        rejectSecondDerivative(
          (attributes as unknown as Attributes).name,
          "build the layer with kernel: 'composed'",
        ),
    },
  ],
});

function backward(
  call: KernelCall,
  { dy, y }: Record<string, tf.TensorInfo>,
  { name }: Attributes,
): tf.TensorInfo {
  const dx = call.output(y!.shape);
  const addresses = { x: 0, y: call.input(y), dy: call.input(dy), dx: dx.address };
  run(call, 'elementwiseBackward', name, tf.util.sizeFromShape(y!.shape), addresses);
  return dx.tensor;
}
