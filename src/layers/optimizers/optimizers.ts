/**
 * Steps of the optimizers of tf.train by a kernel: whatever made an optimizer, `compile` with a name or
 * `tf.train`, its own state is read and written, so that it saves and resumes as before.
 */
import { tf } from '../../foundation/tensorflow.js';
import { fusedAvailable } from '../../kernels/bridge/register.js';
import {
  type OptimizerKernel,
  optimizerStep,
  type StepInputs,
} from '../../kernels/optimizers/step.js';
import { type Gradients, namedGradients } from './named-gradients.js';

/** How TensorFlow.js keeps what it remembers of a variable. */
interface Slot {
  originalName: string;
  variable: tf.Variable;
}

/** A list of slots of an optimizer: its property, what names end in, and what it begins with. */
interface SlotList {
  property: string;
  suffix: string;
  initial?: number;
}

/** What the types of the optimizers hide; each has some of it. */
interface State {
  [list: string]: Slot[] | unknown;
  learningRate: number;
  epsilon: number | null;
  accBeta1: tf.Variable;
  accBeta2: tf.Variable;
  beta1: number;
  beta2: number;
  decay: number;
  iteration: tf.Variable;
  momentum: number;
  useNesterov: boolean;
  centered: boolean;
  initialAccumulatorValue: number;
  rho: number;
}

/** How an optimizer's step becomes the kernel's. */
interface Fused {
  kernel: OptimizerKernel;
  slots(state: State): SlotList[];
  /** Numbers in the order in which the kernel reads them. */
  constants(state: State): number[];
  /** What changes once a step. */
  after?(state: State): void;
}

const { fround } = Math;
const epsilonOf = ({ epsilon }: State) => epsilon ?? tf.backend().epsilon();
const list = (property: string, suffix: string): SlotList => ({ property, suffix });
const numberOf = (variable: tf.Variable) => variable.dataSync()[0]!;

const ADAM: Fused = {
  kernel: 'adam',
  slots: () => [list('accumulatedFirstMoment', 'm'), list('accumulatedSecondMoment', 'v')],
  constants(state) {
    const { beta1, beta2, accBeta1, accBeta2, learningRate } = state;
    const unbias = [1 - numberOf(accBeta1), 1 - numberOf(accBeta2)] as const;
    return [beta1, 1 - beta1, beta2, 1 - beta2, ...unbias, -learningRate, epsilonOf(state)];
  },
  after({ accBeta1, accBeta2, beta1, beta2 }) {
    // As tf.mul computes it.
    accBeta1.assign(tf.scalar(numberOf(accBeta1) * fround(beta1)));
    accBeta2.assign(tf.scalar(numberOf(accBeta2) * fround(beta2)));
  },
};

const ADAMAX: Fused = {
  kernel: 'adamax',
  slots: () => [list('accumulatedFirstMoment', 'm'), list('accumulatedWeightedInfNorm', 'v')],
  constants(state) {
    const { beta1, beta2, accBeta1, iteration, decay, learningRate } = state;
    const decayed = fround(fround(numberOf(iteration) * fround(decay)) + 1);
    const rate = fround(fround(-learningRate) / decayed);
    const minusRate = rate / fround(1 - numberOf(accBeta1));
    return [beta1, 1 - beta1, beta2, minusRate, epsilonOf(state)];
  },
  after({ iteration, accBeta1, beta1 }) {
    iteration.assign(tf.scalar(numberOf(iteration) + 1));
    accBeta1.assign(tf.scalar(numberOf(accBeta1) * fround(beta1)));
  },
};

const SGD: Fused = {
  kernel: 'sgd',
  slots: () => [],
  constants: ({ learningRate }) => [-learningRate],
};

const MOMENTUM: Fused = {
  kernel: 'momentum',
  slots: () => [list('accumulations', 'momentum')],
  constants: ({ learningRate, momentum, useNesterov }) => [
    -learningRate,
    momentum,
    Number(useNesterov),
  ],
};

const RMSPROP: Fused = {
  kernel: 'rmsprop',
  slots: ({ centered }) => [
    list('accumulatedMeanSquares', 'rms'),
    list('accumulatedMoments', 'momentum'),
    ...(centered ? [list('accumulatedMeanGrads', 'mg')] : []),
  ],
  constants: (state) => [
    state.decay,
    1 - state.decay,
    state.learningRate,
    state.momentum,
    epsilonOf(state),
  ],
};

const ADAGRAD: Fused = {
  kernel: 'adagrad',
  slots: ({ initialAccumulatorValue: initial }) => [
    { property: 'accumulatedGrads', suffix: 'accumulator', initial },
  ],
  constants: ({ learningRate }) => [-learningRate, tf.backend().epsilon()],
};

const ADADELTA: Fused = {
  kernel: 'adadelta',
  slots: () => [list('accumulatedGrads', 'accum_grad'), list('accumulatedUpdates', 'accum_var')],
  constants: (state) => [state.rho, 1 - state.rho, -state.learningRate, epsilonOf(state)],
};

type Apply = (gradients: Gradients) => void;

let known: Map<Apply, Fused> | undefined;

/** By what they step with: a class of somebody else's that has its own way is not among them. */
function fusedOf(applyGradients: Apply): Fused | undefined {
  known ??= new Map<Apply, Fused>([
    [tf.AdamOptimizer.prototype.applyGradients, ADAM],
    [tf.AdamaxOptimizer.prototype.applyGradients, ADAMAX],
    [tf.SGDOptimizer.prototype.applyGradients, SGD],
    [tf.MomentumOptimizer.prototype.applyGradients, MOMENTUM],
    [tf.RMSPropOptimizer.prototype.applyGradients, RMSPROP],
    [tf.AdagradOptimizer.prototype.applyGradients, ADAGRAD],
    [tf.AdadeltaOptimizer.prototype.applyGradients, ADADELTA],
  ]);
  return known.get(applyGradients);
}

/** Whether {@link applyGradients} would take an optimizer's step by a kernel. */
export function stepsByKernel(optimizer: tf.Optimizer): boolean {
  return fusedAvailable() && fusedOf(optimizer.applyGradients as Apply) !== undefined;
}

/**
 * The step of an optimizer, by a kernel where it has one.
 *
 * @param apply What it steps with, if something else was put in front of that.
 */
export function applyGradients(
  optimizer: tf.Optimizer,
  gradients: Gradients,
  apply: Apply = optimizer.applyGradients as Apply,
): void {
  const fused = fusedAvailable() ? fusedOf(apply) : undefined;
  if (fused) step(optimizer, gradients, fused);
  else apply.call(optimizer, gradients);
}

/** A step of Adam by the kernel, whatever class the optimizer has. */
export function applyAdam(optimizer: tf.AdamOptimizer, gradients: Gradients): void {
  step(optimizer, gradients, ADAM);
}

function step(optimizer: tf.Optimizer, gradients: Gradients, fused: Fused): void {
  const state = optimizer as unknown as State;
  const lists = fused.slots(state);
  tf.tidy(() => {
    const steps: StepInputs[] = [];
    namedGradients(gradients).forEach(({ name, variable: weights, gradient }, i) => {
      const slots = lists.map(({ property, suffix, initial }) => {
        const kept = state[property] as Slot[];
        kept[i] ??= newSlot(`${name}/${suffix}`, weights, initial);
        return kept[i].variable;
      });
      if (gradient) steps.push({ weights, gradient, slots });
    });
    const outputs = optimizerStep(fused.kernel, steps, fused.constants(state));
    outputs.forEach((next, i) => {
      const { slots, weights } = steps[i]!;
      next.slots.forEach((value, n) => {
        if (value) slots[n]!.assign(value);
      });
      weights.assign(next.weights);
    });
    fused.after?.(state);
  });
  (optimizer as unknown as { incrementIterations(): void }).incrementIterations();
}

function newSlot(originalName: string, like: tf.Tensor, initial = 0): Slot {
  const variable = tf.tidy(() => tf.variable(tf.fill(like.shape, initial), false));
  return { originalName, variable };
}
