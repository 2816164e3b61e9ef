/** What a schedule of the learning rate is, and what it is called in Keras. */
import { reject } from '../../../foundation/errors.js';
import { requireKnownOptions } from '../../../foundation/option-checks.js';

/**
 * The learning rate of a step, counted from 0: one of `schedules`, or a function of your own.
 * It must give a finite number that is not negative.
 */
export type LearningRateSchedule = (step: number) => number;

/** A schedule of Keras: its class, and its settings by the names of Python. */
export interface ScheduleDescription {
  className: string;
  config: { [key: string]: number | boolean | number[] | null };
}

const descriptions = new WeakMap<LearningRateSchedule, ScheduleDescription>();

/** The schedule, whose class in Keras is known from now on. */
export function described(
  schedule: LearningRateSchedule,
  description: ScheduleDescription,
): LearningRateSchedule {
  descriptions.set(schedule, description);
  return schedule;
}

/** What a schedule is in Keras; undefined for a function of somebody's own. */
export function descriptionOfSchedule(
  schedule: LearningRateSchedule,
): ScheduleDescription | undefined {
  return descriptions.get(schedule);
}

/** The rate of a step, which must be one. */
export function rateOf(where: string, schedule: LearningRateSchedule, step: number): number {
  const rate: unknown = schedule(step);
  if (typeof rate === 'number' && rate >= 0 && Number.isFinite(rate)) return rate;
  return reject({
    where,
    expected: `the schedule must give a learning rate for step ${step}, a number of at least 0`,
    received: rate,
  });
}

/** How an option of a schedule must be: any finite number, one of at least 0, or one above 0. */
type Kind = 'any' | 'rate' | 'positive';

const EXPECTED: Record<Kind, string> = {
  any: 'a number',
  rate: 'a number of at least 0',
  positive: 'a positive number',
};

/** Throws unless an object has these options alone, and the numbers among them are of their kind. */
export function requireSchedule(
  where: string,
  options: object,
  kinds: Readonly<Record<string, Kind>>,
  others: readonly string[] = [],
): void {
  const known = [...Object.keys(kinds), ...others];
  requireKnownOptions(where, options, known);
  for (const [name, kind] of Object.entries(kinds)) {
    const value: unknown = (options as Record<string, unknown>)[name];
    const isNumber = typeof value === 'number' && Number.isFinite(value);
    const least = kind === 'any' ? Number.NEGATIVE_INFINITY : 0;
    if (isNumber && value >= least && (kind !== 'positive' || value > 0)) continue;
    reject({ where, expected: `${name} must be ${EXPECTED[kind]}`, received: value });
  }
}
