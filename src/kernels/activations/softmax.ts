/**
 * Softmax over the last axis and what it passes back as a kernel each; TensorFlow.js takes five
 * operations for either, those that broadcast element by element. Source: assembly/activations/softmax.ts;
 * twin: tf.softmax.
 */
import { tf } from '../../foundation/tensorflow.js';
import { JobFields, ranges, runJobs, writeJob } from '../bridge/jobs.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { asFloats, type KernelCall, type Workplace } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

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

// The fields of SoftmaxJob in assembly/activations/softmax.ts, in its order.
const FIELDS = new JobFields(['first', 'count', 'width', 'x', 'y', 'dx']);

/** The job of a softmax over rows where they are, for the kernel softmaxForward. */
export function softmaxJob(place: Workplace, rows: number, width: number, x: number): number {
  return writeJob(place, FIELDS, [{ first: 0, count: rows, width, x, y: x, dx: 0 }]);
}

function forward(call: KernelCall, { x }: Record<string, tf.TensorInfo>): tf.TensorInfo {
  const y = call.output(x!.shape);
  run(call, 'softmaxForward', x!.shape, { x: call.input(x), y: y.address, dx: 0 });
  return y.tensor;
}

function backward(call: KernelCall, { dy, y }: Record<string, tf.TensorInfo>): tf.TensorInfo {
  const dx = call.output(y!.shape);
  const addresses = { x: call.input(dy), y: call.input(y), dx: dx.address };
  run(call, 'softmaxBackward', y!.shape, addresses);
  return dx.tensor;
}

// A value costs as much as some of those that `ranges` counts.
const WORK_OF_A_VALUE = 8;

function run(
  call: KernelCall,
  kernel: 'softmaxForward' | 'softmaxBackward',
  shape: number[],
  addresses: { x: number; y: number; dx: number },
): void {
  const width = shape.at(-1)!;
  const rows = tf.util.sizeFromShape(shape.slice(0, -1));
  if (rows * width === 0) return;
  const shards = ranges(rows, call.runtime.threads, WORK_OF_A_VALUE * rows * width, 1);
  const common = { width, ...addresses };
  runJobs(
    call,
    kernel,
    FIELDS,
    shards.map((shard) => [shard, common] as const),
  );
}
