/** Logistic regression on sparse rows with a value for each column, by coordinate descent in the dual. */
import { seededRandom, shuffleInPlace } from '../../foundation/random.js';
import { nextTurn } from '../../foundation/turn.js';
import type { SparseRows } from './n-gram-rows.js';

/** A linear function: `bias + Σ weights[column]` over the columns of a row. */
export interface LinearFunction {
  weights: Float64Array; // [columns]
  bias: number;
}

/** What {@link logisticRegression} is to do besides the rows. */
interface Settings {
  /** The value of each column where a row has it. */
  values: Float64Array;
  /** What the values of each row are multiplied by. */
  factors: Float64Array;
  /** 1 for rows of the class, 0 for others. */
  isOfClass: Uint8Array;
  /** Weight of the losses against the penalty. */
  cost: number;
  /** Of the order in which rows are gone through. */
  seed: number;
}

const MOST_PASSES = 30;

/** Passes end where a row's share changes by less, on average, as a part of `cost`. */
const TOLERANCE = 1e-3;

/**
 * Minimizes `½ |w|² + ½ b² + cost · Σ log(1 + exp(−yᵢ (w·xᵢ + b)))`, for yᵢ = ±1; xᵢ has the values of
 * the row's columns, times the row's factor.
 *
 * Each row has a share αᵢ between 0 and `cost`, and `w = Σ αᵢ yᵢ xᵢ`. One share after the other is set to
 * what is best while the others stay, in a new order each time through: H.-F. Yu, F.-L. Huang and C.-J. Lin,
 * "Dual coordinate descent methods for logistic regression and maximum entropy models", 2011.
 *
 * @returns Weights that have the columns' values in them.
 */
export async function logisticRegression(
  { columns, starts, width }: SparseRows,
  { values, factors, isOfClass, cost, seed }: Settings,
): Promise<LinearFunction> {
  const count = isOfClass.length;
  const shares = new Float64Array(count);
  const squares = new Float64Array(count).fill(1); // |xᵢ|², with the 1 of the bias
  for (let row = 0; row < count; row++) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++)
      squares[row]! += (factors[row]! * values[columns[i]!]!) ** 2;
  }
  const weights = new Float64Array(width);
  let bias = 0;
  const order = Int32Array.from({ length: count }, (_, row) => row);
  const random = seededRandom(seed);
  for (let pass = 0, moved = Infinity; pass < MOST_PASSES && moved > TOLERANCE; pass++) {
    await nextTurn();
    shuffleInPlace(order, random);
    moved = 0;
    for (const row of order) {
      const sign = isOfClass[row] === 1 ? 1 : -1;
      const end = starts[row + 1]!;
      let sum = 0;
      for (let i = starts[row]!; i < end; i++) {
        const column = columns[i]!;
        sum += weights[column]! * values[column]!;
      }
      const margin = bias + factors[row]! * sum;
      const before = shares[row]!;
      const share = bestShare(margin * sign, squares[row]!, before, cost);
      const step = (share - before) * sign;
      shares[row] = share;
      bias += step;
      for (let i = starts[row]!; i < end; i++) {
        const column = columns[i]!;
        weights[column]! += step * factors[row]! * values[column]!;
      }
      moved += Math.abs(step) / (cost * count);
    }
  }
  return { weights: weights.map((weight, column) => weight * values[column]!), bias };
}

/**
 * The share where `log(α / (cost − α)) + margin + square · (α − before)` is 0. With
 * `α = cost · σ(t)` the logarithm is t, and the sum rises with t at least as fast: Newton's steps,
 * held between bounds that close in, find the one root.
 */
function bestShare(margin: number, square: number, before: number, cost: number): number {
  let low = -margin - square * (cost - before);
  let high = -margin + square * before;
  let t = before > 0 && before < cost ? Math.log(before / (cost - before)) : -margin;
  if (!(t > low && t < high)) t = (low + high) / 2;
  let part = 0;
  for (let step = 0; step < 50; step++) {
    part = 1 / (1 + Math.exp(-t));
    const off = t + margin + square * (cost * part - before);
    if (Math.abs(off) < 1e-6) break;
    if (off > 0) high = t;
    else low = t;
    t -= off / (1 + square * cost * part * (1 - part));
    if (!(t > low && t < high)) t = (low + high) / 2;
  }
  return cost * part;
}
