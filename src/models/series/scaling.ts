/** Columns brought to one size before a network reads them, and forecasts brought back. */
import type { Table } from './series-data.js';

/**
 * How columns are scaled: `'standardize'` to mean 0 and standard deviation 1, `'minMax'` to 0 … 1, as
 * `StandardScaler` and `MinMaxScaler` of scikit-learn do.
 */
export type ScalingMethod = 'standardize' | 'minMax';

/** A column is read as `(value - offset) / scale`; an entry a column. */
export interface Scaling {
  readonly method: ScalingMethod;
  /** The mean, or the least value. */
  readonly offset: readonly number[];
  /** The standard deviation, or the greatest value less the least; 1 for a column that never changes. */
  readonly scale: readonly number[];
}

/** Steps `from` to below `to` of a table. */
export interface Stretch {
  table: Table;
  from: number;
  to: number;
}

// Rounding gives a column of equal values a deviation of some 1e-16 of them.
const RELATIVE_ROUNDING = 1e-12;

/**
 * The scaling of columns by the given stretches alone, so that nothing of what comes behind them is known.
 *
 * @param width How many columns the tables have.
 */
export function fitScaling(
  method: ScalingMethod,
  stretches: readonly Stretch[],
  width: number,
): Scaling {
  const offset: number[] = [];
  const scale: number[] = [];
  for (let column = 0; column < width; column++) {
    const [center, spread, largest] =
      method === 'standardize'
        ? meanAndDeviation(stretches, column, width)
        : leastAndRange(stretches, column, width);
    offset.push(center);
    scale.push(spread > RELATIVE_ROUNDING * largest ? spread : 1);
  }
  return { method, offset, scale };
}

/** A whole table scaled. */
export function scaled({ values }: Table, { offset, scale }: Scaling): Float64Array {
  const width = offset.length;
  return values.map((value, i) => {
    const column = i % width;
    return (value - offset[column]!) / scale[column]!;
  }); // [time · columns]
}

/** In two passes: the squares of large values would swallow a small deviation. */
function meanAndDeviation(
  stretches: readonly Stretch[],
  column: number,
  width: number,
): [number, number, number] {
  let [count, sum, largest] = [0, 0, 0];
  visit(stretches, column, width, (value) => {
    count++;
    sum += value;
    largest = Math.max(largest, Math.abs(value));
  });
  const mean = sum / count;
  let squares = 0;
  visit(stretches, column, width, (value) => {
    squares += (value - mean) ** 2;
  });
  return [mean, Math.sqrt(squares / count), largest];
}

function leastAndRange(
  stretches: readonly Stretch[],
  column: number,
  width: number,
): [number, number, number] {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  visit(stretches, column, width, (value) => {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  });
  return [least, greatest - least, Math.max(Math.abs(least), Math.abs(greatest))];
}

function visit(
  stretches: readonly Stretch[],
  column: number,
  width: number,
  each: (value: number) => void,
): void {
  for (const { table, from, to } of stretches) {
    for (let time = from; time < to; time++) each(table.values[time * width + column]!);
  }
}
