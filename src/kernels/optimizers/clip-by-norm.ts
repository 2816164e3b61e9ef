/**
 * Gradients scaled down to a norm as a kernel of TensorFlow.js, whose own operations take as long for the
 * gradient of a large embedding as its layer does. Source: assembly/optimizers/clip.ts; twin:
 * clip-by-norm-composed.ts.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { floatBits, JobFields, leaveJobs } from '../bridge/jobs.js';
import { registerKernels } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import { blocksOf, SUM_BYTES, sumBlocks } from '../merging/block-sums.js';

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

// The fields of NormJob in assembly/optimizers/clip.ts, in its order.
const FIELDS = new JobFields(['first', 'count', 'values', 'scaled', 'sums', 'blocks', 'most']);

const SQUARES = { l1: 0, l2: 1 };

function clip(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  { most, normOf }: { most: number; normOf: NormOf },
): tf.TensorInfo[] {
  const gradients = Object.values(inputs).map((gradient) => ({
    blocks: blocksOf(gradient.shape, call.input(gradient)),
    output: call.output(gradient.shape),
  }));
  const all = gradients.flatMap(({ blocks }) => blocks);
  // Where no gradient is large, waking a thread costs more than it saves.
  const isShared = all.length > gradients.length || call.runtime.busy;
  const first = sumBlocks(call, all, SQUARES, isShared);
  let before = 0;
  const jobs = gradients.flatMap(({ blocks, output }) => {
    const own = { sums: first + SUM_BYTES * before, blocks: blocks.length };
    const counted = normOf === 'each' ? own : { sums: first, blocks: all.length };
    const common = { ...counted, scaled: output.address, most: floatBits(most) };
    before += blocks.length;
    return blocks.map((block) => [block, common] as const);
  });
  leaveJobs(call, 'scaleToNorm', FIELDS, jobs, isShared);
  return gradients.map(({ output }) => output.tensor);
}
