// Rows of a table by index, and the gradient of that.
import { addFloats, copyFloats } from '../arithmetic/simd';

/** Filled in by src/kernels/embedding/gathered.ts, field by field in this order. */
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

/** The position of the first index that is no row of a table of `rows`, or -1. */
export function firstOutside(indices: usize, count: i32, rows: i32): i32 {
  const limit = i32x4.splat(rows);
  let i = 0;
  // As a number without a sign, a negative one is large.
  while (i + 4 <= count && !v128.any_true(i32x4.ge_u(v128.load(indices + (<usize>i << 2)), limit))) i += 4;
  while (i < count && load<u32>(indices + (<usize>i << 2)) < <u32>rows) i++;
  return i < count ? i : -1;
}

/** Filled in by src/kernels/embedding/embedding.ts, field by field in this order. */
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
  let column = 0;
  for (; column + 16 <= columns; column += 16) addSixteen(job, <usize>(job.firstColumn + column) << 2);
  if (column == columns) return;

  const rest = <usize>(job.firstColumn + column) << 2;
  let indices = job.indices, gradient = job.gradient + rest;
  for (let i = 0; i < job.count; i++) {
    addFloats(job.dTable + <usize>load<i32>(indices) * bytes + rest, gradient, columns - column);
    indices += 4;
    gradient += bytes;
  }
}

// Sixteen columns, a cache line. The sums of an index stay in registers while it comes again,
// which padding does some hundred times in a row.
function addSixteen(job: ScatterAddJob, across: usize): void {
  const bytes = <usize>job.width << 2, dTable = job.dTable + across;
  let indices = job.indices, gradient = job.gradient + across;
  const end = indices + (<usize>job.count << 2);
  while (indices < end) {
    const index = load<i32>(indices), to = dTable + <usize>index * bytes;
    let a = v128.load(to), b = v128.load(to, 16), c = v128.load(to, 32), d = v128.load(to, 48);
    do {
      a = f32x4.add(a, v128.load(gradient)); b = f32x4.add(b, v128.load(gradient, 16));
      c = f32x4.add(c, v128.load(gradient, 32)); d = f32x4.add(d, v128.load(gradient, 48));
      indices += 4;
      gradient += bytes;
    } while (indices < end && load<i32>(indices) == index);
    v128.store(to, a); v128.store(to, b, 16); v128.store(to, c, 32); v128.store(to, d, 48);
  }
}
