/** Intervals around forecasts, from the errors on data that was not trained on. */
import { reject } from '../../foundation/errors.js';

/**
 * How far each value of a forecast may be off: the error that the fraction `coverage` of the forecasts on
 * validation data does not exceed, with the correction for their number. Of `n` errors, the
 * ⌈(n + 1)·coverage⌉-th smallest.
 *
 * The next error is within that with at least this probability where errors are exchangeable. Those of
 * neighbouring windows are not quite, nor are those of a series that changes its ways: hence `evaluate`
 * tells the coverage that it finds.
 *
 * Source: split conformal prediction, Lei et al. 2018, "Distribution-free predictive inference for
 * regression", algorithm 2.
 *
 * @param errors A list for each value of a forecast; all of one length, sizes without signs.
 */
export function conformalRadius(errors: readonly Float64Array[], coverage: number): number[] {
  return errors.map((list) => {
    const sorted = Float64Array.from(list).sort();
    return sorted[rankOf(sorted.length, coverage) - 1]!;
  });
}

/**
 * Throws unless there are so many validation windows that an interval can be read off their errors: 9 for
 * nine tenths.
 */
export function requireEnoughErrors(where: string, count: number, coverage: number): void {
  if (count > 0 && rankOf(count, coverage) <= count) return;
  let needed = 1;
  while (rankOf(needed, coverage) > needed) needed++;
  reject({
    where,
    expected: `an interval with a coverage of ${coverage} needs at least ${needed} windows for validation`,
    received: count,
    remedy: 'Give a longer series, a greater validationSplit, or a smaller coverage or horizon.',
    see: 'series-too-short',
  });
}

// A product such as 10 · 0.9 comes out a little above the whole number that it is.
const ROUNDING = 1e-9;

const rankOf = (count: number, coverage: number) => Math.ceil((count + 1) * coverage - ROUNDING);
