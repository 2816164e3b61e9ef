/**
 * Optimizers as Keras steps, where TensorFlow.js steps otherwise: its Adam adds epsilon after it has
 * corrected the bias; its Adadelta divides by the squares of before the step; its centered RMSprop
 * takes epsilon away where it should be added, which gives NaN; its Adagrad has one epsilon; its
 * momentum takes the learning rate of the last step for all steps; older
 * versions of Keras add epsilon to the root, not under it.
 */
import { tf } from '../../foundation/tensorflow.js';
import { AdamOptimizer } from './adam.js';
import { type Gradients, namedGradients } from './named-gradients.js';

/** How TensorFlow.js keeps what it remembers of a variable. */
interface Slot {
  originalName: string;
  variable: tf.Variable;
}

/** A list of slots, and what the names in it end in. */
type Slots = [list: Slot[], suffix: string];

/** Takes a step of one variable: it changes the slots and gives what is taken off the variable. */
type Step = (gradient: tf.Tensor, slots: tf.Variable[]) => tf.Tensor;

function stepEach(gradients: Gradients, slots: readonly Slots[], step: Step, initial = 0): void {
  namedGradients(gradients).forEach(({ name, variable: weights, gradient }, i) => {
    const own = slots.map(([list, suffix]) => {
      list[i] ??= {
        originalName: `${name}/${suffix}`,
        variable: tf.tidy(() => tf.variable(tf.fill(weights.shape, initial), false)),
      };
      return list[i].variable;
    });
    if (gradient) tf.tidy(() => weights.assign(tf.sub(weights, step(gradient, own))));
  });
}

/** A running mean, after its next value. */
function mean(soFar: tf.Variable, decay: number, next: tf.Tensor): tf.Tensor {
  soFar.assign(tf.add(tf.mul(decay, soFar), tf.mul(1 - decay, next)));
  return soFar;
}

/** What the types of the optimizers hide. */
interface State {
  accumulatedFirstMoment: Slot[];
  accumulatedSecondMoment: Slot[];
  accumulatedMeanSquares: Slot[];
  accumulatedMoments: Slot[];
  accumulatedMeanGrads: Slot[];
  accumulatedGrads: Slot[];
  accumulatedUpdates: Slot[];
  accumulations: Slot[];
  beta1: number;
  beta2: number;
  centered: boolean;
  decay: number;
  epsilon: number;
  initialAccumulatorValue: number;
  learningRate: number;
  momentum: number;
  rho: number;
  useNesterov: boolean;
  incrementIterations(): void;
}

/** Adam of Keras. */
export class KerasAdam extends AdamOptimizer {
  override applyGradients(gradients: Gradients): void {
    const state = this as unknown as State;
    const { epsilon } = state;
    // TensorFlow.js divides by √(v / unbias) + epsilon, Keras by (√v + epsilon) / √unbias.
    state.epsilon = epsilon / Math.sqrt(1 - state.beta2 ** (this.iterations + 1));
    try {
      super.applyGradients(gradients as Parameters<AdamOptimizer['applyGradients']>[0]);
    } finally {
      state.epsilon = epsilon;
    }
  }
}

/** Nadam of Keras: Adam with the momentum of Nesterov, which grows step by step. See Dozat 2016. */
export class KerasNadam extends tf.AdamOptimizer {
  readonly scheduleDecay: number;
  // Of the momenta of all steps so far; a state that is restored makes it anew.
  #product = { steps: 0, value: 1 };

  static override get className(): string {
    return 'Nadam';
  }

  /** @param scheduleDecay How fast the momentum grows: 1, or 0.004 before TensorFlow 2.11. */
  constructor(scheduleDecay: number, ...settings: ConstructorParameters<typeof tf.AdamOptimizer>) {
    super(...settings);
    this.scheduleDecay = scheduleDecay;
  }

  override applyGradients(gradients: Gradients): void {
    const state = this as unknown as State;
    const { beta1, beta2, epsilon, learningRate } = state;
    const step = this.iterations + 1;
    const [momentum, nextMomentum] = [this.#momentumOf(step), this.#momentumOf(step + 1)];
    const product = this.#productUntil(step);
    const ofMean = nextMomentum / (1 - product * nextMomentum);
    const ofGradient = (1 - momentum) / (1 - product);
    const slots: Slots[] = [
      [state.accumulatedFirstMoment, 'm'],
      [state.accumulatedSecondMoment, 'v'],
    ];
    stepEach(gradients, slots, (gradient, [first, second]) => {
      const numerator = tf.add(
        tf.mul(ofMean, mean(first!, beta1, gradient)),
        tf.mul(ofGradient, gradient),
      );
      const unbiased = tf.div(mean(second!, beta2, tf.square(gradient)), 1 - beta2 ** step);
      return tf.div(tf.mul(learningRate, numerator), tf.add(tf.sqrt(unbiased), epsilon));
    });
    state.incrementIterations();
  }

  override getConfig() {
    return { ...super.getConfig(), scheduleDecay: this.scheduleDecay };
  }

  #momentumOf(step: number): number {
    const { beta1 } = this as unknown as State;
    return beta1 * (1 - 0.5 * 0.96 ** (this.scheduleDecay * step));
  }

  #productUntil(step: number): number {
    if (this.#product.steps >= step) this.#product = { steps: 0, value: 1 };
    let { steps, value } = this.#product;
    while (steps < step) value *= this.#momentumOf(++steps);
    this.#product = { steps, value };
    return value;
  }
}

/** How Adagrad and RMSprop of Keras divide by a root, without a division by 0. */
export interface EpsilonPlace {
  /** Whether epsilon is added to the root, as by Keras before TensorFlow 2.11. */
  isEpsilonOutside: boolean;
}

const rootOf = (spread: tf.Tensor, epsilon: number, { isEpsilonOutside }: EpsilonPlace) =>
  isEpsilonOutside ? tf.add(tf.sqrt(spread), epsilon) : tf.sqrt(tf.add(spread, epsilon));

/** Adagrad of Keras. */
export class KerasAdagrad extends tf.AdagradOptimizer {
  readonly epsilon: number;
  readonly #place: EpsilonPlace;

  constructor(
    place: EpsilonPlace,
    epsilon: number,
    ...settings: ConstructorParameters<typeof tf.AdagradOptimizer>
  ) {
    super(...settings);
    this.epsilon = epsilon;
    this.#place = place;
  }

  override applyGradients(gradients: Gradients): void {
    const state = this as unknown as State;
    const { epsilon, learningRate, initialAccumulatorValue: initial } = state;
    const slots: Slots[] = [[state.accumulatedGrads, 'accumulator']];
    stepEach(
      gradients,
      slots,
      (gradient, [squares]) => {
        squares!.assign(tf.add(squares!, tf.square(gradient)));
        return tf.div(tf.mul(learningRate, gradient), rootOf(squares!, epsilon, this.#place));
      },
      initial,
    );
    state.incrementIterations();
  }

  override getConfig() {
    return { ...super.getConfig(), epsilon: this.epsilon, ...this.#place };
  }
}

/** RMSprop of Keras. */
export class KerasRmsprop extends tf.RMSPropOptimizer {
  readonly #place: EpsilonPlace;

  constructor(place: EpsilonPlace, ...settings: ConstructorParameters<typeof tf.RMSPropOptimizer>) {
    super(...settings);
    this.#place = place;
  }

  override applyGradients(gradients: Gradients): void {
    const state = this as unknown as State;
    const { decay, epsilon, learningRate, momentum } = state;
    const slots: Slots[] = [
      [state.accumulatedMeanSquares, 'rms'],
      [state.accumulatedMoments, 'momentum'],
    ];
    if (state.centered) slots.push([state.accumulatedMeanGrads, 'mg']);
    stepEach(gradients, slots, (gradient, [squares, moments, gradientMeans]) => {
      let spread = mean(squares!, decay, tf.square(gradient));
      if (gradientMeans) {
        spread = tf.sub(spread, tf.square(mean(gradientMeans, decay, gradient)));
      }
      const root = rootOf(spread, epsilon, this.#place);
      const step = tf.div(tf.mul(learningRate, gradient), root);
      moments!.assign(tf.add(tf.mul(momentum, moments!), step));
      return moments!;
    });
    state.incrementIterations();
  }

  override getConfig() {
    return { ...super.getConfig(), ...this.#place };
  }
}

/** SGD with momentum of Keras, whose momentum holds the learning rates of the steps that it is made of. */
export class KerasMomentum extends tf.MomentumOptimizer {
  override applyGradients(gradients: Gradients): void {
    const state = this as unknown as State;
    const { learningRate, momentum, useNesterov } = state;
    stepEach(gradients, [[state.accumulations, 'momentum']], (gradient, [moments]) => {
      const step = tf.mul(learningRate, gradient);
      moments!.assign(tf.add(tf.mul(momentum, moments!), step));
      return useNesterov ? tf.add(tf.mul(momentum, moments!), step) : moments!;
    });
    state.incrementIterations();
  }
}

/** Adadelta of Keras. */
export class KerasAdadelta extends tf.AdadeltaOptimizer {
  override applyGradients(gradients: Gradients): void {
    const state = this as unknown as State;
    const { epsilon, learningRate, rho } = state;
    const slots: Slots[] = [
      [state.accumulatedGrads, 'accum_grad'],
      [state.accumulatedUpdates, 'accum_var'],
    ];
    const root = (x: tf.Tensor) => tf.sqrt(tf.add(x, epsilon));
    stepEach(gradients, slots, (gradient, [squares, updates]) => {
      const divisor = root(mean(squares!, rho, tf.square(gradient)));
      const step = tf.mul(tf.div(root(updates!), divisor), gradient);
      mean(updates!, rho, tf.square(step));
      return tf.mul(learningRate, step);
    });
    state.incrementIterations();
  }
}
