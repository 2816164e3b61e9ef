// Activations of single values and what they pass back, to the bit what TensorFlow.js computes on its cpu
// backend: V8's Math.exp and Math.tanh in doubles, rounded to a float.
//
// A double that is close enough to theirs rounds to the same float, unless the middle between two floats
// lies between. So two values are computed at a time, by fewer terms, and where rounding a little less
// and a little more gives two floats, one value in 2^14, fdlibm.ts decides (Ziv 1991).
import { exp, tanh } from '../arithmetic/fdlibm';

/** Filled in by src/kernels/activations/elementwise-jobs.ts, field by field in this order. */
@unmanaged
class ElementwiseJob {
  first: i32; // of the values of the shard, a multiple of 4
  count: i32; // of the shard
  activation: i32; // 0: relu, 1: sigmoid, 2: tanh
  x: usize;
  y: usize; // out; of the backward pass in
  dy: usize; // of the backward pass
  dx: usize; // out of the backward pass
}

const RELU = 0;
const SIGMOID = 1;

// By address, since V8 rebuilds a constant vector in every iteration.
const CONSTANTS = memory.data<f64>([
  6755399441055744, // 0: 1.5·2^52, adding it rounds to an integer
  1.4426950408889634, // 8: log2 e
  0.6931471803691238, 1.9082149292705877e-10, // 16: ln 2 in two parts
  // 32: 1/12! to 1/2! and 1/1!: (e^r - 1) / r for |r| ≤ ln 2 / 2, relative error 1.8e-14
  2.08767569878681e-9, 2.505210838544172e-8, 2.755731922398589e-7, 2.7557319223985893e-6,
  2.48015873015873e-5, 1.984126984126984e-4, 1.388888888888889e-3, 8.333333333333333e-3,
  4.1666666666666664e-2, 0.16666666666666666, 0.5, 1,
  20, 2, // 128: from where tanh is 1 as a float
  150, -150, // 144: from where sigmoid is 0 or 1 as one
  0.9999999999990905, 1.0000000000009095, // 160: 1 - 2^-40, 1 + 2^-40; errors are below 2^-44
]);

// @ts-ignore: decorator
@inline
function constant(at: usize): v128 {
  return v128.load64_splat(CONSTANTS + at);
}

/** x / ln 2, rounded, in the low bits. */
// @ts-ignore: decorator
@inline
function rounded(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, constant(8)), constant(0));
}

/** 2^n of what {@link rounded} gives. */
// @ts-ignore: decorator
@inline
function powerOf(n: v128): v128 {
  return i64x2.add(constant(120), i64x2.shl(n, 52));
}

/** e^r - 1 for x = n·ln 2 + r (Cody & Waite 1980). */
// @ts-ignore: decorator
@inline
function ofRest(x: v128, roundedX: v128): v128 {
  const n = f64x2.sub(roundedX, constant(0));
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(n, constant(16))), f64x2.mul(n, constant(24)));
  let p = constant(32);
  p = f64x2.add(f64x2.mul(p, r), constant(40));
  p = f64x2.add(f64x2.mul(p, r), constant(48));
  p = f64x2.add(f64x2.mul(p, r), constant(56));
  p = f64x2.add(f64x2.mul(p, r), constant(64));
  p = f64x2.add(f64x2.mul(p, r), constant(72));
  p = f64x2.add(f64x2.mul(p, r), constant(80));
  p = f64x2.add(f64x2.mul(p, r), constant(88));
  p = f64x2.add(f64x2.mul(p, r), constant(96));
  p = f64x2.add(f64x2.mul(p, r), constant(104));
  p = f64x2.add(f64x2.mul(p, r), constant(112));
  p = f64x2.add(f64x2.mul(p, r), constant(120));
  return f64x2.mul(p, r);
}

/** tanh(x) = t / (t + 2), t = e^2x - 1, for x ≥ 0: near 0, too, to a part of the value. */
// @ts-ignore: decorator
@inline
function closeTanh(x: v128): v128 {
  const clamped = f64x2.pmin(x, constant(128)), twice = f64x2.add(clamped, clamped);
  const n = rounded(twice), power = powerOf(n);
  const t = f64x2.add(f64x2.mul(ofRest(twice, n), power), f64x2.sub(power, constant(120)));
  return f64x2.div(t, f64x2.add(t, constant(136)));
}

/** 1 / (1 + e^-x); beyond the clamps it is 0 or 1 as a float. */
// @ts-ignore: decorator
@inline
function closeSigmoid(x: v128): v128 {
  const clamped = f64x2.pmax(f64x2.pmin(f64x2.neg(x), constant(144)), constant(152));
  const n = rounded(clamped), power = powerOf(n);
  const e = f64x2.add(f64x2.mul(ofRest(clamped, n), power), power);
  return f64x2.div(constant(120), f64x2.add(constant(120), e));
}

// @ts-ignore: decorator
@inline
function asFloats(low: v128, high: v128, factor: v128): v128 {
  const a = f32x4.demote_f64x2_zero(f64x2.mul(low, factor));
  const b = f32x4.demote_f64x2_zero(f64x2.mul(high, factor));
  return v128.shuffle<i64>(a, b, 0, 2);
}

/** The floats of doubles that are close; their bits are other than those of `more` where that is too far. */
// @ts-ignore: decorator
@inline
function less(low: v128, high: v128): v128 {
  return asFloats(low, high, constant(160));
}

// @ts-ignore: decorator
@inline
function more(low: v128, high: v128): v128 {
  return asFloats(low, high, constant(168));
}

function tanhs(x: usize, y: usize, end: usize): void {
  for (; y < end; x += 16, y += 16) {
    const floats = v128.load(x), sizes = f32x4.abs(floats);
    const low = closeTanh(f64x2.promote_low_f32x4(sizes));
    const high = closeTanh(f64x2.promote_low_f32x4(v128.shuffle<i64>(sizes, sizes, 1, 1)));
    const values = less(low, high);
    if (i32x4.all_true(i32x4.eq(values, more(low, high)))) {
      v128.store(y, v128.bitselect(floats, values, i32x4.splat(0x80000000)));
    } else for (let i: usize = 0; i < 16; i += 4) store<f32>(y + i, <f32>tanh(<f64>load<f32>(x + i)));
  }
}

function sigmoids(x: usize, y: usize, end: usize): void {
  for (; y < end; x += 16, y += 16) {
    const floats = v128.load(x);
    const low = closeSigmoid(f64x2.promote_low_f32x4(floats));
    const high = closeSigmoid(f64x2.promote_low_f32x4(v128.shuffle<i64>(floats, floats, 1, 1)));
    const values = less(low, high);
    if (i32x4.all_true(i32x4.eq(values, more(low, high)))) v128.store(y, values);
    else for (let i: usize = 0; i < 16; i += 4) store<f32>(y + i, sigmoid(load<f32>(x + i)));
  }
}

function sigmoid(x: f32): f32 {
  // Beyond, e^-x is nothing beside 1, or 1 beside it and the quotient no float.
  return <f32>(1 / (1 + exp(-<f64>max<f32>(-150, min<f32>(150, x)))));
}

/** y from x; past the end of the last shard, up to three values are written. */
export function elementwiseForward(pointer: usize): void {
  const job = changetype<ElementwiseJob>(pointer), at = <usize>job.first << 2;
  let x = job.x + at, y = job.y + at;
  const end = y + (<usize>job.count << 2);
  if (job.activation == SIGMOID) sigmoids(x, y, end);
  else if (job.activation != RELU) tanhs(x, y, end);
  // NaN stays NaN.
  else for (; y < end; x += 16, y += 16) v128.store(y, f32x4.max(f32x4.splat(0), v128.load(x)));
}

/** dx from dy and y; past the end of the last shard, up to three values are written. */
export function elementwiseBackward(pointer: usize): void {
  const job = changetype<ElementwiseJob>(pointer), at = <usize>job.first << 2, activation = job.activation;
  const one = f32x4.splat(1), zero = f32x4.splat(0);
  let y = job.y + at, dy = job.dy + at, dx = job.dx + at;
  for (const end = dx + (<usize>job.count << 2); dx < end; y += 16, dy += 16, dx += 16) {
    const values = v128.load(y), slopes = v128.load(dy);
    let result: v128;
    if (activation == RELU) {
      // Where y is NaN, so is the gradient.
      const stopped = f32x4.mul(slopes, f32x4.mul(zero, values));
      result = v128.bitselect(slopes, stopped, f32x4.gt(values, zero));
    } else if (activation == SIGMOID) {
      result = f32x4.mul(slopes, f32x4.mul(values, f32x4.sub(one, values)));
    } else result = f32x4.mul(f32x4.sub(one, f32x4.mul(values, values)), slopes);
    v128.store(dx, result);
  }
}
