/** withLearningRateSchedule: optimizers whose learning rate follows a schedule. */
import { reject } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';
import { type LearningRateSchedule, rateOf } from './schedules/schedule.js';

const WHERE = 'withLearningRateSchedule';

const scheduled = new WeakMap<tf.Optimizer, LearningRateSchedule>();

/** The schedule of an optimizer's learning rate; undefined for one that stays the same. */
export function scheduleOf(optimizer: tf.Optimizer): LearningRateSchedule | undefined {
  return scheduled.get(optimizer);
}

/** What the types of the optimizers hide. */
interface Rated {
  learningRate: unknown;
  /** Of SGD and Momentum: the rate as a tensor, negative. */
  c?: tf.Scalar;
}

/**
 * An optimizer whose learning rate is that of a schedule: its next step takes the rate for the number of
 * steps that it has taken, which checkpoints hold. Nothing is done at a step but to compute the rate, so
 * that kernels take the step as before. `adam` takes a schedule in the place of its learning rate.
 *
 * @param optimizer An optimizer of `tf.train` that has a learning rate; changed.
 * @param schedule One of `schedules`, or a function from the number of steps so far, from 0, to a rate.
 * @returns The same optimizer. A saved model names its class `…WithSchedule`, which `tf.loadLayersModel`
 *   does not compile with.
 * @throws RecurrentError for an optimizer without a learning rate or with a schedule, and for what is no
 *   schedule; at a step for which the schedule gives no rate.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { schedules, withLearningRateSchedule } from 'tfjs-recurrent';
 *
 * const halved = schedules.exponentialDecay({ initialLearningRate: 0.5, decaySteps: 1, decayRate: 0.5 });
 * const optimizer = withLearningRateSchedule(tf.train.sgd(0.5), halved);
 * const x = tf.variable(tf.scalar(8));
 * // The gradient is 1: 8 - 0.5 - 0.25 - 0.125
 * for (let step = 0; step < 3; step++) optimizer.minimize(() => tf.mul(x, 1));
 * console.log(x.dataSync()[0]);
 * // 7.125
 * ```
 */
export function withLearningRateSchedule<Optimizer extends tf.Optimizer>(
  optimizer: Optimizer,
  schedule: LearningRateSchedule,
): Optimizer {
  requireSchedulable(optimizer, schedule);
  const rated = optimizer as unknown as Rated;
  const className = optimizer.getClassName();
  scheduled.set(optimizer, schedule);
  const current = () => rateOf(WHERE, schedule, optimizer.iterations);
  Object.defineProperty(rated, 'learningRate', {
    enumerable: true,
    get: current,
    set: (received: unknown) =>
      reject({
        where: WHERE,
        expected: 'the learning rate follows a schedule and cannot be set',
        received,
        remedy: 'Compile the model with a number as learning rate to set it as you like.',
        see: 'unsuitable-optimizer',
      }),
  });
  if (rated.c) followByTensor(rated, rated.c, current);
  optimizer.getClassName = () => `${className}WithSchedule`;
  return optimizer;
}

/** SGD and Momentum, where they step without a kernel, multiply with a tensor. */
function followByTensor(rated: Rated, first: tf.Scalar, current: () => number): void {
  let [tensor, ofRate] = [first, Number.NaN];
  Object.defineProperty(rated, 'c', {
    get() {
      const rate = current();
      if (rate !== ofRate) {
        tensor.dispose();
        [tensor, ofRate] = [tf.keep(tf.scalar(-rate)), rate];
      }
      return tensor;
    },
  });
}

function requireSchedulable(optimizer: unknown, schedule: unknown): void {
  const isOptimizer = optimizer instanceof tf.Optimizer;
  if (!isOptimizer || typeof (optimizer as unknown as Rated).learningRate !== 'number') {
    reject({
      where: WHERE,
      expected: 'the optimizer must be one of tf.train with a learning rate',
      received: optimizer,
      see: 'unsuitable-optimizer',
    });
  }
  if (scheduled.has(optimizer as tf.Optimizer)) {
    reject({
      where: WHERE,
      expected: 'the optimizer has a schedule already',
      remedy: 'Make another optimizer for another schedule.',
      see: 'unsuitable-optimizer',
    });
  }
  if (typeof schedule !== 'function') {
    reject({
      where: WHERE,
      expected: 'the schedule must be a function from a step to a learning rate',
      received: schedule,
      remedy: 'Make it by one of schedules, such as schedules.cosineDecay.',
    });
  }
  rateOf(WHERE, schedule as LearningRateSchedule, 0);
}
