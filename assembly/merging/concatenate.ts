// Rows from one place to another where they lie further apart or closer: tensors are joined so, or taken apart.
import { copyRows } from '../arithmetic/panels';

/** Filled in by src/kernels/merging/concatenate.ts, field by field in this order. */
@unmanaged
class CopyJob {
  first: i32; // of the rows of the shard
  count: i32; // of the shard
  width: i32; // floats of a row
  from: usize;
  fromStride: i32; // floats between the beginnings of two rows
  to: usize;
  toStride: i32;
}

export function copyParts(pointer: usize): void {
  const job = changetype<CopyJob>(pointer);
  const fromRow = <usize>job.fromStride << 2, toRow = <usize>job.toStride << 2, first = <usize>job.first;
  copyRows(job.count, job.to + first * toRow, toRow, job.from + first * fromRow, fromRow, job.width);
}
