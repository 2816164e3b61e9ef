// Rows of a table by index, and the gradient of that.
import { addFloats, copyFloats } from './simd';

/** Filled in by src/kernels/gathered.ts, field by field in this order. */
@unmanaged
class GatherJob {
  first: i32; // of the indices of the shard
  count: i32; // of the shard
  width: i32;
  indices: usize; // i32, all of them rows of the table
  table: usize; // [rows, width]
  out: usize; // [indices, width]
}

/** out = table[indices]. */
export function embeddingGather(pointer: usize): void {
  const job = changetype<GatherJob>(pointer);
  const width = job.width, table = job.table, bytes = <usize>width << 2;
  let indices = job.indices + (<usize>job.first << 2), out = job.out + <usize>job.first * bytes;
  for (let i = 0; i < job.count; i++) {
    copyFloats(out, table + <usize>load<i32>(indices) * bytes, width);
    indices += 4;
    out += bytes;
  }
}

/** Filled in by src/kernels/embedding.ts, field by field in this order. */
@unmanaged
class ScatterAddJob {
  firstColumn: i32; // of the shard, a multiple of 16
  columns: i32; // of the shard
  count: i32; // of all indices: every shard sees them all
  rows: i32;
  width: i32;
  indices: usize;
  gradient: usize; // [indices, width]
  dTable: usize; // [rows, width]
}

/** dTable = for each row, the sum of the gradients of its occurrences. */
export function embeddingScatterAdd(pointer: usize): void {
  const job = changetype<ScatterAddJob>(pointer);
  const columns = job.columns, bytes = <usize>job.width << 2, across = <usize>job.firstColumn << 2;
  const dTable = job.dTable + across;
  if (columns == job.width) memory.fill(dTable, 0, <usize>job.rows * bytes);
  else for (let row = 0; row < job.rows; row++) memory.fill(dTable + <usize>row * bytes, 0, <usize>columns << 2);
  let indices = job.indices, gradient = job.gradient + across;
  for (let i = 0; i < job.count; i++) {
    addFloats(dTable + <usize>load<i32>(indices) * bytes, gradient, columns);
    indices += 4;
    gradient += bytes;
  }
}
