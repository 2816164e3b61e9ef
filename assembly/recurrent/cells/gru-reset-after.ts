// GRU whose reset gate acts on the product of the state: Cho et al. 2014 (arXiv:1406.1078v1), the form
// of cuDNN, as Keras writes it with reset_after=True:
//   u, r = gate([x, h]·W + b),  n = tanh(x·Wn + bn + r·(h·Un + an)),  h' = u·h + (1 - u)·n
// A row of sums: those of n of the inputs, where n is kept, then u and r, then those of n of the state.
import { activateGates } from './gru-gates';
import {
  At0, constant, hardSlope, SIGMOID_SCALE, sigmoidSlope, tanh2, TANH_SCALE,
} from '../../arithmetic/activations';
import { flushTiny, madd } from '../../arithmetic/simd';

/** Settings: 0 for sigmoid, 1 for hardSigmoid. */
@unmanaged
export class GruResetAfter {
  @inline get multiple(): i32 { return 8; }
  @inline get states(): i32 { return 1; }
  @inline get inputGates(): i32 { return 1; }
  @inline get jointGates(): i32 { return 2; }
  @inline get stateGates(): i32 { return 1; }
  @inline get vectors(): i32 { return 0; }
  @inline get blocks(): i32 { return 3; }
  @inline get biases(): i32 { return 2; }
  @inline get keepsGates(): bool { return true; }
  @inline get direct(): bool { return true; }
  @inline get late(): bool { return false; }
  @inline kernelBlock(gate: i32): i32 { return gate == 3 ? -1 : gate == 0 ? 2 : gate - 1; }
  @inline recurrentBlock(gate: i32): i32 { return gate == 0 ? -1 : gate - 1; }

  @inline scale(gate: i32, hardSigmoid: i32): f32 {
    return gate == 0 || gate == 3 ? TANH_SCALE : hardSigmoid ? <f32>0.2 : SIGMOID_SCALE;
  }

  @inline shift(gate: i32, hardSigmoid: i32): f32 {
    return (gate == 1 || gate == 2) && hardSigmoid ? <f32>0.5 : <f32>0;
  }

  @inline forward(
    padded: i32, hardSigmoid: i32, _bounded: bool, z: usize, h: usize, hTo: usize, _c: usize, _cTo: usize, _late: usize,
  ): void {
    step(padded, hardSigmoid, z, h, hTo);
  }

  @inline backward(
    padded: i32, hardSigmoid: i32, z: usize, dz: usize, h: usize, _hTo: usize, _c: usize, _cTo: usize, dh: usize, _dc: usize,
  ): void {
    if (hardSigmoid) stepBackward(true, padded, z, dz, h, dh);
    else stepBackward(false, padded, z, dz, h, dh);
  }
}

// h' is n + u·(h - n).
function step(padded: i32, hardSigmoid: i32, n: usize, h: usize, hTo: usize): void {
  const across = <usize>padded << 2, end = n + across;
  let gates = end, ofState = end + 2 * across;
  activateGates(padded, hardSigmoid, gates);
  for (; n < end; n += 32) {
    const s0 = madd(v128.load(gates, 32), v128.load(ofState), v128.load(n));
    const s1 = madd(v128.load(gates, 48), v128.load(ofState, 16), v128.load(n, 16));
    tanh2<At0>(s0, s1, n, false);
    const n0 = v128.load(n), n1 = v128.load(n, 16);
    const a = madd(v128.load(gates), f32x4.sub(v128.load(h), n0), n0);
    const b = madd(v128.load(gates, 16), f32x4.sub(v128.load(h, 16), n1), n1);
    v128.store(hTo, a); v128.store(hTo, b, 16);
    gates += 64; ofState += 32; h += 32; hTo += 32;
  }
}

// @ts-ignore: decorator
@inline
function stepBackward(hard: bool, padded: i32, n: usize, dn: usize, h: usize, dh: usize): void {
  const one = constant(32), unscaled = constant(72), across = <usize>padded << 2, end = n + across;
  let gates = end, dGates = dn + across, ofState = end + 2 * across, dOfState = dn + 3 * across;
  for (; n < end; n += 32) {
    const u0 = v128.load(gates), u1 = v128.load(gates, 16), r0 = v128.load(gates, 32), r1 = v128.load(gates, 48);
    const n0 = v128.load(n), n1 = v128.load(n, 16), h0 = v128.load(h), h1 = v128.load(h, 16);
    const p0 = f32x4.mul(v128.load(ofState), unscaled), p1 = f32x4.mul(v128.load(ofState, 16), unscaled);
    const d0 = flushTiny(v128.load(dh)), d1 = flushTiny(v128.load(dh, 16));
    const s0 = f32x4.mul(d0, f32x4.sub(h0, n0)), s1 = f32x4.mul(d1, f32x4.sub(h1, n1));
    const e0 = f32x4.mul(f32x4.mul(d0, f32x4.sub(one, u0)), f32x4.sub(one, f32x4.mul(n0, n0)));
    const e1 = f32x4.mul(f32x4.mul(d1, f32x4.sub(one, u1)), f32x4.sub(one, f32x4.mul(n1, n1)));
    const q0 = f32x4.mul(e0, p0), q1 = f32x4.mul(e1, p1);
    v128.store(dn, e0); v128.store(dn, e1, 16);
    v128.store(dGates, hard ? hardSlope(s0, u0) : sigmoidSlope(s0, u0));
    v128.store(dGates, hard ? hardSlope(s1, u1) : sigmoidSlope(s1, u1), 16);
    v128.store(dGates, hard ? hardSlope(q0, r0) : sigmoidSlope(q0, r0), 32);
    v128.store(dGates, hard ? hardSlope(q1, r1) : sigmoidSlope(q1, r1), 48);
    v128.store(dOfState, f32x4.mul(e0, r0)); v128.store(dOfState, f32x4.mul(e1, r1), 16);
    v128.store(dh, f32x4.mul(d0, u0)); v128.store(dh, f32x4.mul(d1, u1), 16);
    gates += 64; dGates += 64; ofState += 32; dOfState += 32; dn += 32; h += 32; dh += 32;
  }
}
