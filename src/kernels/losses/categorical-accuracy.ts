/**
 * The metrics `categoricalAccuracy` and `sparseCategoricalAccuracy` of TensorFlow.js as one kernel.
 * Source: assembly/losses/accuracy.ts; twins: those metrics, from which it does not differ by a bit.
 */
import { tf } from '../../foundation/tensorflow.js';
import { JobFields, ranges, runJobs } from '../bridge/jobs.js';
import { registerKernels } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const KERNEL = 'RecurrentCategoricalAccuracy';

/**
 * Which samples or steps were predicted as labelled: 1, else 0.
 *
 * @param yTrue [..., classes], or with `sparse` the numbers of the classes, [...] or [..., 1].
 * @param yPred [..., classes] probabilities.
 * @returns [...]
 */
export function categoricalAccuracy(
  yTrue: tf.Tensor,
  yPred: tf.Tensor,
  sparse: boolean,
): tf.Tensor {
  register();
  return runKernel(KERNEL, { yTrue: asFloats(yTrue), yPred: asFloats(yPred) }, { sparse });
}

const register = registerKernels({ kernels: { [KERNEL]: compare }, gradients: [] });

// The fields of AccuracyJob in assembly/losses/accuracy.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'first', 'count', 'classes', 'sparse', 'labels', 'probabilities', 'right',
]);

function compare(
  call: KernelCall,
  { yTrue, yPred }: Record<string, tf.TensorInfo>,
  { sparse }: { sparse: boolean },
): tf.TensorInfo {
  const classes = yPred!.shape.at(-1)!;
  const size = tf.util.sizeFromShape(yPred!.shape);
  const right = call.output(yPred!.shape.slice(0, -1));
  if (size === 0) return right.tensor;
  const common = {
    classes,
    sparse: Number(sparse),
    labels: call.input(yTrue),
    probabilities: call.input(yPred),
    right: right.address,
  };
  const shards = ranges(size / classes, call.runtime.threads, size, 1);
  runJobs(
    call,
    'categoricalAccuracy',
    FIELDS,
    shards.map((shard) => [shard, common] as const),
  );
  return right.tensor;
}
