// What a regularizer adds to the loss, l1·|w| + l2·w² of all weights, and what of it comes back to them.

/** Filled in by src/kernels/losses/penalty.ts, field by field in this order. */
@unmanaged
class PenaltyJob {
  first: i32; // of the values of the block, a multiple of 4
  count: i32; // of the block
  weights: usize;
  l1: f32;
  l2: f32;
  sum: usize; // f64: out
}

/** The same. */
@unmanaged
class TotalJob {
  sums: usize; // f64 of each block
  blocks: i32;
  total: usize; // f32: out
}

/** The same. */
@unmanaged
class PenaltyGradientJob {
  first: i32; // of the values of the block, a multiple of 4
  count: i32; // of the block
  weights: usize;
  l1: f32;
  l2: f32;
  dy: usize; // of one value
  dw: usize; // out
}

/** Terms are floats, as an operation would round them; their sum is not. */
export function penaltySum(pointer: usize): void {
  const job = changetype<PenaltyJob>(pointer);
  const l1 = f32x4.splat(job.l1), l2 = f32x4.splat(job.l2);
  let at = job.weights + (<usize>job.first << 2);
  const end = at + (<usize>job.count << 2);
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (; at + 16 <= end; at += 16) {
    const w = v128.load(at);
    const term = f32x4.add(f32x4.mul(l1, f32x4.abs(w)), f32x4.mul(l2, f32x4.mul(w, w)));
    low = f64x2.add(low, f64x2.promote_low_f32x4(term));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(term, term, 2, 3, 0, 1)));
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; at < end; at += 4) {
    const w = load<f32>(at);
    sum += <f64>(job.l1 * abs<f32>(w) + job.l2 * (w * w));
  }
  store<f64>(job.sum, sum);
}

export function penaltyTotal(pointer: usize): void {
  const job = changetype<TotalJob>(pointer);
  let total: f64 = 0;
  for (let block: usize = 0; block < <usize>job.blocks; block++) total += load<f64>(job.sums + (block << 3));
  store<f32>(job.total, <f32>total);
}

/** (l1·sign(w) + 2·l2·w)·dy; the slope of |w| at 0 is 0, as in TensorFlow. */
export function penaltyGradient(pointer: usize): void {
  const job = changetype<PenaltyGradientJob>(pointer);
  const dy = f32x4.splat(load<f32>(job.dy)), l2 = f32x4.splat(2 * job.l2), zero = f32x4.splat(0);
  const l1 = f32x4.splat(job.l1), minusL1 = f32x4.neg(l1);
  const shift = job.dw - job.weights;
  let at = job.weights + (<usize>job.first << 2);
  // The last vector may run past the end of the values: buffers are padded to 16 bytes.
  for (const end = at + (<usize>job.count << 2); at < end; at += 16) {
    const w = v128.load(at);
    const slope = v128.or(v128.and(f32x4.gt(w, zero), l1), v128.and(f32x4.lt(w, zero), minusL1));
    v128.store(at + shift, f32x4.mul(dy, f32x4.add(slope, f32x4.mul(l2, w))));
  }
}
