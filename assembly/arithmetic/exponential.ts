// e^x on four floats at a time, for x ≤ 0: 0 below -87, where the result would be denormal.
// n = round(x / ln 2), and 2^f of what is left, by the fit of activations.ts; ln 2 in two parts, so
// that x - n·ln 2 loses nothing (Cody & Waite 1980). Largest error 2e-7 of its value.
import { constant } from './activations';
import { madd } from './simd';

export const LOG2E: f32 = 1.4426950408889634;
const LN2_HIGH: f32 = 0.693359375; // nine bits: n·LN2_HIGH is exact
const LN2_LOW: f32 = -2.12194440e-4;
const LEAST: f32 = -87;

/** e^x for x ≤ 0; NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function exponential(x: v128): v128 {
  const magic = constant(8);
  const clamped = f32x4.pmax(x, f32x4.splat(LEAST));
  const rounded = f32x4.add(f32x4.mul(clamped, f32x4.splat(LOG2E)), magic);
  const n = f32x4.sub(rounded, magic);
  let p = i32x4.add(mantissa(clamped, n), i32x4.shl(rounded, 23));
  p = v128.andnot(p, f32x4.lt(x, f32x4.splat(LEAST)));
  // The exponent bits of NaN are lost in the sum above.
  return v128.bitselect(x, p, f32x4.ne(x, x));
}

/** e^x / 2^n for whole n near x / ln 2: between 0.7 and 1.42. */
// @ts-ignore: decorator
@inline
export function mantissa(x: v128, n: v128): v128 {
  const rest = f32x4.sub(
    f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH))),
    f32x4.mul(n, f32x4.splat(LN2_LOW)),
  );
  const f = f32x4.mul(rest, f32x4.splat(LOG2E));
  let p = madd(constant(12), f, constant(16));
  p = madd(p, f, constant(20));
  p = madd(p, f, constant(24));
  p = madd(p, f, constant(28));
  return madd(p, f, constant(32));
}

/** The sum of the four lanes. */
// @ts-ignore: decorator
@inline
export function sumOfLanes(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

/** `count` floats, 1 to 3, and `rest` on the other lanes. */
// @ts-ignore: decorator
@inline
export function loadSome(from: usize, count: i32, rest: f32): v128 {
  let x = f32x4.replace_lane(f32x4.splat(rest), 0, load<f32>(from));
  if (count > 1) x = f32x4.replace_lane(x, 1, load<f32>(from, 4));
  if (count > 2) x = f32x4.replace_lane(x, 2, load<f32>(from, 8));
  return x;
}

/** Stores the first `count` lanes, 1 to 3. */
// @ts-ignore: decorator
@inline
export function storeSome(to: usize, count: i32, x: v128): void {
  store<f32>(to, f32x4.extract_lane(x, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(x, 1), 4);
  if (count > 2) store<f32>(to, f32x4.extract_lane(x, 2), 8);
}
