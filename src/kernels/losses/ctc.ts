/**
 * The loss of connectionist temporal classification and its gradient, a kernel each. The rows of a batch
 * are shared between threads. Source: assembly/losses/ctc.ts; twin: ctc-by-the-book.ts.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { floatBits, JobFields, ranges, runJobs } from '../bridge/jobs.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import type { CtcTargets } from './ctc-targets.js';

const FORWARD = 'RecurrentCtc';
const BACKWARD = 'RecurrentCtcGradient';

/**
 * The loss of each row, -log p(labels | logits).
 *
 * @param targets Checked: `ctcTargets`.
 * @param logits [batch, time, classes]
 * @returns [batch]
 */
export function ctcLoss(targets: CtcTargets, logits: tf.Tensor): tf.Tensor {
  register();
  return runKernel(FORWARD, { logits: asFloats(logits) }, { targets });
}

/** What it passes back to `logits`; `dy`: [batch], what comes back to the losses, or to each. */
export function ctcLossGradient(
  targets: CtcTargets,
  logits: tf.Tensor,
  dy: tf.Tensor | number,
): tf.Tensor {
  register();
  const floats = asFloats(logits);
  const inputs = typeof dy === 'number' ? { logits: floats } : { logits: floats, dy };
  return runKernel(BACKWARD, inputs, { targets, each: typeof dy === 'number' ? dy : 0 });
}

interface Attributes {
  targets: CtcTargets;
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [
    {
      kernelName: FORWARD,
      inputsToSave: ['logits'],
      gradFunc: (dy, [logits], attributes) => {
        const { targets } = attributes as unknown as Attributes;
        return { logits: () => ctcLossGradient(targets, logits!, dy as tf.Tensor) };
      },
    },
    {
      kernelName: BACKWARD,
      gradFunc: () =>
        rejectSecondDerivative('losses.ctc', 'take differences of its gradient at logits nearby'),
    },
  ],
});

// The fields of CtcJob in assembly/losses/ctc.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'first', 'count', 'time', 'classes', 'width', 'blank', 'logits', 'labels', 'labelLengths',
  'logitLengths', 'losses', 'each', 'gradient', 'room',
]);

function forward(
  call: KernelCall,
  { logits }: Record<string, tf.TensorInfo>,
  { targets }: Attributes,
): tf.TensorInfo {
  const losses = call.output([logits!.shape[0]!]);
  run(call, 'ctcForward', logits!, targets, { losses: losses.address, each: 0, gradient: 0 });
  return losses.tensor;
}

function backward(
  call: KernelCall,
  { logits, dy }: Record<string, tf.TensorInfo>,
  { targets, each }: Attributes & { each: number },
): tf.TensorInfo {
  const gradient = call.output(logits!.shape);
  const own = { losses: call.input(dy), each: floatBits(each), gradient: gradient.address };
  run(call, 'ctcBackward', logits!, targets, own);
  return gradient.tensor;
}

// A value of a frame, and one for each label, cost as much as some of those that `ranges` counts.
const WORK_OF_A_VALUE = 8;
// Of all shards together, which hold the variables of a row at a time each.
const MOST_ROOM = 2 ** 27;

function run(
  call: KernelCall,
  kernel: 'ctcForward' | 'ctcBackward',
  logits: tf.TensorInfo,
  targets: CtcTargets,
  own: { losses: number; each: number; gradient: number },
): void {
  const [batch, time, classes] = logits.shape as [number, number, number];
  if (batch === 0) return;
  const { width, blank } = targets;
  const common = {
    time,
    classes,
    width,
    blank,
    logits: call.input(logits),
    labels: integers(call, targets.labels),
    labelLengths: integers(call, targets.labelLengths),
    logitLengths: integers(call, targets.logitLengths),
    ...own,
  };
  const room = roomOf(targets, own.gradient !== 0);
  const work = WORK_OF_A_VALUE * batch * time * (classes + 2 * width);
  const threads = Math.min(call.runtime.threads, Math.ceil(MOST_ROOM / room));
  const shards = ranges(batch, threads, work, 1);
  const jobs = shards.map((shard) => [shard, common, { room: call.scratch(room) }] as const);
  runJobs(call, kernel, FIELDS, jobs);
}

function integers(call: KernelCall, values: Int32Array): number {
  const address = call.scratch(4 * values.length);
  call.runtime.memory.words.set(values, address / 4);
  return address;
}

/** The bytes of what assembly/losses/ctc.ts lays out for a row. */
function roomOf({ width, logitLengths }: CtcTargets, keeps: boolean): number {
  const lanes = 4 * Math.ceil((width + 1) / 4);
  const array = 4 * lanes + 32;
  const frames = keeps ? logitLengths.reduce((most, length) => Math.max(most, length), 0) : 1;
  const variables = 4 * (keeps ? frames + 1 : 1);
  return array * (5 + 2 * frames + variables) + 36 * frames + 4 * lanes + 64;
}
