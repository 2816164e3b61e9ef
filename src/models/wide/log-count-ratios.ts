import type { SparseRows } from './n-gram-rows.js';

/** Added to every count, so that what one class never has weighs much, but not without end. */
const SMOOTHING = 1;

/**
 * How much more often each column is in one class than in the others, as naive Bayes says it:
 *
 * ```text
 * rⱼ = log (1 + pⱼ) / Σ(1 + p) − log (1 + qⱼ) / Σ(1 + q)
 * ```
 *
 * `pⱼ` counts the rows of the class that have column j, `qⱼ` those of the others. From S. Wang and
 * C. D. Manning, "Baselines and Bigrams: Simple, Good Sentiment and Topic Classification", 2012.
 *
 * @param isOfClass 1 for each row of the class, 0 for others.
 */
export function logCountRatios(rows: SparseRows, isOfClass: Uint8Array): Float64Array {
  const { columns, starts, width } = rows;
  const own = new Float64Array(width).fill(SMOOTHING);
  const others = new Float64Array(width).fill(SMOOTHING);
  isOfClass.forEach((isOwn, row) => {
    const counts = isOwn === 1 ? own : others;
    for (let i = starts[row]!; i < starts[row + 1]!; i++) counts[columns[i]!]!++;
  });
  const sum = (counts: Float64Array) => counts.reduce((total, count) => total + count, 0);
  const shift = Math.log(sum(others)) - Math.log(sum(own));
  return own.map((count, column) => Math.log(count / others[column]!) + shift);
}
