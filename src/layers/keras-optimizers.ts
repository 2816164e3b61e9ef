/**
 * RMSprop and Adadelta as Keras steps, where TensorFlow.js steps otherwise: its Adadelta divides by
 * the squares of before the step, its centered RMSprop takes epsilon away where it should be added,
 * which gives NaN, and older versions of Keras add epsilon to the root, not under it.
 */
import { tf } from '../foundation/tensorflow.js';

type Gradients = Parameters<tf.Optimizer['applyGradients']>[0];

/** How TensorFlow.js keeps what it remembers of a variable. */
interface Slot {
  originalName: string;
  variable: tf.Variable;
}

/** A list of slots, and what the names in it end in. */
type Slots = [list: Slot[], suffix: string];

/** Takes a step of one variable: it changes the slots and gives what is taken off the variable. */
type Step = (gradient: tf.Tensor, slots: tf.Variable[]) => tf.Tensor;

function stepEach(gradients: Gradients, slots: readonly Slots[], step: Step): void {
  const named: [string, tf.Tensor | null | undefined][] = Array.isArray(gradients)
    ? gradients.map(({ name, tensor }) => [name, tensor])
    : Object.entries(gradients);
  named.forEach(([name, gradient], i) => {
    const weights = tf.engine().registeredVariables[name]!;
    const own = slots.map(([list, suffix]) => {
      list[i] ??= {
        originalName: `${name}/${suffix}`,
        variable: tf.tidy(() => tf.variable(tf.zerosLike(weights), false)),
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
  accumulatedMeanSquares: Slot[];
  accumulatedMoments: Slot[];
  accumulatedMeanGrads: Slot[];
  accumulatedGrads: Slot[];
  accumulatedUpdates: Slot[];
  centered: boolean;
  decay: number;
  epsilon: number;
  learningRate: number;
  momentum: number;
  rho: number;
  incrementIterations(): void;
}

/** RMSprop of Keras. */
export class KerasRmsprop extends tf.RMSPropOptimizer {
  readonly #isEpsilonOutside: boolean;

  /** @param isEpsilonOutside Whether epsilon is added to the root, as by Keras before TensorFlow 2.11. */
  constructor(
    isEpsilonOutside: boolean,
    ...settings: ConstructorParameters<typeof tf.RMSPropOptimizer>
  ) {
    super(...settings);
    this.#isEpsilonOutside = isEpsilonOutside;
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
      const root = this.#isEpsilonOutside
        ? tf.add(tf.sqrt(spread), epsilon)
        : tf.sqrt(tf.add(spread, epsilon));
      const step = tf.div(tf.mul(learningRate, gradient), root);
      moments!.assign(tf.add(tf.mul(momentum, moments!), step));
      return moments!;
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
