/** A learning rate that decays to another one: polynomialDecay of Keras. */
import { requireBoolean } from '../../../foundation/option-checks.js';
import { described, type LearningRateSchedule, requireSchedule } from './schedule.js';

/** The options of {@link polynomialDecay}. */
export interface PolynomialDecayOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** The steps until the rate is `endLearningRate`. */
  decaySteps: number;
  /** Default: 0.0001. */
  endLearningRate?: number | undefined;
  /** 1 decays along a line, 2 faster at first. Default: 1. */
  power?: number | undefined;
  /**
   * Whether a rate that has decayed begins again, each time over as many more steps: `decaySteps`
   * times 1, 2, 3, …. Default: `false`; it stays at `endLearningRate`.
   */
  cycle?: boolean | undefined;
}

const WHERE = 'schedules.polynomialDecay';

/**
 * A learning rate that goes to `endLearningRate` in `decaySteps` steps:
 * `(initial − end) · (1 − step / decaySteps)^power + end`, as `PolynomialDecay` of Keras.
 *
 * @throws RecurrentError for an option that does not exist or is out of its range.
 *
 * @example
 * ```ts
 * import { schedules } from 'tfjs-recurrent';
 *
 * const rate = schedules.polynomialDecay({ initialLearningRate: 1, decaySteps: 10, endLearningRate: 0 });
 * console.log(rate(0), rate(5), rate(20));
 * // 1 0.5 0
 * ```
 */
export function polynomialDecay(options: PolynomialDecayOptions): LearningRateSchedule {
  const { endLearningRate = 0.0001, power = 1, cycle = false, ...others } = options;
  requireSchedule(
    WHERE,
    { ...others, endLearningRate, power, cycle },
    {
      initialLearningRate: 'rate',
      decaySteps: 'positive',
      endLearningRate: 'rate',
      power: 'positive',
    },
    ['cycle'],
  );
  requireBoolean(WHERE, 'cycle', cycle);
  const { initialLearningRate, decaySteps } = options;
  const schedule = (step: number) => {
    const cycles = cycle ? Math.max(1, Math.ceil(step / decaySteps)) : 1;
    const left = 1 - Math.min(1, step / (decaySteps * cycles));
    return (initialLearningRate - endLearningRate) * left ** power + endLearningRate;
  };
  return described(schedule, {
    className: 'PolynomialDecay',
    config: {
      initial_learning_rate: initialLearningRate,
      decay_steps: decaySteps,
      end_learning_rate: endLearningRate,
      power,
      cycle,
    },
  });
}
