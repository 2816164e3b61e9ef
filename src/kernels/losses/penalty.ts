/**
 * What a regularizer adds to the loss as a kernel of TensorFlow.js, whose own operations take some fifty times
 * as long for the weights of an embedding. Source: assembly/losses/penalty.ts; twin: `tfl.regularizers.l1l2`.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { sizeOf } from '../bridge/call.js';
import { floatBits, JobFields, runJobs } from '../bridge/jobs.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const FORWARD = 'RecurrentPenalty';
const BACKWARD = 'RecurrentPenaltyGradient';

/** How much absolute values and squares count. */
export interface Penalty {
  l1: number;
  l2: number;
}

/** Σ l1·|w| + l2·w² */
export function penaltyOf(weights: tf.Tensor, { l1, l2 }: Penalty): tf.Scalar {
  register();
  return runKernel(FORWARD, { weights: asFloats(weights) }, { l1, l2 });
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [
    {
      kernelName: FORWARD,
      inputsToSave: ['weights'],
      gradFunc: (dy, [weights], attributes) => ({
        weights: () =>
          runKernel(BACKWARD, { dy: dy as tf.Tensor, weights: weights! }, { ...attributes }),
      }),
    },
    {
      kernelName: BACKWARD,
      gradFunc: () =>
        rejectSecondDerivative('regularizers', 'add what they apply to the loss yourself'),
    },
  ],
});

// The fields of the jobs in assembly/losses/penalty.ts, in their order.
const PENALTY = new JobFields(['first', 'count', 'weights', 'l1', 'l2', 'sum']);
const TOTAL = new JobFields(['sums', 'blocks', 'total']);
const GRADIENT = new JobFields(['first', 'count', 'weights', 'l1', 'l2', 'dy', 'dw']);

// Of values: always the same ones, so that the sum of all is the same to the bit on any number of threads.
const BLOCK = 65_536;
const SUM_BYTES = 8;

function forward(
  call: KernelCall,
  { weights }: Record<string, tf.TensorInfo>,
  penalty: Penalty,
): tf.TensorInfo {
  const blocks = blocksOf(weights!);
  const sums = call.scratch(SUM_BYTES * Math.max(1, blocks.length));
  const output = call.output([]);
  const common = { weights: call.input(weights), ...asBits(penalty) };
  const jobs = blocks.map((block, i) => [block, { ...common, sum: sums + SUM_BYTES * i }] as const);
  runJobs(call, 'penaltySum', PENALTY, jobs, 'leave');
  const total = { sums, blocks: blocks.length, total: output.address };
  runJobs(call, 'penaltyTotal', TOTAL, [[total]], 'leave');
  return output.tensor;
}

function backward(
  call: KernelCall,
  { dy, weights }: Record<string, tf.TensorInfo>,
  penalty: Penalty,
): tf.TensorInfo {
  const output = call.output(weights!.shape);
  const common = {
    ...{ weights: call.input(weights), dy: call.input(dy), dw: output.address },
    ...asBits(penalty),
  };
  const jobs = blocksOf(weights!).map((block) => [block, common] as const);
  runJobs(call, 'penaltyGradient', GRADIENT, jobs, 'leave');
  return output.tensor;
}

function blocksOf({ shape }: tf.TensorInfo): { first: number; count: number }[] {
  const size = sizeOf(shape);
  return Array.from({ length: Math.ceil(size / BLOCK) }, (_, i) => ({
    first: i * BLOCK,
    count: Math.min(BLOCK, size - i * BLOCK),
  }));
}

const asBits = ({ l1, l2 }: Penalty) => ({ l1: floatBits(l1), l2: floatBits(l2) });
