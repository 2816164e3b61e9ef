/** A learning rate in stairs: piecewiseConstantDecay of Keras. */
import { reject } from '../../../foundation/errors.js';
import { isList, requireKnownOptions } from '../../../foundation/option-checks.js';
import { described, type LearningRateSchedule } from './schedule.js';

/** The options of {@link piecewiseConstantDecay}. */
export interface PiecewiseConstantDecayOptions {
  /** The last step of each rate but the last one, rising. */
  boundaries: readonly number[];
  /** The rates: one more than boundaries. */
  values: readonly number[];
}

const WHERE = 'schedules.piecewiseConstantDecay';

/**
 * A learning rate that stays the same up to a step, that step included, and then is another one, as
 * `PiecewiseConstantDecay` of Keras.
 *
 * @throws RecurrentError for boundaries that do not rise, values that are not one more than these
 *   or no rates, and an option that does not exist.
 *
 * @example
 * ```ts
 * import { schedules } from 'tfjs-recurrent';
 *
 * const rate = schedules.piecewiseConstantDecay({ boundaries: [100], values: [0.1, 0.01] });
 * console.log(rate(0), rate(100), rate(101));
 * // 0.1 0.1 0.01
 * ```
 */
export function piecewiseConstantDecay(
  options: PiecewiseConstantDecayOptions,
): LearningRateSchedule {
  requireKnownOptions(WHERE, options, ['boundaries', 'values']);
  const { boundaries, values } = Object(options) as PiecewiseConstantDecayOptions;
  requireNumbers(
    'boundaries must be a list of steps, each after the one before',
    boundaries,
    (step, i) => step > (boundaries[i - 1] ?? Number.NEGATIVE_INFINITY),
  );
  requireNumbers('values must be a list of numbers of at least 0', values, (rate) => rate >= 0);
  if (values.length !== boundaries.length + 1) {
    reject({
      where: WHERE,
      expected: `values must be one more than boundaries, ${boundaries.length + 1}`,
      received: values.length,
      remedy: 'A rate lasts up to its boundary, and the last one for good.',
      see: 'uneven-data',
    });
  }
  const [ends, rates] = [[...boundaries], [...values]];
  const schedule = (step: number) => rates[ends.filter((end) => step > end).length]!;
  return described(schedule, {
    className: 'PiecewiseConstantDecay',
    config: { boundaries: ends, values: rates },
  });
}

function requireNumbers(
  expected: string,
  given: unknown,
  fits: (value: number, i: number) => boolean,
): void {
  if (isList(given)) {
    const list = Array.from(given) as number[];
    if (list.length > 0 && list.every((one, i) => Number.isFinite(one) && fits(one, i))) return;
  }
  reject({ where: WHERE, expected, received: given });
}
