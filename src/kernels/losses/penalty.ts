/**
 * What a regularizer adds to the loss as a kernel of TensorFlow.js, whose own operations take some fifty times
 * as long for the weights of an embedding. Source: assembly/losses/penalty.ts; twin: `tfl.regularizers.l1l2`.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { floatBits, JobFields, runJobs } from '../bridge/jobs.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import { blocksOf, sumBlocks } from '../merging/block-sums.js';

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
const TOTAL = new JobFields(['sums', 'blocks', 'total']);
const GRADIENT = new JobFields(['first', 'count', 'weights', 'l1', 'l2', 'dy', 'dw']);

function forward(
  call: KernelCall,
  { weights }: Record<string, tf.TensorInfo>,
  penalty: Penalty,
): tf.TensorInfo {
  const blocks = blocksOf(weights!.shape, call.input(weights));
  const sums = sumBlocks(call, blocks, penalty, true);
  const output = call.output([]);
  const total = { sums, blocks: blocks.length, total: output.address };
  runJobs(call, 'penaltyTotal', TOTAL, [[total]], 'leave');
  return output.tensor;
}

function backward(
  call: KernelCall,
  { dy, weights }: Record<string, tf.TensorInfo>,
  { l1, l2 }: Penalty,
): tf.TensorInfo {
  const output = call.output(weights!.shape);
  const common = {
    ...{ l1: floatBits(l1), l2: floatBits(l2) },
    ...{ dy: call.input(dy), dw: output.address },
  };
  const blocks = blocksOf(weights!.shape, call.input(weights));
  const jobs = blocks.map(
    ({ first, count, values }) => [{ first, count, weights: values }, common] as const,
  );
  runJobs(call, 'penaltyGradient', GRADIENT, jobs, 'leave');
  return output.tensor;
}
