/** The schedule of a learning rate in files of Keras. */
import { reasonOf, RecurrentError } from '../../../foundation/errors.js';
import type { LearningRateSchedule } from '../../../layers/optimizers/schedules/schedule.js';
import * as schedules from '../../../layers/optimizers/schedules/schedules.js';
import { cannotHave, requireNothingElse } from './compile-part.js';
import { type JsonObject, property } from '../read-json.js';

/** A schedule: ours, or only its first rate, where there is none like it here. */
export interface SchedulePlan {
  firstRate: number;
  schedule?: LearningRateSchedule;
}

interface Maker {
  make(options: never): LearningRateSchedule;
  /** Our name of each setting. */
  options: Readonly<Record<string, string>>;
}

const RATE_AND_STEPS = { initial_learning_rate: 'initialLearningRate', decay_steps: 'decaySteps' };
const BY_RATE = { ...RATE_AND_STEPS, decay_rate: 'decayRate', staircase: 'staircase' };

const MAKERS: Readonly<Record<string, Maker>> = {
  CosineDecay: {
    make: schedules.cosineDecay,
    options: {
      ...RATE_AND_STEPS,
      ...{ alpha: 'alpha', warmup_target: 'warmupTarget', warmup_steps: 'warmupSteps' },
    },
  },
  ExponentialDecay: { make: schedules.exponentialDecay, options: BY_RATE },
  InverseTimeDecay: { make: schedules.inverseTimeDecay, options: BY_RATE },
  PiecewiseConstantDecay: {
    make: schedules.piecewiseConstantDecay,
    options: { boundaries: 'boundaries', values: 'values' },
  },
  PolynomialDecay: {
    make: schedules.polynomialDecay,
    options: {
      ...RATE_AND_STEPS,
      ...{ end_learning_rate: 'endLearningRate', power: 'power', cycle: 'cycle' },
    },
  },
};

/**
 * Reads a schedule.
 *
 * @param what The optimizer in messages.
 * @throws CompileError for one that Keras does not have, or whose settings are none.
 */
export function readSchedule(what: string, name: string, settings: JsonObject): SchedulePlan {
  const maker = property(MAKERS, name) as Maker | undefined;
  if (maker === undefined) return { firstRate: firstRate(what, name, settings) };
  requireNothingElse(
    `the ${name} of ${what}`,
    settings,
    ['name', ...Object.keys(maker.options)],
    {},
  );
  const options = Object.entries(maker.options).flatMap(([keras, ours]) => {
    const value = property(settings, keras);
    // Keras takes 0 steps of a warm-up to no rate for none.
    const isNone =
      value == null || (keras === 'warmup_steps' && !property(settings, 'warmup_target'));
    return isNone ? [] : [[ours, value]];
  });
  try {
    const schedule = maker.make(Object.fromEntries(options) as never);
    return { firstRate: schedule(0), schedule };
  } catch (error) {
    if (error instanceof RecurrentError) {
      cannotHave(
        `${what} must have a schedule of Keras as learning_rate: ${reasonOf(error)}`,
        name,
      );
    }
    throw error;
  }
}

/** Of a schedule that there is in Keras and not here. */
function firstRate(what: string, name: string, settings: JsonObject): number {
  if (name !== 'CosineDecayRestarts') {
    cannotHave(`${what} must have a schedule of Keras as learning_rate`, name);
  }
  const rate = property(settings, 'initial_learning_rate');
  if (typeof rate === 'number' && rate >= 0) return rate;
  return cannotHave(`${what} must have an initial_learning_rate`, rate);
}
