/**
 * One step of Adam for all variables as a kernel of TensorFlow.js. Source:
 * assembly/optimizers/adam.ts; twin: tf.train.adam, from which it does not differ by a bit.
 */
import { tf } from '../../foundation/tensorflow.js';
import { floatBits, JobFields, runJobs } from '../bridge/jobs.js';
import { registerKernels } from '../bridge/register.js';
import type { KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

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

/** What a step leaves of a variable; null for a moment that it has changed where it is. */
export interface AdamOutputs {
  weights: tf.Tensor;
  moment1: tf.Tensor | null;
  moment2: tf.Tensor | null;
}

/** A step for each variable. */
export function adam(variables: readonly AdamInputs[], settings: AdamSettings): AdamOutputs[] {
  register();
  const inputs: Record<string, tf.Tensor> = {};
  variables.forEach((variable, i) => {
    const names = namesOf(i);
    for (const input of INPUTS) inputs[names[input]] = variable[input];
  });
  const kept: boolean[] = [];
  const outputs = runKernel<tf.Tensor[]>(KERNEL, inputs, { ...settings, kept });
  let next = 0;
  const take = (isKept: boolean) => (isKept ? null : outputs[next++]!);
  return variables.map((_, i) => ({
    weights: outputs[next++]!,
    moment1: take(kept[2 * i]!),
    moment2: take(kept[2 * i + 1]!),
  }));
}

const INPUTS = ['weights', 'gradient', 'moment1', 'moment2'] as const;
type Input = (typeof INPUTS)[number];

const names: Record<Input, string>[] = [];

/** The names of the inputs of the kernel for a variable; made once, since there are many at each step. */
function namesOf(i: number): Record<Input, string> {
  names[i] ??= {
    weights: `weights${i}`,
    gradient: `gradient${i}`,
    moment1: `moment1_${i}`,
    moment2: `moment2_${i}`,
  };
  return names[i];
}

const register = registerKernels({ kernels: { [KERNEL]: step }, gradients: [] });

// The fields of AdamJob in assembly/optimizers/adam.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'first', 'count', 'weights', 'gradient', 'moment1', 'moment2',
  'newWeights', 'newMoment1', 'newMoment2', 'beta1', 'rest1', 'beta2', 'rest2',
  'unbias1', 'unbias2', 'minusRate', 'epsilon',
]);

type Names = (typeof FIELDS)['names'][number];
type Job = Record<Exclude<Names, keyof ReturnType<typeof constants>>, number>;

// Fewer values than this, and waking a thread costs more than it saves.
const FEWEST_VALUES = 65_536;

function step(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  { kept, ...settings }: AdamSettings & { kept: boolean[] },
): tf.TensorInfo[] {
  const common = constants(settings);
  const outputs: tf.TensorInfo[] = [];
  const jobs: Job[] = [];
  const newPlace = (shape: number[]) => {
    const { tensor, address } = call.output(shape);
    outputs.push(tensor);
    return address;
  };
  // Whoever has the data of a moment, a copy by tf.clone, say, is to find it as it was.
  const placeOf = (moment: tf.TensorInfo) => {
    const own = call.own(moment);
    kept.push(own !== 0);
    return own || newPlace(moment.shape);
  };
  let variables = 0;
  for (; inputs[namesOf(variables).weights]; variables++) {
    const named = namesOf(variables);
    const [of1, of2] = [inputs[named.moment1]!, inputs[named.moment2]!];
    const { shape } = inputs[named.weights]!;
    const [weights, gradient, moment1, moment2] = [
      call.input(inputs[named.weights]),
      call.input(inputs[named.gradient]),
      call.input(of1),
      call.input(of2),
    ];
    const newWeights = newPlace(shape);
    const newMoment1 = placeOf(of1);
    const newMoment2 = placeOf(of2);
    const size = tf.util.sizeFromShape(shape);
    const share = size < FEWEST_VALUES ? size : 4 * Math.ceil(size / call.runtime.threads / 4);
    for (let first = 0; first < size; first += share) {
      jobs.push({
        first,
        count: Math.min(share, size - first),
        weights,
        gradient,
        moment1,
        moment2,
        newWeights,
        newMoment1,
        newMoment2,
      });
    }
  }
  // Where no variable is large, waking a thread costs more than it saves.
  const isShared = jobs.length > variables || call.runtime.busy;
  const whole = jobs.map((job) => [job, common] as const);
  if (isShared) runJobs(call, 'adam', FIELDS, whole, 'leave');
  else for (const job of whole) runJobs(call, 'adam', FIELDS, [job], 'leave');
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
