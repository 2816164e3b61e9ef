/** adam: tf.train.adam in one kernel. */
import { reject } from '../../foundation/errors.js';
import {
  requireBoolean,
  requireDropped,
  requireKnownOptions,
} from '../../foundation/option-checks.js';
import { tf } from '../../foundation/tensorflow.js';
import { fusedAvailable } from '../../kernels/bridge/register.js';
import { withAveragedWeights } from './averaged-weights.js';
import { type GradientClipping, requireClipping, withClipping } from './clip-gradients.js';
import { applyAdam } from './optimizers.js';
import { withLearningRateSchedule } from './scheduled-rate.js';
import { type LearningRateSchedule, rateOf } from './schedules/schedule.js';
import { withWeightDecay } from './weight-decay.js';

type Gradients = Parameters<tf.AdamOptimizer['applyGradients']>[0];

/** What {@link adam} does besides its step, each as Keras does it. */
export interface AdamOptions extends GradientClipping {
  /**
   * How fast weights decay, apart from their gradients: before each step a weight loses
   * `learningRate · weightDecay` of itself, which makes it AdamW. Default: 0.
   */
  weightDecay?: number | undefined;
  /** Whether a running mean of the weights is kept: see {@link withAveragedWeights}. Default: `false`. */
  useEma?: boolean | undefined;
  /** How much of that mean stays at each step. Default: 0.99. */
  emaMomentum?: number | undefined;
}

/** The class of {@link adam}. */
export class AdamOptimizer extends tf.AdamOptimizer {
  override applyGradients(gradients: Gradients): void {
    if (!fusedAvailable()) {
      super.applyGradients(gradients);
      return;
    }
    applyAdam(this, gradients);
  }
}

/**
 * The Adam optimizer: `tf.train.adam`, the same to the bit, in one kernel
 * instead of a dozen operations a variable. On backends without the fused kernels it is
 * `tf.train.adam`.
 *
 * @param learningRate A number, or a schedule such as `schedules.cosineDecay({ … })`. Default 0.001.
 * @param beta1 Decay of the mean of the gradients. Default 0.9.
 * @param beta2 Decay of the mean of their squares. Default 0.999.
 * @param epsilon Added to the root in the denominator. Default: the backend's, 1e-7 on
 *   `cpu` and `wasm`.
 * @param options How gradients are clipped first: `{ clipNorm }` scales the gradient of each weight
 *   down to that norm, `{ globalClipNorm }` all of them together, `{ clipValue }` keeps each value
 *   between that and its negative, as `clipnorm`, `global_clipnorm` and `clipvalue` of Keras.
 *   Default: not at all. `{ weightDecay }` makes it AdamW; `{ useEma, emaMomentum }` averages the
 *   weights for the callback `averagedWeights`.
 * @returns An optimizer for `model.compile`; a saved model names it `Adam`, one that clips
 *   `AdamWithClipping`, and so on, which `tf.loadLayersModel` does not compile with.
 * @throws RecurrentError for what is no number, for more than one way of clipping, and for options that
 *   do not exist or are out of their range.
 * @see Kingma & Ba 2015; weight decay: Loshchilov & Hutter 2019.
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
  learningRate: number | LearningRateSchedule = 0.001,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon?: number,
  options: AdamOptions = {},
): tf.AdamOptimizer {
  const isScheduled = typeof learningRate === 'function';
  const first = isScheduled ? rateOf('adam', learningRate, 0) : learningRate;
  for (const [name, value] of Object.entries({ learningRate: first, beta1, beta2, epsilon })) {
    if (value == null || Number.isFinite(value)) continue;
    reject({
      where: 'adam',
      expected: `${name} must be a number`,
      received: value,
      remedy: 'The order is adam(learningRate, beta1, beta2, epsilon, options).',
    });
  }
  const { weightDecay = 0, momentum, clipping } = readOptions(options);
  const optimizer = new AdamOptimizer(first, beta1, beta2, epsilon);
  if (isScheduled) withLearningRateSchedule(optimizer, learningRate);
  withWeightDecay(optimizer, weightDecay);
  if (momentum !== undefined) withAveragedWeights(optimizer, { momentum });
  return withClipping(optimizer, clipping);
}

function readOptions(options: AdamOptions) {
  requireKnownOptions('adam', options, [
    ...['clipNorm', 'clipValue', 'globalClipNorm', 'weightDecay', 'useEma', 'emaMomentum'],
  ]);
  const { weightDecay, useEma = false, emaMomentum, ...clipping } = options;
  if (weightDecay !== undefined) requireNotNegative('weightDecay', weightDecay);
  requireBoolean('adam', 'useEma', useEma);
  if (emaMomentum !== undefined) {
    requireDropped('adam', 'emaMomentum', emaMomentum);
    if (!useEma) {
      reject({
        where: 'adam',
        expected: 'emaMomentum is for averaged weights',
        received: emaMomentum,
        remedy: 'Give useEma: true, too, or leave it out.',
        see: 'conflicting-options',
      });
    }
  }
  requireClipping('adam', clipping);
  return { weightDecay, momentum: useEma ? (emaMomentum ?? 0.99) : undefined, clipping };
}

function requireNotNegative(name: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return;
  reject({ where: 'adam', expected: `${name} must be a number of at least 0`, received: value });
}
