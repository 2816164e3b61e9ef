// The fully recurrent layer of Elman 1990, as Keras' SimpleRNN: h' = activation([x, h]·W + b).
import { At0, constant, tanh2, TANH_SCALE } from '../../arithmetic/activations';
import { flushTiny } from '../../arithmetic/simd';

const TANH = 0, RELU = 1; // or linear

/** Settings: the activation. */
@unmanaged
export class SimpleRnn {
  @inline get multiple(): i32 { return 8; }
  @inline get states(): i32 { return 1; }
  @inline get inputGates(): i32 { return 0; }
  @inline get jointGates(): i32 { return 1; }
  @inline get stateGates(): i32 { return 0; }
  @inline get vectors(): i32 { return 0; }
  @inline get blocks(): i32 { return 1; }
  @inline get biases(): i32 { return 1; }
  @inline get keepsGates(): bool { return false; }
  @inline get direct(): bool { return false; }
  @inline get late(): bool { return false; }
  @inline kernelBlock(gate: i32): i32 { return gate; }
  @inline recurrentBlock(gate: i32): i32 { return gate; }
  @inline scale(_gate: i32, activation: i32): f32 { return activation == TANH ? TANH_SCALE : 1; }
  @inline shift(_gate: i32, _activation: i32): f32 { return 0; }

  @inline forward(
    padded: i32, activation: i32, _bounded: bool, z: usize, _h: usize, hTo: usize, _c: usize, _cTo: usize, _late: usize,
  ): void {
    step(padded, activation, z, hTo);
  }

  @inline backward(
    padded: i32, activation: i32, _z: usize, dz: usize, _h: usize, hTo: usize, _c: usize, _cTo: usize, dh: usize, _dc: usize,
  ): void {
    stepBackward(padded, activation, dz, hTo, dh);
  }
}

function step(padded: i32, activation: i32, z: usize, h: usize): void {
  const end = z + (<usize>padded << 2), zero = constant(44);
  if (activation == TANH) {
    for (; z < end; z += 32) {
      tanh2<At0>(v128.load(z), v128.load(z, 16), h, false);
      h += 32;
    }
    return;
  }
  for (; z < end; z += 32) {
    let a = v128.load(z), b = v128.load(z, 16);
    if (activation == RELU) {
      a = f32x4.max(a, zero); b = f32x4.max(b, zero);
    }
    v128.store(h, a); v128.store(h, b, 16);
    h += 32;
  }
}

function stepBackward(padded: i32, activation: i32, dz: usize, h: usize, dh: usize): void {
  const one = constant(32), zero = constant(44);
  for (const end = h + (<usize>padded << 2); h < end; h += 32) {
    const h0 = v128.load(h), h1 = v128.load(h, 16);
    let d0 = flushTiny(v128.load(dh)), d1 = flushTiny(v128.load(dh, 16));
    if (activation == TANH) {
      d0 = f32x4.mul(d0, f32x4.sub(one, f32x4.mul(h0, h0))); d1 = f32x4.mul(d1, f32x4.sub(one, f32x4.mul(h1, h1)));
    } else if (activation == RELU) {
      d0 = reluSlope(d0, h0, zero); d1 = reluSlope(d1, h1, zero);
    }
    v128.store(dz, d0); v128.store(dz, d1, 16);
    dz += 32; dh += 32;
  }
}

/** d where h is positive, and NaN where h is. */
// @ts-ignore: decorator
@inline
function reluSlope(d: v128, h: v128, zero: v128): v128 {
  return v128.bitselect(h, v128.andnot(d, f32x4.le(h, zero)), f32x4.ne(h, h));
}
