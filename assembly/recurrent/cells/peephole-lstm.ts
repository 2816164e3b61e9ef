// LSTM whose gates see the cell: Gers & Schmidhuber 2000, with peepholes p, as TensorFlow writes it
// (PeepholeLSTMCell):
//   i, f = gate([x, h]·W + p·c + b),  g = tanh([x, h]·W + b)
//   c' = f·c + i·g,  o = gate([x, h]·W + p·c' + b),  h' = o·tanh(c')
// A row of sums: i, f, g and o, then the peepholes of i, f and o.
import {
  At0, At32, At64, At96, clip01, clip2, constant, hardSlope, SIGMOID_SCALE, sigmoid2, sigmoidSlope, tanh2, tanh2Unscaled,
  TANH_SCALE, tanhUnscaled,
} from '../../arithmetic/activations';
import { flushTiny, madd } from '../../arithmetic/simd';

/** Gates: input, forget, candidate, output; settings: 0 for sigmoid, 1 for hardSigmoid. */
@unmanaged
export class PeepholeLstm {
  @inline get multiple(): i32 { return 8; }
  @inline get states(): i32 { return 2; }
  @inline get inputGates(): i32 { return 0; }
  @inline get jointGates(): i32 { return 4; }
  @inline get stateGates(): i32 { return 0; }
  @inline get vectors(): i32 { return 3; }
  @inline get blocks(): i32 { return 4; }
  @inline get biases(): i32 { return 1; }
  @inline get keepsGates(): bool { return true; }
  @inline get direct(): bool { return false; }
  @inline get late(): bool { return false; }
  @inline kernelBlock(gate: i32): i32 { return gate; }
  @inline recurrentBlock(gate: i32): i32 { return gate; }

  @inline scale(gate: i32, hardSigmoid: i32): f32 {
    return gate == 2 ? TANH_SCALE : hardSigmoid ? <f32>0.2 : SIGMOID_SCALE;
  }

  @inline shift(gate: i32, hardSigmoid: i32): f32 {
    return gate != 2 && hardSigmoid ? <f32>0.5 : <f32>0;
  }

  @inline forward(
    padded: i32, hardSigmoid: i32, _bounded: bool, z: usize, _h: usize, hTo: usize, c: usize, cTo: usize, _late: usize,
  ): void {
    if (hardSigmoid) stepHard(padded, z, hTo, c, cTo);
    else stepSigmoid(padded, z, hTo, c, cTo);
  }

  @inline backward(
    padded: i32, hardSigmoid: i32, z: usize, dz: usize, _h: usize, _hTo: usize, c: usize, cTo: usize, dh: usize, dc: usize,
  ): void {
    if (hardSigmoid) stepBackward(true, padded, z, dz, c, cTo, dh, dc);
    else stepBackward(false, padded, z, dz, c, cTo, dh, dc);
  }
}

function stepHard(padded: i32, z: usize, hTo: usize, c: usize, cTo: usize): void {
  step(true, padded, z, hTo, c, cTo);
}

function stepSigmoid(padded: i32, z: usize, hTo: usize, c: usize, cTo: usize): void {
  step(false, padded, z, hTo, c, cTo);
}

// @ts-ignore: decorator
@inline
function step(hard: bool, padded: i32, z: usize, hTo: usize, c: usize, cTo: usize): void {
  let p = z + (<usize>padded << 4);
  for (const end = c + (<usize>padded << 2); c < end; c += 32) {
    const c0 = v128.load(c), c1 = v128.load(c, 16);
    v128.store(z, madd(v128.load(p), c0, v128.load(z))); v128.store(z, madd(v128.load(p, 16), c1, v128.load(z, 16)), 16);
    v128.store(z, madd(v128.load(p, 32), c0, v128.load(z, 32)), 32);
    v128.store(z, madd(v128.load(p, 48), c1, v128.load(z, 48)), 48);
    if (hard) {
      clip2(z); clip2(z + 32);
    } else {
      sigmoid2<At0>(z, false); sigmoid2<At32>(z, false);
    }
    tanh2<At64>(v128.load(z, 64), v128.load(z, 80), z, false);
    const a = madd(v128.load(z, 32), c0, f32x4.mul(v128.load(z), v128.load(z, 64)));
    const b = madd(v128.load(z, 48), c1, f32x4.mul(v128.load(z, 16), v128.load(z, 80)));
    v128.store(cTo, a); v128.store(cTo, b, 16);
    const o0 = madd(v128.load(p, 64), a, v128.load(z, 96)), o1 = madd(v128.load(p, 80), b, v128.load(z, 112));
    v128.store(z, hard ? clip01(o0) : o0, 96); v128.store(z, hard ? clip01(o1) : o1, 112);
    if (!hard) sigmoid2<At96>(z, false);
    tanh2Unscaled(a, b, v128.load(z, 96), v128.load(z, 112), hTo);
    z += 128; p += 96; hTo += 32; cTo += 32;
  }
}

// @ts-ignore: decorator
@inline
function stepBackward(
  hard: bool, padded: i32, z: usize, dz: usize, c: usize, cTo: usize, dh: usize, dc: usize,
): void {
  const across = <usize>padded << 4;
  let p = z + across, dp = dz + across;
  for (const end = c + (<usize>padded << 2); c < end; c += 32) {
    stepBackward4(hard, z, dz, p, dp, c, cTo, dh, dc);
    stepBackward4(hard, z + 16, dz + 16, p + 16, dp + 16, c + 16, cTo + 16, dh + 16, dc + 16);
    z += 128; dz += 128; p += 96; dp += 96; cTo += 32; dh += 32; dc += 32;
  }
}

/** Four of eight units. */
// @ts-ignore: decorator
@inline
function stepBackward4(
  hard: bool, z: usize, dz: usize, p: usize, dp: usize, c: usize, cTo: usize, dh: usize, dc: usize,
): void {
  const one = constant(32), unscaled = f32x4.splat(hard ? <f32>5 : 1 / SIGMOID_SCALE);
  const i = v128.load(z), f = v128.load(z, 32), g = v128.load(z, 64), o = v128.load(z, 96);
  const pi = f32x4.mul(v128.load(p), unscaled), pf = f32x4.mul(v128.load(p, 32), unscaled);
  const po = f32x4.mul(v128.load(p, 64), unscaled), cell = v128.load(c), next = v128.load(cTo);
  const dH = flushTiny(v128.load(dh)), tanhC = tanhUnscaled(next);
  const dO = slope(hard, f32x4.mul(dH, tanhC), o);
  const through = madd(f32x4.mul(dH, o), f32x4.sub(one, f32x4.mul(tanhC, tanhC)), v128.load(dc));
  const dC = flushTiny(madd(dO, po, through));
  const dI = slope(hard, f32x4.mul(dC, g), i), dF = slope(hard, f32x4.mul(dC, cell), f);
  v128.store(dz, dI); v128.store(dz, dF, 32);
  v128.store(dz, f32x4.mul(f32x4.mul(dC, i), f32x4.sub(one, f32x4.mul(g, g))), 64);
  v128.store(dz, dO, 96);
  v128.store(dp, f32x4.mul(dI, cell)); v128.store(dp, f32x4.mul(dF, cell), 32); v128.store(dp, f32x4.mul(dO, next), 64);
  v128.store(dc, madd(dF, pf, madd(dI, pi, f32x4.mul(dC, f))));
}

// @ts-ignore: decorator
@inline
function slope(hard: bool, d: v128, gate: v128): v128 {
  return hard ? hardSlope(d, gate) : sigmoidSlope(d, gate);
}
