/** Rows of a table by index. Source: assembly/embedding/embedding.ts. */
import type { tf } from '../../foundation/tensorflow.js';
import { type Call, sizeOf } from '../bridge/call.js';
import { Gathered } from './gathered.js';
import { rejectIndex } from './reject-index.js';

/**
 * Checks the indices; the rows are written when they are asked for.
 *
 * @param indices int32 of any shape.
 * @param table [rows, width]
 * @returns [...indices.shape, width], and the same as what it comes from.
 * @throws RecurrentError for an index that is not a row of the table.
 */
export function gather(
  call: Call,
  indices: tf.TensorInfo,
  table: tf.TensorInfo,
): { rows: tf.TensorInfo; gathered: Gathered } {
  const [rows, width] = table.shape as [number, number];
  const count = sizeOf(indices.shape);
  const held = call.hold(indices);
  const outside = call.runtime.exportsBeside.firstOutside(held.address, count, rows);
  if (outside >= 0) {
    const [index] = call.runtime.memory.integers(held.address + 4 * outside, 1);
    held.release();
    rejectIndex(index!, outside, indices.shape, rows);
  }
  const gathered = new Gathered(table, call.holdForLong(table), held, count);
  return { rows: call.deferredOutput([...indices.shape, width], gathered), gathered };
}
