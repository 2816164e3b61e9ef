/**
 * The losses `categoricalCrossentropy` and `sparseCategoricalCrossentropy` of TensorFlow.js and their
 * gradients, a kernel each, without the table of zeros and ones that the latter multiplies with.
 * Source: assembly/losses/crossentropy.ts; twins: those losses.
 */
import { reject } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';
import { floatBits, JobFields, ranges, runJobs } from '../bridge/jobs.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { floatsOf } from '../bridge/call.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const FORWARD = 'RecurrentCrossentropy';
const BACKWARD = 'RecurrentCrossentropyGradient';

/**
 * The crossentropy of each sample or step.
 *
 * @param yTrue [..., classes], or with `sparse` the numbers of the classes, [...] or [..., 1]. Nothing
 *   flows back to it.
 * @param yPred [..., classes] probabilities.
 * @returns [...]
 * @throws RecurrentError for a number of no class, which TensorFlow.js takes for a loss of 0.
 */
export function crossentropy(yTrue: tf.Tensor, yPred: tf.Tensor, sparse: boolean): tf.Tensor {
  register();
  return runKernel(FORWARD, inputsOf(yTrue, yPred), { epsilon: tf.backend().epsilon(), sparse });
}

/** What it passes back to `yPred`; `dy`: [...], what comes back to the crossentropies, or to each. */
export function crossentropyGradient(
  yTrue: tf.Tensor,
  yPred: tf.Tensor,
  sparse: boolean,
  dy: tf.Tensor | number,
): tf.Tensor {
  register();
  const inputs = { ...inputsOf(yTrue, yPred), ...(typeof dy === 'number' ? {} : { dy }) };
  const each = typeof dy === 'number' ? dy : 0;
  return runKernel(BACKWARD, inputs, { epsilon: tf.backend().epsilon(), sparse, each });
}

function inputsOf(yTrue: tf.Tensor, yPred: tf.Tensor) {
  return { yTrue: asFloats(yTrue), yPred: asFloats(yPred) };
}

interface Attributes {
  epsilon: number;
  sparse: boolean;
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [
    {
      kernelName: FORWARD,
      inputsToSave: ['yTrue', 'yPred'],
      gradFunc: (dy, [yTrue, yPred], attributes) => {
        const { sparse } = attributes as unknown as Attributes;
        return { yPred: () => crossentropyGradient(yTrue!, yPred!, sparse, dy as tf.Tensor) };
      },
    },
    {
      kernelName: BACKWARD,
      gradFunc: () =>
        rejectSecondDerivative(
          'categoricalCrossentropy',
          'compute the loss as tf.neg(tf.sum(tf.mul(yTrue, tf.log(yPred)), -1))',
        ),
    },
  ],
});

// The fields of CrossentropyJob in assembly/losses/crossentropy.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'first', 'count', 'classes', 'sparse', 'labels', 'probabilities', 'epsilon',
  'losses', 'each', 'gradient',
]);

function forward(
  call: KernelCall,
  { yTrue, yPred }: Record<string, tf.TensorInfo>,
  attributes: Attributes,
): tf.TensorInfo {
  if (attributes.sparse) requireClasses(call, yTrue!, yPred!.shape.at(-1)!);
  const losses = call.output(yPred!.shape.slice(0, -1));
  const own = { losses: losses.address, each: 0, gradient: 0 };
  run(call, 'crossentropyForward', yTrue!, yPred!, attributes, own);
  return losses.tensor;
}

function backward(
  call: KernelCall,
  { yTrue, yPred, dy }: Record<string, tf.TensorInfo>,
  attributes: Attributes & { each: number },
): tf.TensorInfo {
  const gradient = call.output(yPred!.shape);
  const each = floatBits(attributes.each);
  const own = { losses: call.input(dy), each, gradient: gradient.address };
  run(call, 'crossentropyBackward', yTrue!, yPred!, attributes, own);
  return gradient.tensor;
}

// A value costs as much as some of those that `ranges` counts.
const WORK_OF_A_VALUE = 4;

function run(
  call: KernelCall,
  kernel: 'crossentropyForward' | 'crossentropyBackward',
  yTrue: tf.TensorInfo,
  yPred: tf.TensorInfo,
  { epsilon, sparse }: Attributes,
  own: { losses: number; each: number; gradient: number },
): void {
  const classes = yPred.shape.at(-1)!;
  const size = tf.util.sizeFromShape(yPred.shape);
  if (size === 0) return;
  const common = {
    classes,
    sparse: Number(sparse),
    labels: call.input(yTrue),
    probabilities: call.input(yPred),
    epsilon: floatBits(epsilon),
    ...own,
  };
  const shards = ranges(size / classes, call.runtime.threads, WORK_OF_A_VALUE * size, 1);
  runJobs(
    call,
    kernel,
    FIELDS,
    shards.map((shard) => [shard, common] as const),
  );
}

function requireClasses(call: KernelCall, yTrue: tf.TensorInfo, classes: number): void {
  const [labels] = floatsOf(call, yTrue);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label >= 0 && label < classes) continue;
    reject({
      where: 'sparseCategoricalCrossentropy',
      expected: `labels must be numbers from 0 to ${classes - 1}, one for each output`,
      received: label,
      remedy:
        'Count the classes from 0, or give the last layer as many units as there are classes.',
      see: 'wrong-labels',
    });
  }
}
