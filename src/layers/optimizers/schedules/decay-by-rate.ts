/** Learning rates that decay by a rate: exponentialDecay and inverseTimeDecay of Keras. */
import { requireBoolean } from '../../../foundation/option-checks.js';
import { described, type LearningRateSchedule, requireSchedule } from './schedule.js';

/** The options of {@link exponentialDecay} and {@link inverseTimeDecay}. */
export interface DecayOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** The steps in which `decayRate` applies once. */
  decaySteps: number;
  /** How far the rate decays in them. */
  decayRate: number;
  /** Whether it decays all at once after every `decaySteps` steps. Default: `false`. */
  staircase?: boolean | undefined;
}

/**
 * A learning rate that is multiplied by `decayRate` every `decaySteps` steps:
 * `initialLearningRate · decayRate^(step / decaySteps)`, as `ExponentialDecay` of Keras.
 *
 * @throws RecurrentError for an option that does not exist or is out of its range.
 *
 * @example
 * ```ts
 * import { schedules } from 'tfjs-recurrent';
 *
 * const rate = schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 100, decayRate: 0.5 });
 * console.log(rate(0), rate(100), rate(200));
 * // 0.1 0.05 0.025
 * ```
 */
export function exponentialDecay(options: DecayOptions): LearningRateSchedule {
  const { initialLearningRate, decayRate } = options;
  return decay('exponentialDecay', 'ExponentialDecay', options, (times) => {
    return initialLearningRate * decayRate ** times;
  });
}

/**
 * A learning rate that is divided by more and more:
 * `initialLearningRate / (1 + decayRate · step / decaySteps)`, as `InverseTimeDecay` of Keras.
 *
 * @throws RecurrentError for an option that does not exist or is out of its range.
 *
 * @example
 * ```ts
 * import { schedules } from 'tfjs-recurrent';
 *
 * const rate = schedules.inverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 100, decayRate: 1 });
 * console.log(rate(0), rate(100), rate(300));
 * // 0.1 0.05 0.025
 * ```
 */
export function inverseTimeDecay(options: DecayOptions): LearningRateSchedule {
  const { initialLearningRate, decayRate } = options;
  return decay('inverseTimeDecay', 'InverseTimeDecay', options, (times) => {
    return initialLearningRate / (1 + decayRate * times);
  });
}

function decay(
  name: string,
  className: string,
  options: DecayOptions,
  rateAfter: (times: number) => number,
): LearningRateSchedule {
  const where = `schedules.${name}`;
  requireSchedule(
    where,
    options,
    { initialLearningRate: 'rate', decaySteps: 'positive', decayRate: 'rate' },
    ['staircase'],
  );
  const { initialLearningRate, decaySteps, decayRate, staircase = false } = options;
  requireBoolean(where, 'staircase', staircase);
  const schedule = (step: number) => {
    const times = step / decaySteps;
    return rateAfter(staircase ? Math.floor(times) : times);
  };
  return described(schedule, {
    className,
    config: {
      initial_learning_rate: initialLearningRate,
      decay_steps: decaySteps,
      decay_rate: decayRate,
      staircase,
    },
  });
}
