/**
 * Gradients scaled down to a norm as a kernel of TensorFlow.js, whose own operations take as long for the
 * gradient of a large embedding as its layer does. Source: assembly/optimizers/clip.ts; twin:
 * clip-by-norm-composed.ts.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { sizeOf } from '../bridge/call.js';
import { floatBits, JobFields, runJobs } from '../bridge/jobs.js';
import { registerKernels } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

/** Whose norm is limited: that of each gradient, or that of all together. */
export type NormOf = 'each' | 'all';

const KERNEL = 'RecurrentClipByNorm';

/**
 * The gradients times most / max(norm, most).
 *
 * @param gradients At least one.
 * @param most The largest norm.
 */
export function clipByNorm(
  gradients: readonly tf.Tensor[],
  most: number,
  normOf: NormOf,
): tf.Tensor[] {
  register();
  const inputs = Object.fromEntries(gradients.map((gradient, i) => [i, asFloats(gradient)]));
  return runKernel(KERNEL, inputs, { most, normOf });
}

const register = registerKernels({ kernels: { [KERNEL]: clip }, gradients: [] });

// The fields of SquaresJob and NormJob in assembly/optimizers/clip.ts, in their order.
const SQUARES = new JobFields(['first', 'count', 'values', 'sum']);
const NORM = new JobFields(['first', 'count', 'values', 'scaled', 'sums', 'blocks', 'most']);

// Of values: always the same ones, so that the sum of all is the same to the bit on any number of threads.
const BLOCK = 65_536;
const SUM_BYTES = 8;

function clip(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  { most, normOf }: { most: number; normOf: NormOf },
): tf.TensorInfo[] {
  const gradients = Object.values(inputs).map((gradient) => {
    const size = sizeOf(gradient.shape);
    const blocks = Math.ceil(size / BLOCK);
    const output = call.output(gradient.shape);
    return { size, blocks, values: call.input(gradient), output };
  });
  const all = gradients.reduce((sum, { blocks }) => sum + blocks, 0);
  const first = call.scratch(SUM_BYTES * Math.max(1, all));
  const squares: { first: number; count: number; values: number; sum: number }[] = [];
  const norms: Record<(typeof NORM)['names'][number], number>[] = [];
  let sum = first;
  for (const { size, blocks, values, output } of gradients) {
    const own = { sums: sum, blocks };
    const counted = normOf === 'each' ? own : { sums: first, blocks: all };
    for (let start = 0; start < size; start += BLOCK) {
      const block = { first: start, count: Math.min(BLOCK, size - start), values };
      squares.push({ ...block, sum });
      norms.push({ ...block, ...counted, scaled: output.address, most: floatBits(most) });
      sum += SUM_BYTES;
    }
  }
  // Where no gradient is large, waking a thread costs more than it saves.
  const isShared = all > gradients.length || call.runtime.busy;
  if (isShared) {
    runJobs(
      call,
      'sumOfSquares',
      SQUARES,
      squares.map((job) => [job] as const),
      'leave',
    );
    runJobs(
      call,
      'scaleToNorm',
      NORM,
      norms.map((job) => [job] as const),
      'leave',
    );
  } else {
    for (const job of squares) runJobs(call, 'sumOfSquares', SQUARES, [[job]], 'leave');
    for (const job of norms) runJobs(call, 'scaleToNorm', NORM, [[job]], 'leave');
  }
  return gradients.map(({ output }) => output.tensor);
}
