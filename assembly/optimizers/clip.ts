// Gradients scaled down to a norm: sums of squares of blocks of values, and the values times what
// keeps the root of all sums at most so large.

/** Filled in by src/kernels/optimizers/clip-by-norm.ts, field by field in this order. */
@unmanaged
class SquaresJob {
  first: i32; // of the values of the block, a multiple of 4
  count: i32; // of the block
  values: usize;
  sum: usize; // f64: out
}

/** The same. */
@unmanaged
class NormJob {
  first: i32; // of the values of the block, a multiple of 4
  count: i32; // of the block
  values: usize;
  scaled: usize; // out
  sums: usize; // f64 of each block that counts for the norm
  blocks: i32;
  most: f32;
}

/** Squares are rounded to floats, as an operation would; their sum is not. */
export function sumOfSquares(pointer: usize): void {
  const job = changetype<SquaresJob>(pointer);
  let at = job.values + (<usize>job.first << 2);
  const end = at + (<usize>job.count << 2);
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (; at + 16 <= end; at += 16) {
    const x = v128.load(at), square = f32x4.mul(x, x);
    low = f64x2.add(low, f64x2.promote_low_f32x4(square));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(square, square, 2, 3, 0, 1)));
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; at < end; at += 4) {
    const x = load<f32>(at);
    sum += <f64>(x * x);
  }
  store<f64>(job.sum, sum);
}

/** As `tf.clip_by_global_norm`: most / max(norm, most) of each value; not a number where the norm is none. */
export function scaleToNorm(pointer: usize): void {
  const job = changetype<NormJob>(pointer), most = job.most;
  let sum: f64 = 0;
  for (let block: usize = 0; block < <usize>job.blocks; block++) sum += load<f64>(job.sums + (block << 3));
  const scale = f32x4.splat(most / max<f32>(sqrt<f32>(<f32>sum), most));
  const shift = job.scaled - job.values;
  let at = job.values + (<usize>job.first << 2);
  // The last vector may run past the end of the values: buffers are padded to 16 bytes.
  for (const end = at + (<usize>job.count << 2); at < end; at += 16) {
    v128.store(at + shift, f32x4.mul(v128.load(at), scale));
  }
}
