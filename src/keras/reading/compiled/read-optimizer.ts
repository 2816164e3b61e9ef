/** The optimizer of a compiled Keras model. */
import { tf } from '../../../foundation/tensorflow.js';
import { withAveragedWeights } from '../../../layers/optimizers/averaged-weights.js';
import { type GradientClipping, withClipping } from '../../../layers/optimizers/clip-gradients.js';
import {
  KerasAdadelta,
  KerasAdagrad,
  KerasAdam,
  KerasMomentum,
  KerasNadam,
  KerasRmsprop,
} from '../../../layers/optimizers/keras-optimizers.js';
import { withLearningRateSchedule } from '../../../layers/optimizers/scheduled-rate.js';
import { inverseTimeDecay } from '../../../layers/optimizers/schedules/decay-by-rate.js';
import type { LearningRateSchedule } from '../../../layers/optimizers/schedules/schedule.js';
import { withWeightDecay } from '../../../layers/optimizers/weight-decay.js';
import { cannotHave, numberOf, readObject, requireNothingElse } from './compile-part.js';
import { isObject, type JsonObject, property } from '../read-json.js';
import { readSchedule } from './read-schedule.js';

/** An optimizer to be made, since it holds tensors. */
export interface OptimizerPlan {
  make(): tf.Optimizer;
  /** What of it stays behind, as a sentence without its end. */
  note?: string | undefined;
}

/** Settings that all optimizers share; what is not read here means nothing, or nothing by itself. */
const SHARED = [
  ...['learning_rate', 'lr', 'decay', 'clipnorm', 'clipvalue', 'global_clipnorm', 'weight_decay'],
  ...['name', 'jit_compile', 'is_legacy_optimizer'],
  ...['use_ema', 'ema_momentum', 'ema_overwrite_frequency'],
];

/** Settings that mean nothing at these values. */
const FIXED: Readonly<Record<string, readonly unknown[]>> = {
  amsgrad: [false],
  gradient_accumulation_steps: [1],
};

type NumberOf = (key: string, byDefault: number) => number;

interface Flags {
  nesterov: boolean;
  centered: boolean;
  kerasVersion: number;
  /** Whether it steps as optimizers did before TensorFlow 2.11. */
  isLegacy: boolean;
  /** Whether the learning rate changes. */
  isScheduled: boolean;
}

interface Maker {
  settings: readonly string[];
  /** The learning rate of one that does not say. */
  rate: number;
  /** The weight decay of one that does not say. Default: 0. */
  weightDecay?: number;
  /** Whether `decay` is a setting of its own and none of the learning rate. */
  ownDecay?: boolean;
  make(rate: number, number: NumberOf, flags: Flags): () => tf.Optimizer;
}

const EPSILON = 1e-7;

const ADAM: Maker = {
  ...{ settings: ['beta_1', 'beta_2', 'epsilon'], rate: 1e-3 },
  make(rate, number) {
    const betas = [number('beta_1', 0.9), number('beta_2', 0.999)] as const;
    const epsilon = number('epsilon', EPSILON);
    return () => new KerasAdam(rate, ...betas, epsilon);
  },
};

const OPTIMIZERS: Readonly<Record<string, Maker>> = {
  adadelta: {
    ...{ settings: ['rho', 'epsilon'], rate: 1e-3 },
    make(rate, number) {
      const [rho, epsilon] = [number('rho', 0.95), number('epsilon', EPSILON)];
      return () => new KerasAdadelta(rate, rho, epsilon);
    },
  },
  adagrad: {
    ...{ settings: ['initial_accumulator_value', 'epsilon'], rate: 1e-3 },
    make(rate, number, { kerasVersion, isLegacy: isEpsilonOutside }) {
      // Before Keras was part of TensorFlow there was no such setting, and it began at 0.
      const initial = number('initial_accumulator_value', kerasVersion > 2 ? 0.1 : 0);
      const epsilon = number('epsilon', EPSILON);
      return () => new KerasAdagrad({ isEpsilonOutside }, epsilon, rate, initial);
    },
  },
  adam: ADAM,
  adamw: { ...ADAM, weightDecay: 0.004 },
  adamax: {
    ...{ settings: ['beta_1', 'beta_2', 'epsilon'], rate: 1e-3 },
    make(rate, number) {
      const betas = [number('beta_1', 0.9), number('beta_2', 0.999)] as const;
      const epsilon = number('epsilon', EPSILON);
      return () => tf.train.adamax(rate, ...betas, epsilon);
    },
  },
  nadam: {
    ...{ settings: ['beta_1', 'beta_2', 'epsilon', 'schedule_decay'], rate: 1e-3, ownDecay: true },
    make(rate, number, { isLegacy }) {
      const betas = [number('beta_1', 0.9), number('beta_2', 0.999)] as const;
      const epsilon = number('epsilon', EPSILON);
      const schedule = isLegacy ? number('schedule_decay', number('decay', 0.004)) : 1;
      return () => new KerasNadam(schedule, rate, ...betas, epsilon);
    },
  },
  rmsprop: {
    ...{ settings: ['rho', 'momentum', 'epsilon', 'centered'], rate: 1e-3 },
    make(rate, number, { centered, isLegacy }) {
      const [rho, momentum] = [number('rho', 0.9), number('momentum', 0)];
      const epsilon = number('epsilon', EPSILON);
      // With momentum, it was one operation of TensorFlow's, which adds epsilon under the root.
      const isEpsilonOutside = isLegacy && momentum === 0;
      const args = [rate, rho, momentum, epsilon] as const;
      return () =>
        isEpsilonOutside || centered
          ? new KerasRmsprop({ isEpsilonOutside }, ...args, centered)
          : tf.train.rmsprop(...args);
    },
  },
  sgd: {
    ...{ settings: ['momentum', 'nesterov'], rate: 1e-2 },
    make(rate, number, { nesterov, isScheduled }) {
      const momentum = number('momentum', 0);
      if (momentum === 0) return () => tf.train.sgd(rate);
      // They differ only where the rate changes.
      return () =>
        isScheduled
          ? new KerasMomentum(rate, momentum, nesterov)
          : tf.train.momentum(rate, momentum, nesterov);
    },
  },
};

const NAMES = 'Adadelta, Adagrad, Adam, Adamax, AdamW, Nadam, RMSprop and SGD';

/**
 * Reads an optimizer as every Keras has written it: `Adam`, `Custom>Adam` of TensorFlow 2.11 to
 * 2.15, `{ class_name, config }`, or its name alone.
 *
 * @throws CompileError for one that cannot be had.
 */
export function readOptimizer(written: unknown, kerasVersion: number): OptimizerPlan {
  const { name: full, settings } = readObject(written);
  const name = full.replace(/^(Custom|Experimental|keras\.optimizers)>/, '');
  const maker = property(OPTIMIZERS, name.toLowerCase()) as Maker | undefined;
  if (maker === undefined) return cannotHave(`the optimizer must be one of ${NAMES}`, name);
  const what = `the optimizer ${name}`;
  requireNothingElse(what, settings, [...SHARED, ...maker.settings], FIXED);
  const { rate, schedule, note } = readRate(what, settings, maker);
  const momentum = readAverages(what, settings);
  const decays = property(settings, 'weight_decay') !== false;
  const weightDecay = decays && numberOf(what, settings, 'weight_decay', maker.weightDecay ?? 0);
  const clipping = readClipping(what, settings, kerasVersion);
  const make = maker.make(rate, (key, byDefault) => numberOf(what, settings, key, byDefault), {
    nesterov: property(settings, 'nesterov') === true,
    centered: property(settings, 'centered') === true,
    kerasVersion,
    isLegacy: isLegacy(written, full, settings, kerasVersion),
    isScheduled: schedule !== undefined,
  });
  return {
    make() {
      const optimizer = make();
      if (schedule) withLearningRateSchedule(optimizer, schedule);
      withWeightDecay(optimizer, weightDecay || 0);
      if (momentum !== undefined) withAveragedWeights(optimizer, { momentum });
      // Gradients are clipped first.
      return withClipping(optimizer, clipping);
    },
    note: note ?? (momentum === undefined ? undefined : AVERAGES_NOTE),
  };
}

/** TensorFlow 2.11 brought optimizers that say what they are, by their place or by a setting. */
function isLegacy(
  written: unknown,
  name: string,
  settings: JsonObject,
  kerasVersion: number,
): boolean {
  const saysOtherwise =
    name.startsWith('Custom>') || property(settings, 'is_legacy_optimizer') === false;
  // Files that hold a name alone are of Keras 2.12 and later.
  return kerasVersion < 3 && typeof written !== 'string' && !saysOtherwise;
}

/** The learning rate that training begins with, and how it goes on. */
function readRate(
  what: string,
  settings: JsonObject,
  { rate: byDefault, ownDecay }: Maker,
): { rate: number; schedule?: LearningRateSchedule; note?: string } {
  const written = property(settings, 'learning_rate') ?? property(settings, 'lr') ?? byDefault;
  if (isObject(written)) {
    const { name, settings: given } = readObject(written);
    const { firstRate: rate, schedule } = readSchedule(what, name, given);
    return schedule ? { rate, schedule } : { rate, note: heldNote(name) };
  }
  const rate = numberOf(what, { learning_rate: written }, 'learning_rate', byDefault);
  const decay = numberOf(what, settings, 'decay', 0);
  if (decay === 0 || ownDecay) return { rate };
  // As optimizers did before there were schedules.
  const options = { initialLearningRate: rate, decaySteps: 1, decayRate: decay };
  return { rate, schedule: inverseTimeDecay(options) };
}

const heldNote = (by: string) =>
  `the learning rate stays what it is at first, where Keras changes it by ${by}`;

const AVERAGES_NOTE =
  'Keras puts averaged weights into the model at the end of fit, and here only the callback averagedWeights() does';

/** The momentum of the averages of the weights; undefined for an optimizer that does not average. */
function readAverages(what: string, settings: JsonObject): number | undefined {
  if (property(settings, 'use_ema') !== true) return undefined;
  const frequency = property(settings, 'ema_overwrite_frequency') ?? null;
  if (frequency !== null) {
    cannotHave(`${what} must put averages into the model at the end of training alone`, frequency);
  }
  const momentum = numberOf(what, settings, 'ema_momentum', 0.99);
  if (momentum < 1) return momentum;
  return cannotHave(`${what} must have an ema_momentum below 1`, momentum);
}

/** How gradients are clipped; Keras 3 does so in one way, and older ones seldom in more. */
function readClipping(
  what: string,
  settings: JsonObject,
  kerasVersion: number,
): GradientClipping | undefined {
  const given = ['clipnorm', 'clipvalue', 'global_clipnorm'].filter(
    (key) => numberOf(what, settings, key, 0) > 0,
  );
  if (given.length > 1) cannotHave(`${what} must clip gradients in one way`, given);
  const value = Number(settings[given[0]!]);
  switch (given[0]) {
    case 'clipnorm':
      // Before Keras was part of TensorFlow, the norm was that of all gradients.
      return kerasVersion > 2 ? { clipNorm: value } : { globalClipNorm: value };
    case 'clipvalue':
      return { clipValue: value };
    case 'global_clipnorm':
      return { globalClipNorm: value };
    default:
      return undefined;
  }
}
