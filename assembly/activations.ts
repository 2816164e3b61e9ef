// Sigmoid and tanh on four floats at a time, both from 2^y:
//   sigmoid(x) = 1 / (1 + 2^(-x·log2 e)),  tanh(x) = t / (t + 2), t = 2^(2x·log2 e) - 1.
// The factors of x are folded into the packed weights, so the functions here
// take y. Largest errors: sigmoid 9.5e-8, tanh 1.5e-7 and 2.5e-7 of its value.
// Two or three vectors in step share the loads of constants, which are a third of all
// instructions otherwise.
import { madd } from './simd';

export const SIGMOID_SCALE: f32 = -1.4426950408889634; // -log2 e
export const TANH_SCALE: f32 = 2.8853900817779268; // 2·log2 e

// Loaded from memory, since V8 rebuilds a constant vector in every iteration.
// Two minimax fits on [-1/2, 1/2]: at 48 that of 2^f, of degree 5, relative error 2e-7; at
// 192 that of (2^f - 1) / f, of degree 5, relative error 1e-8.
const CONSTANTS = memory.data<f32>(
  [
    -60, -60, -60, -60, // 0: -CLAMP
    60, 60, 60, 60, // 16: CLAMP
    12582912, 12582912, 12582912, 12582912, // 32: 1.5·2^23, adding it rounds to an integer
    0.001327647129073739, 0.001327647129073739, 0.001327647129073739, 0.001327647129073739, // 48
    0.009675540961325169, 0.009675540961325169, 0.009675540961325169, 0.009675540961325169, // 64
    0.05550713092088699, 0.05550713092088699, 0.05550713092088699, 0.05550713092088699, // 80
    0.24022120237350464, 0.24022120237350464, 0.24022120237350464, 0.24022120237350464, // 96
    0.6931469440460205, 0.6931469440460205, 0.6931469440460205, 0.6931469440460205, // 112
    1, 1, 1, 1, // 128
    2, 2, 2, 2, // 144
    2.8853900817779268, 2.8853900817779268, 2.8853900817779268, 2.8853900817779268, // 160
    0, 0, 0, 0, // 176
    0.0001540351121927629, 0.0001540351121927629, 0.0001540351121927629, 0.0001540351121927629, // 192
    0.0013390736121626765, 0.0013390736121626765, 0.0013390736121626765, 0.0013390736121626765, // 208
    0.009618237501357386, 0.009618237501357386, 0.009618237501357386, 0.009618237501357386, // 224
    0.05550357432438933, 0.05550357432438933, 0.05550357432438933, 0.05550357432438933, // 240
    0.2402264979490149, 0.2402264979490149, 0.2402264979490149, 0.2402264979490149, // 256
    0.6931471879269367, 0.6931471879269367, 0.6931471879269367, 0.6931471879269367, // 272
  ],
  16,
);

/** One of the constants, on all lanes. */
// @ts-ignore: decorator
@inline
export function constant(at: usize): v128 {
  return v128.load32_splat(CONSTANTS + at);
}

/** Between this and its negative, clamping y changes nothing. */
export const CLAMP: f32 = 60;

/**
 * The sigmoids of the vectors at three addresses, for y = x·SIGMOID_SCALE, in place.
 * `bounded`, here and below: y is known to lie within CLAMP.
 */
// @ts-ignore: decorator
@inline
export function sigmoid3(atA: usize, atB: usize, atC: usize, bounded: bool): void {
  let a = v128.load(atA), b = v128.load(atB), c = v128.load(atC);
  let k = constant(0);
  if (!bounded) {
    a = f32x4.pmax(a, k); b = f32x4.pmax(b, k); c = f32x4.pmax(c, k);
    k = constant(16);
    a = f32x4.pmin(a, k); b = f32x4.pmin(b, k); c = f32x4.pmin(c, k);
  }
  k = constant(32);
  const na = f32x4.add(a, k), nb = f32x4.add(b, k), nc = f32x4.add(c, k);
  a = f32x4.sub(a, f32x4.sub(na, k)); b = f32x4.sub(b, f32x4.sub(nb, k)); c = f32x4.sub(c, f32x4.sub(nc, k));

  let pa = constant(48), pb = pa, pc = pa;
  k = constant(64);
  pa = madd(pa, a, k); pb = madd(pb, b, k); pc = madd(pc, c, k);
  k = constant(80);
  pa = madd(pa, a, k); pb = madd(pb, b, k); pc = madd(pc, c, k);
  k = constant(96);
  pa = madd(pa, a, k); pb = madd(pb, b, k); pc = madd(pc, c, k);
  k = constant(112);
  pa = madd(pa, a, k); pb = madd(pb, b, k); pc = madd(pc, c, k);
  k = constant(128);
  pa = madd(pa, a, k); pb = madd(pb, b, k); pc = madd(pc, c, k);

  // The integer part of y goes straight into the exponent bits.
  pa = i32x4.add(pa, i32x4.shl(na, 23)); pb = i32x4.add(pb, i32x4.shl(nb, 23)); pc = i32x4.add(pc, i32x4.shl(nc, 23));
  v128.store(atA, f32x4.div(k, f32x4.add(k, pa)));
  v128.store(atB, f32x4.div(k, f32x4.add(k, pb)));
  v128.store(atC, f32x4.div(k, f32x4.add(k, pc)));
}

/**
 * tanh(x) for y = x·TANH_SCALE, as t / (t + 2) with t = 2^y - 1. With y = n + f,
 * t = 2^n·(2^f - 1) + (2^n - 1): nothing is lost to the one near zero, where h and c
 * of an LSTM spend most of their time.
 */
// @ts-ignore: decorator
@inline
export function tanh(y: v128): v128 {
  const magic = constant(32), one = constant(128);
  const clamped = f32x4.pmin(f32x4.pmax(y, constant(0)), constant(16));
  const rounded = f32x4.add(clamped, magic);
  const f = f32x4.sub(clamped, f32x4.sub(rounded, magic));
  let p = madd(constant(192), f, constant(208));
  p = madd(p, f, constant(224));
  p = madd(p, f, constant(240));
  p = madd(p, f, constant(256));
  p = madd(p, f, constant(272));
  const power = i32x4.add(one, i32x4.shl(rounded, 23)); // 2^n
  const t = madd(f32x4.mul(p, f), power, f32x4.sub(power, one));
  return f32x4.div(t, f32x4.add(t, constant(144)));
}

/** {@link tanh} of a and b, stored at `toA` and `toB`. */
// @ts-ignore: decorator
@inline
export function tanh2(a: v128, b: v128, toA: usize, toB: usize, bounded: bool): void {
  let k = constant(0);
  if (!bounded) {
    a = f32x4.pmax(a, k); b = f32x4.pmax(b, k);
    k = constant(16);
    a = f32x4.pmin(a, k); b = f32x4.pmin(b, k);
  }
  k = constant(32);
  const na = f32x4.add(a, k), nb = f32x4.add(b, k);
  a = f32x4.sub(a, f32x4.sub(na, k)); b = f32x4.sub(b, f32x4.sub(nb, k));

  let pa = constant(192), pb = pa;
  k = constant(208);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(224);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(240);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(256);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(272);
  pa = madd(pa, a, k); pb = madd(pb, b, k);

  k = constant(128);
  const powerA = i32x4.add(k, i32x4.shl(na, 23)), powerB = i32x4.add(k, i32x4.shl(nb, 23));
  a = madd(f32x4.mul(pa, a), powerA, f32x4.sub(powerA, k)); b = madd(f32x4.mul(pb, b), powerB, f32x4.sub(powerB, k));
  k = constant(144);
  v128.store(toA, f32x4.div(a, f32x4.add(a, k)));
  v128.store(toB, f32x4.div(b, f32x4.add(b, k)));
}

/** {@link tanh2} for x itself */
// @ts-ignore: decorator
@inline
export function tanh2Unscaled(a: v128, b: v128, toA: usize, toB: usize): void {
  const scale = constant(160);
  tanh2(f32x4.mul(a, scale), f32x4.mul(b, scale), toA, toB, false);
}

/** tanh(x) for x itself */
// @ts-ignore: decorator
@inline
export function tanhUnscaled(x: v128): v128 {
  return tanh(f32x4.mul(x, constant(160)));
}

/** clip(z, 0, 1): what is left of hardSigmoid once 0.2·x + 0.5 is in the weights */
// @ts-ignore: decorator
@inline
export function clip01(z: v128): v128 {
  return f32x4.pmin(f32x4.pmax(z, constant(176)), constant(128));
}
