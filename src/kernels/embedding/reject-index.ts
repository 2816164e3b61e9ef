/** The error for an index that is no row of a table. */
import { reject } from '../../foundation/errors.js';

/** Throws for the first of some floats that is no row of a table, cut off behind the point. */
export function requireRows(
  values: ArrayLike<number>,
  shape: readonly number[],
  rows: number,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // Cut off behind the point, -0.9 is row 0. NaN is on neither side of anything.
    if (!(value > -1 && value < rows)) rejectIndex(value, i, shape, rows);
  }
}

/** The error for an index outside the table, shared by the kernel and its twin. */
export function rejectIndex(
  index: number,
  position: number,
  shape: readonly number[],
  rows: number,
): never {
  const at: number[] = [];
  for (let rest = position, axis = shape.length - 1; axis >= 0; axis--) {
    at.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  reject({
    where: 'embedding',
    expected: `the index at [${at.join(', ')}] must be a row of the table, from 0 to ${rows - 1}`,
    received: index,
    remedy: Number.isFinite(index)
      ? 'Raise inputDim (the size of the vocabulary, counting 0 for padding), ' +
        'or give the Tokenizer numWords.'
      : 'Look for what made it where the indices come from.',
    see: 'outside-the-vocabulary',
  });
}
