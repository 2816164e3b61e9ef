/**
 * The losses `meanSquaredError` and `meanAbsoluteError` of TensorFlow.js and their gradients, a kernel
 * each: there they are four operations forward and ten back. Twins: those losses, from which they do
 * not differ by a bit on the cpu backend.
 */
import { tf } from '../../foundation/tensorflow.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { floatsOf } from '../bridge/call.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

/** Which of the two. */
export type RegressionLoss = 'meanSquaredError' | 'meanAbsoluteError';

const FORWARD = 'RecurrentRegression';
const BACKWARD = 'RecurrentRegressionGradient';

/**
 * The loss of each sample or step, the mean over its last axis.
 *
 * @param yTrue [..., outputs]. Nothing flows back to it.
 * @param yPred Of the same shape.
 * @returns [...]
 */
export function regressionLoss(
  yTrue: tf.Tensor,
  yPred: tf.Tensor,
  loss: RegressionLoss,
): tf.Tensor {
  register();
  return runKernel(FORWARD, { yTrue: asFloats(yTrue), yPred: asFloats(yPred) }, { loss });
}

/** What it passes back to `yPred`; `dy`: [...], what comes back to the losses, or to each. */
export function regressionGradient(
  yTrue: tf.Tensor,
  yPred: tf.Tensor,
  loss: RegressionLoss,
  dy: tf.Tensor | number,
): tf.Tensor {
  register();
  const both = { yTrue: asFloats(yTrue), yPred: asFloats(yPred) };
  const inputs = typeof dy === 'number' ? both : { ...both, dy };
  const each = typeof dy === 'number' ? fround(dy) : 0;
  return runKernel(BACKWARD, inputs, { loss, each });
}

interface Attributes {
  loss: RegressionLoss;
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [
    {
      kernelName: FORWARD,
      inputsToSave: ['yTrue', 'yPred'],
      gradFunc: (dy, [yTrue, yPred], attributes) => {
        const { loss } = attributes as unknown as Attributes;
        return { yPred: () => regressionGradient(yTrue!, yPred!, loss, dy as tf.Tensor) };
      },
    },
    {
      kernelName: BACKWARD,
      gradFunc: (_dy, _saved, attributes) =>
        rejectSecondDerivative(
          (attributes as unknown as Attributes).loss,
          'compute the loss with tf.losses',
        ),
    },
  ],
});

// What follows rounds where an operation of TensorFlow.js writes its result.
const { abs, fround } = Math;

function forward(
  call: KernelCall,
  { yTrue, yPred }: Record<string, tf.TensorInfo>,
  { loss }: Attributes,
): tf.TensorInfo {
  const shape = yPred!.shape.slice(0, -1);
  const [samples, outputs] = [tf.util.sizeFromShape(shape), yPred!.shape.at(-1)!];
  const output = call.output(shape);
  const [labels, predictions] = floatsOf(call, yTrue!, yPred!);
  const losses = call.runtime.memory.floats(output.address, samples);
  for (let sample = 0, i = 0; sample < samples; sample++) {
    let mean = 0;
    for (let n = 0; n < outputs; n++, i++) {
      const error = fround(predictions[i]! - labels[i]!);
      const size = loss === 'meanSquaredError' ? fround(error * error) : abs(error);
      mean += fround(size / outputs);
    }
    losses[sample] = mean;
  }
  return output.tensor;
}

function backward(
  call: KernelCall,
  { yTrue, yPred, dy }: Record<string, tf.TensorInfo>,
  { loss, each }: Attributes & { each: number },
): tf.TensorInfo {
  const [size, outputs] = [tf.util.sizeFromShape(yPred!.shape), yPred!.shape.at(-1)!];
  const gradient = call.output(yPred!.shape);
  const [labels, predictions, slopes] = floatsOf(call, yTrue!, yPred!, ...(dy ? [dy] : []));
  const gradients = call.runtime.memory.floats(gradient.address, size);
  for (let i = 0; i < size; i++) {
    const slope = fround((slopes ? slopes[Math.floor(i / outputs)]! : each) / outputs);
    const error = fround(predictions[i]! - labels[i]!);
    gradients[i] = slope * (loss === 'meanSquaredError' ? fround(2 * error) : slopeOfSize(error));
  }
  return gradient.tensor;
}

/** That of |x|; at 0 it is 0, as in TensorFlow. */
function slopeOfSize(x: number): number {
  if (x > 0) return 1;
  return x < 0 ? -1 : x;
}
