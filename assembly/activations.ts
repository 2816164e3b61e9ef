// Sigmoid and tanh on four floats at a time, both from 2^y:
//   sigmoid(x) = 1 / (1 + 2^(-x·log2 e)),  tanh(x) = 1 - 2 / (1 + 2^(2x·log2 e)).
// The factors of x are folded into the packed weights, so the functions here
// take y. Largest absolute errors: sigmoid 9.5e-8, tanh 1.9e-7.
import { madd } from './simd';

export const SIGMOID_SCALE: f32 = -1.4426950408889634; // -log2 e
export const TANH_SCALE: f32 = 2.8853900817779268; // 2·log2 e

// Loaded from memory, since V8 rebuilds a constant vector in every iteration.
// The polynomial is a minimax fit of 2^f on [-1/2, 1/2], relative error 2e-7.
const CONSTANTS = memory.data<f32>(
  [
    -60, -60, -60, -60, // 0: lower clamp of y
    60, 60, 60, 60, // 16: upper clamp of y
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
  ],
  16,
);

/** 1 + 2^y */
// @ts-ignore: decorator
@inline
export function onePlusExp2(y: v128): v128 {
  const magic = v128.load(CONSTANTS, 32);
  const clamped = f32x4.pmin(f32x4.pmax(y, v128.load(CONSTANTS, 0)), v128.load(CONSTANTS, 16));
  const rounded = f32x4.add(clamped, magic);
  const f = f32x4.sub(clamped, f32x4.sub(rounded, magic));
  let p = madd(v128.load(CONSTANTS, 48), f, v128.load(CONSTANTS, 64));
  p = madd(p, f, v128.load(CONSTANTS, 80));
  p = madd(p, f, v128.load(CONSTANTS, 96));
  p = madd(p, f, v128.load(CONSTANTS, 112));
  p = madd(p, f, v128.load(CONSTANTS, 128));
  // The integer part of y goes straight into the exponent bits.
  return f32x4.add(v128.load(CONSTANTS, 128), i32x4.add(p, i32x4.shl(rounded, 23)));
}

/** sigmoid(x) for y = x·SIGMOID_SCALE */
// @ts-ignore: decorator
@inline
export function sigmoid(y: v128): v128 {
  return f32x4.div(v128.load(CONSTANTS, 128), onePlusExp2(y));
}

/** tanh(x) for y = x·TANH_SCALE */
// @ts-ignore: decorator
@inline
export function tanh(y: v128): v128 {
  return f32x4.sub(
    v128.load(CONSTANTS, 128),
    f32x4.div(v128.load(CONSTANTS, 144), onePlusExp2(y)),
  );
}

/** tanh(x) for x itself */
// @ts-ignore: decorator
@inline
export function tanhUnscaled(x: v128): v128 {
  return tanh(f32x4.mul(x, v128.load(CONSTANTS, 160)));
}

/** clip(z, 0, 1): what is left of hardSigmoid once 0.2·x + 0.5 is in the weights */
// @ts-ignore: decorator
@inline
export function clip01(z: v128): v128 {
  return f32x4.pmin(f32x4.pmax(z, v128.load(CONSTANTS, 176)), v128.load(CONSTANTS, 128));
}
