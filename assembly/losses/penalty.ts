// What a regularizer adds to the loss, l1·|w| + l2·w² of all weights, of which the sums of blocks are known
// (merging/sums.ts), and what of it comes back to the weights.
import { sumOfBlocks } from '../merging/sums';

/** Filled in by src/kernels/losses/penalty.ts, field by field in this order. */
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

export function penaltyTotal(pointer: usize): void {
  const job = changetype<TotalJob>(pointer);
  store<f32>(job.total, <f32>sumOfBlocks(job.sums, job.blocks));
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
