// exp and tanh of doubles as V8 computes Math.exp and Math.tanh, to the bit: its ieee754.cc is a port of
// fdlibm, and so is this, without the branches for arguments that floats do not lead to.
//
// ====================================================
// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
//
// Developed at SunSoft, a Sun Microsystems, Inc. business.
// Permission to use, copy, modify, and distribute this
// software is freely granted, provided that this notice
// is preserved.
// ====================================================

const LN2_HIGH: f64 = 6.93147180369123816490e-01;
const LN2_LOW: f64 = 1.90821492927058770002e-10;
const INVERSE_LN2: f64 = 1.44269504088896338700;

// @ts-ignore: decorator
@inline
function highWord(x: f64): i32 {
  return <i32>(reinterpret<u64>(x) >> 32);
}

/** 2^k of a normal number. */
// @ts-ignore: decorator
@inline
function powerOfTwo(k: i32): f64 {
  return reinterpret<f64>(<u64>(0x3ff + k) << 52);
}

/** e^x for |x| < 700. */
export function exp(x: f64): f64 {
  const high = highWord(x), magnitude = high & 0x7fffffff;
  let k = 0, hi: f64 = 0, lo: f64 = 0;
  if (magnitude > 0x3fd62e42) { // ln 2 / 2
    if (magnitude < 0x3ff0a2b2) { // 1.5·ln 2
      if (x == 1) return 2.718281828459045;
      k = high < 0 ? -1 : 1;
    } else k = <i32>(INVERSE_LN2 * x + (high < 0 ? -0.5 : 0.5));
    hi = x - <f64>k * LN2_HIGH;
    lo = <f64>k * LN2_LOW;
    x = hi - lo;
  } else if (magnitude < 0x3e300000) return 1 + x; // 2^-28
  const t = x * x;
  const c = x - t * (1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03 +
    t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))));
  if (k == 0) return 1 - (x * c / (c - 2) - x);
  return (1 - (lo - x * c / (2 - c) - hi)) * powerOfTwo(k);
}

/** e^x - 1 for -2 ≤ x < 50. */
function expm1(x: f64): f64 {
  const high = highWord(x), magnitude = high & 0x7fffffff;
  let k = 0, c: f64 = 0;
  if (magnitude > 0x3fd62e42) {
    if (magnitude < 0x3ff0a2b2) k = high < 0 ? -1 : 1;
    else k = <i32>(INVERSE_LN2 * x + (high < 0 ? -0.5 : 0.5));
    const hi = x - <f64>k * LN2_HIGH, lo = <f64>k * LN2_LOW;
    x = hi - lo;
    c = hi - x - lo;
  } else if (magnitude < 0x3c900000) return x; // 2^-54
  const half = 0.5 * x, halfSquare = x * half;
  const r = 1 + halfSquare * (-3.33333333333331316428e-02 + halfSquare * (1.58730158725481460165e-03 +
    halfSquare * (-7.93650757867487942473e-05 +
      halfSquare * (4.00821782732936239552e-06 + halfSquare * -2.01099218183624371326e-07))));
  const t = 3 - r * half;
  let e = halfSquare * ((r - t) / (6 - x * t));
  if (k == 0) return x - (x * e - halfSquare);
  e = x * (e - c) - c;
  e -= halfSquare;
  if (k == -1) return 0.5 * (x - e) - 0.5;
  if (k == 1) return x < -0.25 ? -2 * (e - (x + 0.5)) : 1 + 2 * (x - e);
  if (k <= -2 || k > 56) return (1 - (e - x)) * powerOfTwo(k) - 1;
  if (k < 20) return (1 - powerOfTwo(-k) - (e - x)) * powerOfTwo(k);
  return (x - (e + powerOfTwo(-k)) + 1) * powerOfTwo(k);
}

/** tanh(x) for any float. */
export function tanh(x: f64): f64 {
  const size = abs(x);
  // NaN is on neither side of anything, and comes back.
  if (!(size >= 3.725290298461914e-09)) return x; // 2^-28
  let y: f64 = 1;
  if (size >= 22) y = 1;
  else if (size >= 1) y = 1 - 2 / (expm1(2 * size) + 2);
  else {
    const t = expm1(-2 * size);
    y = -t / (t + 2);
  }
  return x < 0 ? -y : y;
}
