/**
 * The loss `binaryCrossentropy` of TensorFlow.js and its gradient, a kernel each: there they are
 * some eighty operations on a number a sample, which take longer than the sums. Twin: that loss,
 * from which it does not differ by a bit on the cpu backend.
 */
import { tf } from '../../foundation/tensorflow.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { floatsOf } from '../bridge/call.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const FORWARD = 'RecurrentBinaryCrossentropy';
const BACKWARD = 'RecurrentBinaryCrossentropyGradient';

/**
 * The cross-entropy of each sample, the mean over its last axis.
 *
 * @param yTrue [..., outputs]. Nothing flows back to it.
 * @param yPred Probabilities, of the same shape.
 * @returns [...]
 */
export function binaryCrossentropy(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
  register();
  const inputs = { yTrue: asFloats(yTrue), yPred: asFloats(yPred) };
  return runKernel(FORWARD, inputs, { epsilon: tf.backend().epsilon() });
}

/** What it passes back to `yPred`; `dy`: [...], what comes back to the cross-entropies, or to each. */
export function binaryCrossentropyGradient(
  yTrue: tf.Tensor,
  yPred: tf.Tensor,
  dy: tf.Tensor | number,
): tf.Tensor {
  register();
  const labels = { yTrue: asFloats(yTrue), yPred: asFloats(yPred) };
  const inputs = typeof dy === 'number' ? labels : { ...labels, dy };
  const each = typeof dy === 'number' ? Math.fround(dy) : 0;
  return runKernel(BACKWARD, inputs, { epsilon: tf.backend().epsilon(), each });
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [
    {
      kernelName: FORWARD,
      inputsToSave: ['yTrue', 'yPred'],
      gradFunc: (dy, [yTrue, yPred]) => ({
        yPred: () => binaryCrossentropyGradient(yTrue!, yPred!, dy as tf.Tensor),
      }),
    },
    {
      kernelName: BACKWARD,
      gradFunc: () =>
        rejectSecondDerivative(
          'binaryCrossentropy',
          'compute the loss with tf.losses.sigmoidCrossEntropy',
        ),
    },
  ],
});

interface Attributes {
  epsilon: number;
}

function forward(
  call: KernelCall,
  { yTrue, yPred }: Record<string, tf.TensorInfo>,
  { epsilon }: Attributes,
): tf.TensorInfo {
  const shape = yPred!.shape.slice(0, -1);
  const [samples, outputs] = [tf.util.sizeFromShape(shape), yPred!.shape.at(-1)!];
  const loss = call.output(shape);
  const [labels, probabilities] = floatsOf(call, yTrue!, yPred!);
  const losses = call.runtime.memory.floats(loss.address, samples);
  for (let sample = 0, i = 0; sample < samples; sample++) {
    let mean = 0;
    for (let output = 0; output < outputs; output++, i++) {
      mean += fround(crossentropy(labels[i]!, probabilities[i]!, epsilon) / outputs);
    }
    losses[sample] = mean;
  }
  return loss.tensor;
}

function backward(
  call: KernelCall,
  { yTrue, yPred, dy }: Record<string, tf.TensorInfo>,
  { epsilon, each }: Attributes & { each: number },
): tf.TensorInfo {
  const [size, outputs] = [tf.util.sizeFromShape(yPred!.shape), yPred!.shape.at(-1)!];
  const gradient = call.output(yPred!.shape);
  const [labels, probabilities, dLosses] = floatsOf(call, yTrue!, yPred!, ...(dy ? [dy] : []));
  const gradients = call.runtime.memory.floats(gradient.address, size);
  for (let i = 0; i < size; i++) {
    const dLoss = fround((dLosses ? dLosses[Math.floor(i / outputs)]! : each) / outputs);
    gradients[i] = derivative(labels[i]!, probabilities[i]!, dLoss, epsilon);
  }
  return gradient.tensor;
}

// What follows rounds where an operation of TensorFlow.js writes its result.
const { abs, exp, fround, log, log1p, max, min } = Math;

const clip = (probability: number, epsilon: number) =>
  fround(min(max(probability, epsilon), 1 - epsilon));

/** max(x, 0) - x·label + log(1 + e^-|x|), with x the logit of the clipped probability */
function crossentropy(label: number, probability: number, epsilon: number): number {
  const p = clip(probability, epsilon);
  const x = fround(log(fround(p / fround(1 - p))));
  const softplus = fround(log1p(fround(exp(-abs(x)))));
  return fround(fround(max(0, x) - fround(x * label)) + softplus);
}

/** The gradient of {@link crossentropy} with respect to the probability, times `dy`. */
function derivative(label: number, probability: number, dy: number, epsilon: number): number {
  // Also for NaN.
  if (!(probability >= fround(epsilon) && probability <= fround(1 - epsilon))) return 0;
  const p = clip(probability, epsilon);
  const rest = fround(1 - p);
  const odds = fround(p / rest);
  const x = fround(log(odds));
  const e = fround(exp(-abs(x)));
  // In the order in which the tape is read backwards.
  let dx = fround(-dy * label);
  const dSoftplus = fround(fround(dy / fround(e + 1)) * e);
  dx = fround(dx + (x > 0 ? -dSoftplus : dSoftplus));
  dx = fround(dx + (x > 0 ? dy : dy * 0));
  const dOdds = fround(dx / odds);
  return fround(fround(dOdds / rest) + fround(fround(dOdds * p) / fround(rest * rest)));
}
