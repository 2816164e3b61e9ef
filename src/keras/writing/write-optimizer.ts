/** An optimizer of a compiled model as Keras 3 writes it. */
import { complain, reject } from '../../foundation/errors.js';
import type { tf } from '../../foundation/tensorflow.js';
import { averageMomentumOf } from '../../layers/optimizers/averaged-weights.js';
import { clippingOf } from '../../layers/optimizers/clip-gradients.js';
import { scheduleOf } from '../../layers/optimizers/scheduled-rate.js';
import { descriptionOfSchedule } from '../../layers/optimizers/schedules/schedule.js';
import { weightDecayOf } from '../../layers/optimizers/weight-decay.js';
import { type Json, kerasObject, type KerasObject } from './write-objects.js';

interface Optimizer {
  className: string;
  /** Our name of a setting, and Keras's. */
  settings: Readonly<Record<string, string>>;
}

const RATE = { learningRate: 'learning_rate' };
const EPSILON = { epsilon: 'epsilon' };
const BETAS = { beta1: 'beta_1', beta2: 'beta_2' };

const OPTIMIZERS: Readonly<Record<string, Optimizer>> = {
  Adadelta: { className: 'Adadelta', settings: { ...RATE, rho: 'rho', ...EPSILON } },
  Adagrad: {
    className: 'Adagrad',
    settings: { ...RATE, initialAccumulatorValue: 'initial_accumulator_value', ...EPSILON },
  },
  Adam: { className: 'Adam', settings: { ...RATE, ...BETAS, ...EPSILON } },
  Adamax: { className: 'Adamax', settings: { ...RATE, ...BETAS, ...EPSILON } },
  Momentum: {
    className: 'SGD',
    settings: { ...RATE, momentum: 'momentum', useNesterov: 'nesterov' },
  },
  Nadam: { className: 'Nadam', settings: { ...RATE, ...BETAS, ...EPSILON } },
  RMSProp: {
    className: 'RMSprop',
    settings: { ...RATE, decay: 'rho', momentum: 'momentum', ...EPSILON, centered: 'centered' },
  },
  SGD: { className: 'SGD', settings: RATE },
};

/** The class of an optimizer that may clip gradients, average weights or have them decay, or the like. */
export function plainClassName(optimizer: tf.Optimizer): string {
  return optimizer
    .getClassName()
    .replace(/(With(AveragedWeights|Clipping|Schedule|WeightDecay))+$/, '');
}

/**
 * Translates an optimizer.
 *
 * @param remedy What to do about one that Keras does not have.
 * @throws RecurrentError for such a one.
 */
export function writeOptimizer(
  where: string,
  optimizer: tf.Optimizer,
  remedy: string,
): KerasObject {
  const name = plainClassName(optimizer);
  const known = Object.hasOwn(OPTIMIZERS, name) ? OPTIMIZERS[name] : undefined;
  if (known === undefined) {
    return reject({
      where,
      expected: 'the model was compiled with an optimizer that Keras does not have',
      received: name,
      remedy: `Compile it with one of ${Object.keys(OPTIMIZERS).join(', ')}. Or ${remedy}`,
      see: 'not-in-keras',
    });
  }
  const given: Record<string, unknown> = optimizer.getConfig();
  const settings = Object.entries(known.settings)
    .filter(([ours]) => typeof given[ours] === 'number' || typeof given[ours] === 'boolean')
    .map(([ours, keras]): [string, Json] => [keras, given[ours] as Json]);
  warnOfOtherSteps(where, known.className, given);
  return kerasObject('keras.optimizers', known.className, {
    name: known.className.toLowerCase(),
    ...Object.fromEntries(settings),
    ...scheduleSetting(where, optimizer, remedy),
    ...stepSettings(optimizer),
  });
}

/** Tells where an optimizer of an old file steps as Keras did then, and Keras 3 will step otherwise. */
function warnOfOtherSteps(where: string, name: string, config: Record<string, unknown>): void {
  const has = config.isEpsilonOutside
    ? 'adds epsilon to the root, and that of Keras 3 under it'
    : (config.scheduleDecay ?? 1) !== 1 && 'lets its momentum grow slower than that of Keras 3';
  if (!has) return;
  console.warn(
    complain({
      where,
      expected: `the ${name} of Keras before TensorFlow 2.11, with which the model is compiled, ${has}`,
      remedy: 'Training goes on with somewhat other steps there.',
    }),
  );
}

/** The learning rate of an optimizer that has a schedule. */
function scheduleSetting(
  where: string,
  optimizer: tf.Optimizer,
  remedy: string,
): Record<string, Json> {
  const schedule = scheduleOf(optimizer);
  if (schedule === undefined) return {};
  const { className, config } =
    descriptionOfSchedule(schedule) ??
    reject({
      where,
      expected: 'the learning rate follows a function, which Keras could not read',
      received: schedule,
      remedy: `Use one of schedules. Or ${remedy}`,
      see: 'not-in-keras',
    });
  return { learning_rate: kerasObject('keras.optimizers.schedules', className, config) };
}

/** What is done to gradients and weights besides the step. */
function stepSettings(optimizer: tf.Optimizer): Record<string, Json> {
  const { clipNorm, clipValue, globalClipNorm } = clippingOf(optimizer) ?? {};
  const momentum = averageMomentumOf(optimizer);
  const settings = {
    clipnorm: clipNorm,
    clipvalue: clipValue,
    global_clipnorm: globalClipNorm,
    weight_decay: weightDecayOf(optimizer),
    use_ema: momentum === undefined ? undefined : true,
    ema_momentum: momentum,
  };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Record<string, Json>;
}
