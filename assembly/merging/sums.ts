// Sums of all values of tensors, block by block: of l1·|x| + l2·x².

/** Filled in by src/kernels/merging/block-sums.ts, field by field in this order. */
@unmanaged
class SumJob {
  first: i32; // of the values of the block, a multiple of 4
  count: i32; // of the block
  values: usize;
  l1: f32;
  l2: f32;
  sum: usize; // f64: out
}

/** Terms are floats, as an operation would round them; their sum is not. Without l1, an infinite value is no 0·∞. */
// @ts-ignore: decorator
@inline
function term(x: v128, isSquare: bool, l1: v128, l2: v128): v128 {
  const square = f32x4.mul(l2, f32x4.mul(x, x));
  return isSquare ? square : f32x4.add(f32x4.mul(l1, f32x4.abs(x)), square);
}

// @ts-ignore: decorator
@inline
function sum(job: SumJob, isSquare: bool): f64 {
  const l1 = f32x4.splat(job.l1), l2 = f32x4.splat(job.l2);
  let at = job.values + (<usize>job.first << 2);
  const end = at + (<usize>job.count << 2);
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (; at + 16 <= end; at += 16) {
    const terms = term(v128.load(at), isSquare, l1, l2);
    low = f64x2.add(low, f64x2.promote_low_f32x4(terms));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(terms, terms, 2, 3, 0, 1)));
  }
  const both = f64x2.add(low, high);
  let all = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; at < end; at += 4) {
    all += <f64>f32x4.extract_lane(term(v128.load32_splat(at), isSquare, l1, l2), 0);
  }
  return all;
}

export function blockSum(pointer: usize): void {
  const job = changetype<SumJob>(pointer);
  store<f64>(job.sum, job.l1 == 0 ? sum(job, true) : sum(job, false));
}

/** What the sums of blocks come to. */
// @ts-ignore: decorator
@inline
export function sumOfBlocks(sums: usize, blocks: i32): f64 {
  let all: f64 = 0;
  for (let block: usize = 0; block < <usize>blocks; block++) all += load<f64>(sums + (block << 3));
  return all;
}
