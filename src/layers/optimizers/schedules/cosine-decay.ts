/** A learning rate that falls as a cosine, after a warm-up if you like: cosineDecay of Keras. */
import { reject } from '../../../foundation/errors.js';
import { described, type LearningRateSchedule, requireSchedule } from './schedule.js';

/** The options of {@link cosineDecay}. */
export interface CosineDecayOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** The steps in which the rate decays, those of the warm-up not counted. */
  decaySteps: number;
  /** What is left of the rate at the end, as a fraction of it. Default: 0. */
  alpha?: number | undefined;
  /** The rate that the warm-up leads to, and the decay begins with. Default: there is no warm-up. */
  warmupTarget?: number | undefined;
  /** The steps of the warm-up, in which the rate rises along a line. Default: 0. */
  warmupSteps?: number | undefined;
}

const WHERE = 'schedules.cosineDecay';

/**
 * A learning rate that falls slowly, then fast, then slowly:
 * `rate · ((1 − alpha) · (1 + cos(π · step / decaySteps)) / 2 + alpha)`, as `CosineDecay` of Keras.
 * With `warmupTarget`, the rate first rises from `initialLearningRate` to it, in `warmupSteps` steps.
 *
 * @throws RecurrentError for an option that does not exist or is out of its range, and for one of
 *   `warmupTarget` and `warmupSteps` without the other.
 * @see Loshchilov & Hutter 2017, without restarts.
 *
 * @example
 * ```ts
 * import { schedules } from 'tfjs-recurrent';
 *
 * const rate = schedules.cosineDecay({
 *   initialLearningRate: 0,
 *   warmupTarget: 0.01,
 *   warmupSteps: 10,
 *   decaySteps: 100,
 * });
 * console.log([0, 5, 10, 60, 110].map((step) => rate(step).toFixed(4)).join(' '));
 * // 0.0000 0.0050 0.0100 0.0050 0.0000
 * ```
 */
export function cosineDecay(options: CosineDecayOptions): LearningRateSchedule {
  const { alpha = 0, warmupTarget, warmupSteps = 0, ...others } = options;
  const whole = { ...others, alpha, warmupSteps, warmupTarget: warmupTarget ?? 0 };
  requireSchedule(WHERE, whole, {
    initialLearningRate: 'rate',
    decaySteps: 'positive',
    alpha: 'rate',
    warmupSteps: 'rate',
    warmupTarget: 'rate',
  });
  const { initialLearningRate, decaySteps } = options;
  if (warmupSteps > 0 !== (warmupTarget !== undefined)) {
    reject({
      where: WHERE,
      expected: 'a warm-up needs both warmupTarget and warmupSteps',
      received: { warmupTarget, warmupSteps },
      remedy: 'Give both, or leave both out.',
      see: 'conflicting-options',
    });
  }
  const peak = warmupTarget ?? initialLearningRate;
  const schedule = (step: number) => {
    if (step < warmupSteps) {
      return initialLearningRate + ((peak - initialLearningRate) * step) / warmupSteps;
    }
    const done = Math.min(1, (step - warmupSteps) / decaySteps);
    return peak * ((1 - alpha) * 0.5 * (1 + Math.cos(Math.PI * done)) + alpha);
  };
  return described(schedule, {
    className: 'CosineDecay',
    config: {
      initial_learning_rate: initialLearningRate,
      decay_steps: decaySteps,
      alpha,
      warmup_target: warmupTarget ?? null,
      warmup_steps: warmupSteps,
    },
  });
}
