// GRU whose reset gate acts on the state before its product: Cho et al. 2014 (arXiv:1406.1078v3), as
// Keras writes it with reset_after=False:
//   u, r = gate([x, h]·W + b),  n = tanh(x·Wn + (r·h)·Un + bn),  h' = u·h + (1 - u)·n
// The sums of n wait for r: they are those of x, and joined by the product of r·h.
// A row of sums: n, then u and r.
import { activateGates } from './gru-gates';
import {
  At0, constant, hardSlope, SIGMOID_SCALE, sigmoidSlope, tanh2, TANH_SCALE,
} from '../../arithmetic/activations';
import { flushTiny, madd } from '../../arithmetic/simd';

/** Settings: 0 for sigmoid, 1 for hardSigmoid. */
@unmanaged
export class Gru {
  @inline get multiple(): i32 { return 8; }
  @inline get states(): i32 { return 1; }
  @inline get inputGates(): i32 { return 1; }
  @inline get jointGates(): i32 { return 2; }
  @inline get stateGates(): i32 { return 0; }
  @inline get vectors(): i32 { return 0; }
  @inline get blocks(): i32 { return 3; }
  @inline get biases(): i32 { return 1; }
  @inline get keepsGates(): bool { return true; }
  @inline get direct(): bool { return true; }
  @inline get late(): bool { return true; }
  @inline kernelBlock(gate: i32): i32 { return gate == 0 ? 2 : gate - 1; }
  @inline recurrentBlock(gate: i32): i32 { return this.kernelBlock(gate); }

  @inline scale(gate: i32, hardSigmoid: i32): f32 {
    return gate == 0 ? TANH_SCALE : hardSigmoid ? <f32>0.2 : SIGMOID_SCALE;
  }

  @inline shift(gate: i32, hardSigmoid: i32): f32 {
    return gate > 0 && hardSigmoid ? <f32>0.5 : <f32>0;
  }

  @inline forward(
    padded: i32, hardSigmoid: i32, _bounded: bool, z: usize, h: usize, _hTo: usize, _c: usize, _cTo: usize, late: usize,
  ): void {
    reset(padded, hardSigmoid, z + (<usize>padded << 2), h, late);
  }

  @inline finish(padded: i32, _setting: i32, z: usize, h: usize, hTo: usize): void {
    update(padded, z, h, hTo);
  }

  @inline backward(
    padded: i32, hardSigmoid: i32, z: usize, dz: usize, h: usize, _hTo: usize, _c: usize, _cTo: usize, dh: usize, _dc: usize,
  ): void {
    if (hardSigmoid) updateBackward(true, padded, z, dz, h, dh);
    else updateBackward(false, padded, z, dz, h, dh);
  }

  @inline finishBackward(padded: i32, hardSigmoid: i32, z: usize, dz: usize, h: usize, dLate: usize, dh: usize): void {
    const gates = <usize>padded << 2;
    if (hardSigmoid) resetBackward(true, padded, z + gates, dz + gates, h, dLate, dh);
    else resetBackward(false, padded, z + gates, dz + gates, h, dLate, dh);
  }
}

/** The gates, and r·h. */
function reset(padded: i32, hardSigmoid: i32, gates: usize, h: usize, late: usize): void {
  activateGates(padded, hardSigmoid, gates);
  for (const end = h + (<usize>padded << 2); h < end; h += 32) {
    const a = f32x4.mul(v128.load(gates, 32), v128.load(h)), b = f32x4.mul(v128.load(gates, 48), v128.load(h, 16));
    v128.store(late, a); v128.store(late, b, 16);
    gates += 64; late += 32;
  }
}

/** n, and h' = n + u·(h - n) */
function update(padded: i32, n: usize, h: usize, hTo: usize): void {
  let gates = n + (<usize>padded << 2);
  for (const end = gates; n < end; n += 32) {
    tanh2<At0>(v128.load(n), v128.load(n, 16), n, false);
    const n0 = v128.load(n), n1 = v128.load(n, 16);
    const a = madd(v128.load(gates), f32x4.sub(v128.load(h), n0), n0);
    const b = madd(v128.load(gates, 16), f32x4.sub(v128.load(h, 16), n1), n1);
    v128.store(hTo, a); v128.store(hTo, b, 16);
    gates += 64; h += 32; hTo += 32;
  }
}

// @ts-ignore: decorator
@inline
function updateBackward(hard: bool, padded: i32, n: usize, dn: usize, h: usize, dh: usize): void {
  const one = constant(32), across = <usize>padded << 2;
  let gates = n + across, dGates = dn + across;
  for (const end = gates; n < end; n += 32) {
    const u0 = v128.load(gates), u1 = v128.load(gates, 16), n0 = v128.load(n), n1 = v128.load(n, 16);
    const h0 = v128.load(h), h1 = v128.load(h, 16);
    const d0 = flushTiny(v128.load(dh)), d1 = flushTiny(v128.load(dh, 16));
    const s0 = f32x4.mul(d0, f32x4.sub(h0, n0)), s1 = f32x4.mul(d1, f32x4.sub(h1, n1));
    v128.store(dn, f32x4.mul(f32x4.mul(d0, f32x4.sub(one, u0)), f32x4.sub(one, f32x4.mul(n0, n0))));
    v128.store(dn, f32x4.mul(f32x4.mul(d1, f32x4.sub(one, u1)), f32x4.sub(one, f32x4.mul(n1, n1))), 16);
    v128.store(dGates, hard ? hardSlope(s0, u0) : sigmoidSlope(s0, u0));
    v128.store(dGates, hard ? hardSlope(s1, u1) : sigmoidSlope(s1, u1), 16);
    v128.store(dh, f32x4.mul(d0, u0));
    v128.store(dh, f32x4.mul(d1, u1), 16);
    gates += 64; dGates += 64; dn += 32; h += 32; dh += 32;
  }
}

// @ts-ignore: decorator
@inline
function resetBackward(hard: bool, padded: i32, gates: usize, dGates: usize, h: usize, dLate: usize, dh: usize): void {
  for (const end = h + (<usize>padded << 2); h < end; h += 32) {
    const r0 = v128.load(gates, 32), r1 = v128.load(gates, 48), d0 = v128.load(dLate), d1 = v128.load(dLate, 16);
    const s0 = f32x4.mul(d0, v128.load(h)), s1 = f32x4.mul(d1, v128.load(h, 16));
    const a = madd(d0, r0, v128.load(dh)), b = madd(d1, r1, v128.load(dh, 16));
    v128.store(dGates, hard ? hardSlope(s0, r0) : sigmoidSlope(s0, r0), 32);
    v128.store(dGates, hard ? hardSlope(s1, r1) : sigmoidSlope(s1, r1), 48);
    v128.store(dh, a); v128.store(dh, b, 16);
    gates += 64; dGates += 64; dLate += 32; dh += 32;
  }
}
