/**
 * Rows of tensors and lists, where a row is everything under one index of the
 * first axis.
 */
import { tf } from '../foundation/tensorflow.js';
import { takeRows as copyRows } from '../kernels/bridge/rows.js';

/** A list with one entry, or a tensor with one row, for each sample. */
export type Column =
  | readonly unknown[]
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Uint8Array
  | Int8Array
  | tf.Tensor;

type TypedColumn = Exclude<Column, readonly unknown[] | tf.Tensor>;

/** How many samples a column holds, or `undefined` when it is none. */
export function rowCount(column: unknown): number | undefined {
  if (column instanceof tf.Tensor) return column.shape[0];
  if (Array.isArray(column)) return column.length;
  if (ArrayBuffer.isView(column) && 'length' in column) return column.length as number;
  return undefined;
}

/**
 * The rows with the given indices, in that order.
 *
 * @param column Left as it is; a tensor gives a new tensor, which the caller disposes.
 */
export function takeRows<C extends Column>(column: C, indices: Int32Array): C;
export function takeRows(column: Column, indices: Int32Array): Column {
  if (column instanceof tf.Tensor) return takeTensorRows(column, indices);
  if (Array.isArray(column)) return Array.from(indices, (index) => column[index]);
  const source = column as TypedColumn;
  const taken = new (source.constructor as new (length: number) => TypedColumn)(indices.length);
  for (let row = 0; row < indices.length; row++) taken[row] = source[indices[row]!]!;
  return taken;
}

/** Whether a value is a number between 0 and 1, neither of which leaves two parts. */
export function isFraction(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value < 1;
}

function takeTensorRows(tensor: tf.Tensor, indices: Int32Array): tf.Tensor {
  const { dtype, shape } = tensor;
  if (dtype === 'string') {
    const width = shape.slice(1).reduce((product, size) => product * size, 1);
    const texts = tensor.dataSync<'string'>();
    const rows = Array.from(indices, (index) => texts.slice(index * width, (index + 1) * width));
    return tf.tensor(rows.flat(), [indices.length, ...shape.slice(1)], dtype);
  }
  return copyRows(tensor, indices);
}
