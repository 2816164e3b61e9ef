/**
 * One step of Adam for all variables as a kernel of TensorFlow.js. Source:
 * assembly/adam.ts; twin: tf.train.adam, from which it does not differ by a bit.
 */
import { tf } from '../foundation/tensorflow.js';
import { floatBits, JobFields, ranges, runJobs } from './jobs.js';
import { registerKernels } from './register.js';
import type { KernelCall } from './tensors.js';

const KERNEL = 'RecurrentAdam';

/** What a step of Adam works on; all of one shape. */
export interface AdamInputs {
  weights: tf.Variable;
  gradient: tf.Tensor;
  moment1: tf.Variable;
  moment2: tf.Variable;
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

/** What a step leaves of a variable. */
export interface AdamOutputs {
  weights: tf.Tensor;
  moment1: tf.Tensor;
  moment2: tf.Tensor;
}

/** A step for each variable. */
export function adam(variables: readonly AdamInputs[], settings: AdamSettings): AdamOutputs[] {
  register();
  const inputs = variables.flatMap((of, i) => INPUTS.map((name) => [`${name}${i}`, of[name]]));
  const outputs = tf
    .engine()
    .runKernel<tf.Tensor[]>(KERNEL, Object.fromEntries(inputs), { ...settings });
  return variables.map((_, i) => {
    const [weights, moment1, moment2] = outputs.slice(3 * i) as [tf.Tensor, tf.Tensor, tf.Tensor];
    return { weights, moment1, moment2 };
  });
}

const INPUTS = ['weights', 'gradient', 'moment1', 'moment2'] as const;

const register = registerKernels({ kernels: { [KERNEL]: step }, gradients: [] });

// The fields of AdamJob in assembly/adam.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'first', 'count', 'weights', 'gradient', 'moment1', 'moment2',
  'newWeights', 'newMoment1', 'newMoment2', 'beta1', 'rest1', 'beta2', 'rest2',
  'unbias1', 'unbias2', 'minusRate', 'epsilon',
]);

type Names = (typeof FIELDS)['names'][number];
type Job = Record<Exclude<Names, keyof ReturnType<typeof constants>>, number>;

function step(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  settings: AdamSettings,
): tf.TensorInfo[] {
  const common = constants(settings);
  const outputs: tf.TensorInfo[] = [];
  const jobs: Job[] = [];
  for (let i = 0; inputs[`weights${i}`]; i++) {
    const { shape } = inputs[`weights${i}`]!;
    const [weights, gradient, moment1, moment2] = INPUTS.map((name) =>
      call.input(inputs[`${name}${i}`]),
    ) as [number, number, number, number];
    const next = [call.output(shape), call.output(shape), call.output(shape)] as const;
    outputs.push(...next.map(({ tensor }) => tensor));
    const size = tf.util.sizeFromShape(shape);
    for (const { first, count } of ranges(size, call.runtime.threads, size, 4)) {
      jobs.push({
        first,
        count,
        weights,
        gradient,
        moment1,
        moment2,
        newWeights: next[0].address,
        newMoment1: next[1].address,
        newMoment2: next[2].address,
      });
    }
  }
  // Where no variable is large, waking a thread costs more than it saves.
  const whole = jobs.map((job) => [job, common] as const);
  if (jobs.length > outputs.length / 3) runJobs(call, 'adam', FIELDS, whole);
  else for (const job of whole) runJobs(call, 'adam', FIELDS, [job]);
  return outputs;
}

function constants(settings: AdamSettings) {
  const { beta1, beta2 } = settings;
  return {
    beta1: floatBits(beta1),
    rest1: floatBits(1 - beta1),
    beta2: floatBits(beta2),
    rest2: floatBits(1 - beta2),
    unbias1: floatBits(1 - settings.accumulatedBeta1),
    unbias2: floatBits(1 - settings.accumulatedBeta2),
    minusRate: floatBits(-settings.learningRate),
    epsilon: floatBits(settings.epsilon),
  };
}
