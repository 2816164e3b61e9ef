/**
 * One step of Adam for one variable as a kernel of TensorFlow.js. Source:
 * assembly/adam.ts; twin: tf.train.adam, from which it does not differ by a bit.
 */
import { tf } from '../foundation/tensorflow.js';
import { floatBits, ranges, runJobs } from './jobs.js';
import { registerKernels } from './register.js';
import type { KernelCall } from './tensors.js';

const KERNEL = 'RecurrentAdam';

/** What a step of Adam works on; all of one shape. */
export interface AdamInputs {
  weights: tf.Tensor;
  gradient: tf.Tensor;
  moment1: tf.Tensor;
  moment2: tf.Tensor;
}

/** The settings of a step. */
export interface AdamSettings {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** beta1 to the power of the number of the step, from 1 */
  accumulatedBeta1: number;
  /** beta2 to the power of the number of the step, from 1 */
  accumulatedBeta2: number;
}

/** Returns the new weights and the new moments. */
export function adam(
  inputs: AdamInputs,
  settings: AdamSettings,
): [weights: tf.Tensor, moment1: tf.Tensor, moment2: tf.Tensor] {
  register();
  return tf.engine().runKernel(KERNEL, { ...inputs }, { ...settings });
}

const register = registerKernels({ kernels: { [KERNEL]: step }, gradients: [] });

// The fields of AdamJob in assembly/adam.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = [
  'first', 'count', 'weights', 'gradient', 'moment1', 'moment2',
  'newWeights', 'newMoment1', 'newMoment2', 'beta1', 'rest1', 'beta2', 'rest2',
  'unbias1', 'unbias2', 'minusRate', 'epsilon',
] as const;

function step(
  call: KernelCall,
  inputs: Record<keyof AdamInputs, tf.TensorInfo>,
  settings: AdamSettings,
): tf.TensorInfo[] {
  const { shape } = inputs.weights;
  const count = tf.util.sizeFromShape(shape);
  const weights = call.output(shape);
  const moment1 = call.output(shape);
  const moment2 = call.output(shape);
  const { beta1, beta2 } = settings;
  const common = {
    weights: call.input(inputs.weights),
    gradient: call.input(inputs.gradient),
    moment1: call.input(inputs.moment1),
    moment2: call.input(inputs.moment2),
    newWeights: weights.address,
    newMoment1: moment1.address,
    newMoment2: moment2.address,
    beta1: floatBits(beta1),
    rest1: floatBits(1 - beta1),
    beta2: floatBits(beta2),
    rest2: floatBits(1 - beta2),
    unbias1: floatBits(1 - settings.accumulatedBeta1),
    unbias2: floatBits(1 - settings.accumulatedBeta2),
    minusRate: floatBits(-settings.learningRate),
    epsilon: floatBits(settings.epsilon),
  };
  const shards = ranges(count, call.runtime.threads, count, 4);
  runJobs(
    call,
    'adam',
    FIELDS,
    shards.map((range) => ({ ...range, ...common })),
  );
  return [weights.tensor, moment1.tensor, moment2.tensor];
}
