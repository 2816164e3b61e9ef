// Sums and products value by value: what layers, or the two directions of one, make together.

/** Filled in by src/kernels/merging/merge.ts, field by field in this order. */
@unmanaged
class MergeJob {
  first: i32; // of the values of the shard, a multiple of 4
  count: i32; // of the shard
  a: usize;
  b: usize; // or 0: with nothing
  out: usize; // may be a or b
  product: i32; // whether they are multiplied, or added up
  scale: f32; // of what comes out
}

/** out = (a + b)·scale or a·b·scale; past the end of the last shard, up to three values are written. */
export function mergeValues(pointer: usize): void {
  const job = changetype<MergeJob>(pointer), at = <usize>job.first << 2, scale = f32x4.splat(job.scale);
  let a = job.a + at, b = job.b + at, out = job.out + at;
  for (const end = out + (<usize>job.count << 2); out < end; out += 16) {
    let value = v128.load(a);
    if (job.b) value = job.product ? f32x4.mul(value, v128.load(b)) : f32x4.add(value, v128.load(b));
    v128.store(out, f32x4.mul(value, scale));
    a += 16; b += 16;
  }
}
