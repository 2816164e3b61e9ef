/**
 * The metric `binaryAccuracy` of TensorFlow.js for one output a sample as one kernel: there it is
 * eight operations on a number a sample. Twin: that metric, from which it does not differ by a bit.
 */
import { tf } from '../../foundation/tensorflow.js';
import { registerKernels } from '../bridge/register.js';
import { floatsOf } from '../bridge/call.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const KERNEL = 'RecurrentBinaryAccuracy';
const THRESHOLD = 0.5;

/**
 * Which samples were predicted as labelled: 1, else 0.
 *
 * @param yTrue [..., 1] labels, 0 or 1.
 * @param yPred Probabilities, of the same shape; above 0.5 they mean 1.
 * @returns [...]
 */
export function binaryAccuracy(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
  register();
  return runKernel(KERNEL, { yTrue: asFloats(yTrue), yPred: asFloats(yPred) });
}

const register = registerKernels({ kernels: { [KERNEL]: compare }, gradients: [] });

function compare(call: KernelCall, { yTrue, yPred }: Record<string, tf.TensorInfo>): tf.TensorInfo {
  const shape = yPred!.shape.slice(0, -1);
  const accuracy = call.output(shape);
  const [labels, probabilities] = floatsOf(call, yTrue!, yPred!);
  const size = tf.util.sizeFromShape(shape);
  const right = call.runtime.memory.floats(accuracy.address, size);
  for (let i = 0; i < size; i++) {
    right[i] = labels[i] === Number(probabilities[i]! > THRESHOLD) ? 1 : 0;
  }
  return accuracy.tensor;
}
