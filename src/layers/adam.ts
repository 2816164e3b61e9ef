/** adam: tf.train.adam in one kernel. */
import { tf } from '../foundation/tensorflow.js';
import { adam as fusedStep, type AdamInputs } from '../kernels/optimizers/adam.js';
import { fusedAvailable } from '../kernels/bridge/register.js';

interface Moment {
  originalName: string;
  variable: tf.Variable;
}

/** What tf.AdamOptimizer keeps to itself. */
interface AdamState {
  accBeta1: tf.Variable;
  accBeta2: tf.Variable;
  accumulatedFirstMoment: Moment[];
  accumulatedSecondMoment: Moment[];
}

type Gradients = Parameters<tf.AdamOptimizer['applyGradients']>[0];

/** The class of {@link adam}. */
export class AdamOptimizer extends tf.AdamOptimizer {
  override applyGradients(gradients: Gradients): void {
    if (!fusedAvailable()) {
      super.applyGradients(gradients);
      return;
    }
    const state = this as unknown as AdamState;
    const named: [string, tf.Tensor | null][] = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }) => [name, tensor])
      : Object.entries(gradients);
    tf.tidy(() => {
      const settings = {
        learningRate: this.learningRate,
        beta1: this.beta1,
        beta2: this.beta2,
        epsilon: this.epsilon ?? tf.backend().epsilon(),
        accumulatedBeta1: state.accBeta1.dataSync()[0]!,
        accumulatedBeta2: state.accBeta2.dataSync()[0]!,
      };
      const steps: AdamInputs[] = [];
      named.forEach(([name, gradient], i) => {
        const weights = tf.engine().registeredVariables[name]!;
        state.accumulatedFirstMoment[i] ??= zeroMoment(`${name}/m`, weights);
        state.accumulatedSecondMoment[i] ??= zeroMoment(`${name}/v`, weights);
        if (gradient === null) return;
        const moment1 = state.accumulatedFirstMoment[i]!.variable;
        const moment2 = state.accumulatedSecondMoment[i]!.variable;
        steps.push({ weights, gradient, moment1, moment2 });
      });
      fusedStep(steps, settings).forEach((next, i) => {
        const { moment1, moment2, weights } = steps[i]!;
        if (next.moment1) moment1.assign(next.moment1);
        if (next.moment2) moment2.assign(next.moment2);
        weights.assign(next.weights);
      });
      // As tf.mul computes it.
      state.accBeta1.assign(tf.scalar(settings.accumulatedBeta1 * Math.fround(this.beta1)));
      state.accBeta2.assign(tf.scalar(settings.accumulatedBeta2 * Math.fround(this.beta2)));
    });
    this.incrementIterations();
  }
}

function zeroMoment(originalName: string, like: tf.Tensor): Moment {
  return { originalName, variable: tf.tidy(() => tf.variable(tf.zerosLike(like), false)) };
}

/**
 * The Adam optimizer: `tf.train.adam`, the same to the bit, in one kernel
 * instead of a dozen operations a variable. On backends without the fused kernels it is
 * `tf.train.adam`.
 *
 * @param learningRate Default 0.001.
 * @param beta1 Decay of the mean of the gradients. Default 0.9.
 * @param beta2 Decay of the mean of their squares. Default 0.999.
 * @param epsilon Added to the root in the denominator. Default: the backend's, 1e-7 on
 *   `cpu` and `wasm`.
 * @returns An optimizer for `model.compile`; a saved model names it `Adam`.
 * @see Kingma & Ba 2015.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { adam } from 'tfjs-recurrent';
 *
 * const x = tf.variable(tf.scalar(3));
 * const optimizer = adam(0.1);
 * for (let step = 0; step < 100; step++) optimizer.minimize(() => tf.square(x) as tf.Scalar);
 * console.log(Math.abs(x.dataSync()[0]) < 0.1);
 * // true
 * ```
 */
export function adam(
  learningRate = 0.001,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon?: number,
): tf.AdamOptimizer {
  return new AdamOptimizer(learningRate, beta1, beta2, epsilon);
}
