// Sigmoid and tanh on four floats at a time, both from 2^y:
//   sigmoid(x) = 1 / (1 + 2^(-x·log2 e)),  tanh(x) = t / (t + 2), t = 2^(2x·log2 e) - 1.
// The factors of x are folded into the packed weights, so the functions here
// take y. Largest errors: sigmoid 9.5e-8, tanh 1.5e-7 and 2.5e-7 of its value.
// Two vectors in step share the loads of constants, which are a third of all instructions
// otherwise.
import { madd } from './simd';

export const SIGMOID_SCALE: f32 = -1.4426950408889634; // -log2 e
export const TANH_SCALE: f32 = 2.8853900817779268; // 2·log2 e

// Loaded from memory, since V8 rebuilds a constant vector in every iteration; by address.
// Two minimax fits on [-1/2, 1/2]: from 12 on that of 2^f, of degree 5, relative error 2e-7; from
// 48 on that of (2^f - 1) / f, of degree 5, relative error 1e-8.
const CONSTANTS = memory.data<f32>([
  -60, 60, // 0: -CLAMP, CLAMP
  12582912, // 8: 1.5·2^23, adding it rounds to an integer
  0.001327647129073739, 0.009675540961325169, 0.05550713092088699, 0.24022120237350464, // 12
  0.6931469440460205, 1, // 28
  2, // 36
  2.8853900817779268, // 40: TANH_SCALE
  0, // 44
  0.0001540351121927629, 0.0013390736121626765, 0.009618237501357386, 0.05550357432438933, // 48
  0.2402264979490149, 0.6931471879269367, // 64
  0.34657359027997264, // 72: 1 / TANH_SCALE
  0.2, // 76: the slope of hardSigmoid
]);

// Offsets that are written out in loads and stores, without which V8 does not see what lies side
// by side (wide.ts). Only a type can be a parameter of a function as such: the size of this one.
@unmanaged
export class At0 {}
@unmanaged
export class At32 extends At0 { a: f64; b: f64; c: f64; d: f64; }
@unmanaged
export class At64 extends At32 { e: f64; f: f64; g: f64; h: f64; }
@unmanaged
export class At96 extends At64 { i: f64; j: f64; k: f64; l: f64; }

/** One of the constants, on all lanes. */
// @ts-ignore: decorator
@inline
export function constant(at: usize): v128 {
  return v128.load32_splat(CONSTANTS + at);
}

/** Between this and its negative, clamping y changes nothing. */
export const CLAMP: f32 = 60;

/**
 * The sigmoids of two vectors in a row, in place, for y = x·SIGMOID_SCALE.
 * `bounded`, here and below: y is known to lie within CLAMP.
 */
// @ts-ignore: decorator
@inline
export function sigmoid2<Offset>(row: usize, bounded: bool): void {
  let a = v128.load(row, offsetof<Offset>()), b = v128.load(row, offsetof<Offset>() + 16);
  let k = constant(0);
  if (!bounded) {
    a = f32x4.pmax(a, k); b = f32x4.pmax(b, k);
    k = constant(4);
    a = f32x4.pmin(a, k); b = f32x4.pmin(b, k);
  }
  k = constant(8);
  const na = f32x4.add(a, k), nb = f32x4.add(b, k);
  a = f32x4.sub(a, f32x4.sub(na, k)); b = f32x4.sub(b, f32x4.sub(nb, k));

  let pa = constant(12), pb = pa;
  k = constant(16);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(20);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(24);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(28);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(32);
  pa = madd(pa, a, k); pb = madd(pb, b, k);

  // The integer part of y goes straight into the exponent bits.
  pa = i32x4.add(pa, i32x4.shl(na, 23)); pb = i32x4.add(pb, i32x4.shl(nb, 23));
  v128.store(row, f32x4.div(k, f32x4.add(k, pa)), offsetof<Offset>());
  v128.store(row, f32x4.div(k, f32x4.add(k, pb)), offsetof<Offset>() + 16);
}

/** The sigmoid of one vector. */
// @ts-ignore: decorator
@inline
export function sigmoid(y: v128): v128 {
  const magic = constant(8), one = constant(32);
  const clamped = f32x4.pmin(f32x4.pmax(y, constant(0)), constant(4));
  const rounded = f32x4.add(clamped, magic);
  const f = f32x4.sub(clamped, f32x4.sub(rounded, magic));
  let p = madd(constant(12), f, constant(16));
  p = madd(p, f, constant(20));
  p = madd(p, f, constant(24));
  p = madd(p, f, constant(28));
  p = i32x4.add(madd(p, f, one), i32x4.shl(rounded, 23));
  return f32x4.div(one, f32x4.add(one, p));
}

/**
 * tanh(x) for y = x·TANH_SCALE, as t / (t + 2) with t = 2^y - 1. With y = n + f,
 * t = 2^n·(2^f - 1) + (2^n - 1): nothing is lost to the one near zero, where h and c
 * of an LSTM spend most of their time.
 */
// @ts-ignore: decorator
@inline
export function tanh(y: v128): v128 {
  const magic = constant(8), one = constant(32);
  const clamped = f32x4.pmin(f32x4.pmax(y, constant(0)), constant(4));
  const rounded = f32x4.add(clamped, magic);
  const f = f32x4.sub(clamped, f32x4.sub(rounded, magic));
  let p = madd(constant(48), f, constant(52));
  p = madd(p, f, constant(56));
  p = madd(p, f, constant(60));
  p = madd(p, f, constant(64));
  p = madd(p, f, constant(68));
  const power = i32x4.add(one, i32x4.shl(rounded, 23)); // 2^n
  const t = madd(f32x4.mul(p, f), power, f32x4.sub(power, one));
  return f32x4.div(t, f32x4.add(t, constant(36)));
}

/** {@link tanh} of a and b, times `timesA` and `timesB` if they are `scaled`, stored in a row. */
// @ts-ignore: decorator
@inline
function tanh2Times<Offset>(
  a: v128, b: v128, row: usize, bounded: bool, scaled: bool, timesA: v128, timesB: v128,
): void {
  let k = constant(0);
  if (!bounded) {
    a = f32x4.pmax(a, k); b = f32x4.pmax(b, k);
    k = constant(4);
    a = f32x4.pmin(a, k); b = f32x4.pmin(b, k);
  }
  k = constant(8);
  const na = f32x4.add(a, k), nb = f32x4.add(b, k);
  a = f32x4.sub(a, f32x4.sub(na, k)); b = f32x4.sub(b, f32x4.sub(nb, k));

  let pa = constant(48), pb = pa;
  k = constant(52);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(56);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(60);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(64);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(68);
  pa = madd(pa, a, k); pb = madd(pb, b, k);

  k = constant(32);
  const powerA = i32x4.add(k, i32x4.shl(na, 23)), powerB = i32x4.add(k, i32x4.shl(nb, 23));
  a = madd(f32x4.mul(pa, a), powerA, f32x4.sub(powerA, k)); b = madd(f32x4.mul(pb, b), powerB, f32x4.sub(powerB, k));
  k = constant(36);
  a = f32x4.div(a, f32x4.add(a, k)); b = f32x4.div(b, f32x4.add(b, k));
  if (scaled) {
    a = f32x4.mul(timesA, a); b = f32x4.mul(timesB, b);
  }
  v128.store(row, a, offsetof<Offset>());
  v128.store(row, b, offsetof<Offset>() + 16);
}

/** {@link tanh} of a and b, stored in a row. */
// @ts-ignore: decorator
@inline
export function tanh2<Offset>(a: v128, b: v128, row: usize, bounded: bool): void {
  tanh2Times<Offset>(a, b, row, bounded, false, a, b);
}

/** o·tanh(x) of two vectors, for x itself, stored at `to`. */
// @ts-ignore: decorator
@inline
export function tanh2Unscaled(a: v128, b: v128, o: v128, o2: v128, to: usize): void {
  const scale = constant(40);
  tanh2Times<At0>(f32x4.mul(a, scale), f32x4.mul(b, scale), to, false, true, o, o2);
}

/** tanh(x) for x itself */
// @ts-ignore: decorator
@inline
export function tanhUnscaled(x: v128): v128 {
  return tanh(f32x4.mul(x, constant(40)));
}

/** clip(z, 0, 1): what is left of hardSigmoid once 0.2·x + 0.5 is in the weights */
// @ts-ignore: decorator
@inline
export function clip01(z: v128): v128 {
  return f32x4.pmin(f32x4.pmax(z, constant(44)), constant(32));
}

/** {@link clip01} of two vectors in a row, in place. */
// @ts-ignore: decorator
@inline
export function clip2(row: usize): void {
  const a = clip01(v128.load(row)), b = clip01(v128.load(row, 16));
  v128.store(row, a);
  v128.store(row, b, 16);
}

/** d·gate·(1 - gate) */
// @ts-ignore: decorator
@inline
export function sigmoidSlope(d: v128, gate: v128): v128 {
  return f32x4.mul(d, f32x4.mul(gate, f32x4.sub(constant(32), gate)));
}

/** 0.2·d inside (0, 1), zero where the gate was clipped. */
// @ts-ignore: decorator
@inline
export function hardSlope(d: v128, gate: v128): v128 {
  const inside = v128.and(f32x4.gt(gate, constant(44)), f32x4.lt(gate, constant(32)));
  return v128.and(f32x4.mul(d, constant(76)), inside);
}
