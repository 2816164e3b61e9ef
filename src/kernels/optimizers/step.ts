/**
 * One step of an optimizer for all variables as a kernel of TensorFlow.js, which takes some five to
 * fifteen operations a variable. Source: assembly/optimizers/steps.ts; twins: the optimizers of
 * tf.train, from which it does not differ by a bit on the cpu backend.
 */
import type { ShardKernel } from '../../engine/machine.js';
import { tf } from '../../foundation/tensorflow.js';
import { floatBits, JobFields, leaveJobs } from '../bridge/jobs.js';
import { registerKernels } from '../bridge/register.js';
import type { KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

/** The optimizers that have a kernel. */
export type OptimizerKernel = Extract<
  ShardKernel,
  'adam' | 'adamax' | 'sgd' | 'momentum' | 'rmsprop' | 'adagrad' | 'adadelta'
>;

const KERNEL = 'RecurrentOptimizerStep';

/** What a step works on; all of one shape. */
export interface StepInputs {
  weights: tf.Variable;
  gradient: tf.Tensor;
  /** What the optimizer remembers of the variable: at most three. */
  slots: readonly tf.Variable[];
}

/** What a step leaves of a variable; null for a slot that it has changed where it is. */
export interface StepOutputs {
  weights: tf.Tensor;
  slots: (tf.Tensor | null)[];
}

/**
 * A step for each variable.
 *
 * @param constants At most eight, in the order in which assembly/optimizers/steps.ts reads them.
 */
export function optimizerStep(
  kernel: OptimizerKernel,
  variables: readonly StepInputs[],
  constants: readonly number[],
): StepOutputs[] {
  register();
  const inputs: Record<string, tf.Tensor> = {};
  variables.forEach(({ weights, gradient, slots }, i) => {
    const names = namesOf(i);
    inputs[names.weights] = weights;
    inputs[names.gradient] = gradient;
    slots.forEach((slot, n) => {
      inputs[names.slots[n]!] = slot;
    });
  });
  const kept: boolean[] = [];
  const outputs = runKernel<tf.Tensor[]>(KERNEL, inputs, { kernel, constants, kept });
  let next = 0;
  let slot = 0;
  return variables.map(({ slots }) => ({
    weights: outputs[next++]!,
    slots: slots.map(() => (kept[slot++] ? null : outputs[next++]!)),
  }));
}

interface Names {
  weights: string;
  gradient: string;
  slots: [string, string, string];
}

const names: Names[] = [];

/** The names of the inputs of the kernel for a variable; made once, since there are many at each step. */
function namesOf(i: number): Names {
  names[i] ??= {
    weights: `weights${i}`,
    gradient: `gradient${i}`,
    slots: [`slot1_${i}`, `slot2_${i}`, `slot3_${i}`],
  };
  return names[i];
}

const register = registerKernels({ kernels: { [KERNEL]: step }, gradients: [] });

// The fields of StepJob in assembly/optimizers/steps.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'first', 'count', 'weights', 'gradient', 'slot1', 'slot2', 'slot3',
  'newWeights', 'newSlot1', 'newSlot2', 'newSlot3',
  'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h',
]);

type Field = (typeof FIELDS)['names'][number];
type Constant = 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h';
type Job = Record<Exclude<Field, Constant>, number>;

// Fewer values than this, and waking a thread costs more than it saves.
const FEWEST_VALUES = 65_536;

interface Attributes {
  kernel: OptimizerKernel;
  constants: readonly number[];
  /** Filled in: of each slot whether it was changed where it is. */
  kept: boolean[];
}

function step(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  { kernel, constants, kept }: Attributes,
): tf.TensorInfo[] {
  const common = constantsOf(constants);
  const outputs: tf.TensorInfo[] = [];
  const jobs: Job[] = [];
  const newPlace = (shape: number[]) => {
    const { tensor, address } = call.output(shape);
    outputs.push(tensor);
    return address;
  };
  // Whoever has the data of a slot, a copy by tf.clone, say, is to find it as it was.
  const placeOf = (slot: tf.TensorInfo | undefined) => {
    if (!slot) return 0;
    const own = call.own(slot);
    kept.push(own !== 0);
    return own || newPlace(slot.shape);
  };
  let variables = 0;
  for (; inputs[namesOf(variables).weights]; variables++) {
    const named = namesOf(variables);
    const [of1, of2, of3] = named.slots.map((name) => inputs[name]);
    const { shape } = inputs[named.weights]!;
    const weights = call.input(inputs[named.weights]);
    const gradient = call.input(inputs[named.gradient]);
    const [slot1, slot2, slot3] = [call.input(of1), call.input(of2), call.input(of3)];
    const newWeights = newPlace(shape);
    const [newSlot1, newSlot2, newSlot3] = [placeOf(of1), placeOf(of2), placeOf(of3)];
    const size = tf.util.sizeFromShape(shape);
    const share = size < FEWEST_VALUES ? size : 4 * Math.ceil(size / call.runtime.threads / 4);
    for (let first = 0; first < size; first += share) {
      jobs.push({
        first,
        count: Math.min(share, size - first),
        weights,
        gradient,
        slot1,
        slot2,
        slot3,
        newWeights,
        newSlot1,
        newSlot2,
        newSlot3,
      });
    }
  }
  // Where no variable is large, waking a thread costs more than it saves.
  const isShared = jobs.length > variables || call.runtime.busy;
  const whole = jobs.map((job) => [job, common] as const);
  leaveJobs(call, kernel, FIELDS, whole, isShared);
  return outputs;
}

function constantsOf(constants: readonly number[]): Record<Constant, number> {
  const [a, b, c, d, e, f, g, h] = Array.from({ length: 8 }, (_, i) =>
    floatBits(constants[i] ?? 0),
  );
  return { a: a!, b: b!, c: c!, d: d!, e: e!, f: f!, g: g!, h: h! };
}
