// LSTM: Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000, as Keras writes it:
//   i, f, o = gate([x, h]·W + b),  g = tanh([x, h]·W + b)
//   c' = f·c + i·g,  h' = o·tanh(c')
// The way back: lstm-backward.ts.
import { stepBackward, stepHardBackward } from './lstm-backward';
import { wideSigmoids } from './lstm-wide';
import {
  At0, At32, At64, At96, clip01, clip2, SIGMOID_SCALE, sigmoid, sigmoid2, tanh, tanh2, tanh2Unscaled, TANH_SCALE, tanhUnscaled,
} from '../../arithmetic/activations';
import { madd } from '../../arithmetic/simd';

/** Gates: input, forget, candidate, output; settings: 0 for sigmoid, 1 for hardSigmoid. */
@unmanaged
export class Lstm {
  @inline get multiple(): i32 { return 4; }
  @inline get states(): i32 { return 2; }
  @inline get inputGates(): i32 { return 0; }
  @inline get jointGates(): i32 { return 4; }
  @inline get stateGates(): i32 { return 0; }
  @inline get vectors(): i32 { return 0; }
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
    padded: i32, hardSigmoid: i32, bounded: i32, z: usize, _h: usize, hTo: usize, c: usize, cTo: usize, _late: usize,
  ): void {
    if (hardSigmoid) stepHard(padded, z, c, cTo, hTo);
    else if (bounded) stepBounded(padded, z, c, cTo, hTo);
    else stepClamped(padded, z, c, cTo, hTo);
  }

  @inline backward(
    padded: i32, hardSigmoid: i32, z: usize, dz: usize, _h: usize, hTo: usize, c: usize, cTo: usize, dh: usize, dc: usize,
  ): void {
    if (hardSigmoid) stepHardBackward(padded, z, dz, c, cTo, dh, dc);
    else stepBackward(padded, z, dz, c, hTo, dh, dc);
  }
}

function stepBounded(units: i32, z: usize, c: usize, cTo: usize, h: usize): void {
  step(true, units, z, c, cTo, h);
}

function stepClamped(units: i32, z: usize, c: usize, cTo: usize, h: usize): void {
  step(false, units, z, c, cTo, h);
}

// Gates first, then cells: in one loop, the long chain from a gate to h would leave
// too few of the next vectors in flight.
// @ts-ignore: decorator
@inline
function step(bounded: bool, units: i32, z: usize, c: usize, cTo: usize, h: usize): void {
  const end = z + (<usize>units << 4), eights = end - (<usize>(units & 4) << 4);
  let gates = z;
  for (; gates < eights; gates += 128) {
    if (WIDE) wideSigmoids(gates, bounded);
    else {
      sigmoid2<At0>(gates, bounded);
      sigmoid2<At32>(gates, bounded);
      sigmoid2<At96>(gates, bounded);
    }
    tanh2<At64>(v128.load(gates, 64), v128.load(gates, 80), gates, bounded);
  }
  if (gates < end) {
    sigmoid2<At0>(gates, bounded);
    v128.store(gates, tanh(v128.load(gates, 32)), 32);
    v128.store(gates, sigmoid(v128.load(gates, 48)), 48);
  }
  stepCells(z, end, c, cTo, h);
}

function stepHard(units: i32, z: usize, c: usize, cTo: usize, h: usize): void {
  const end = z + (<usize>units << 4), eights = end - (<usize>(units & 4) << 4);
  let gates = z;
  for (; gates < eights; gates += 128) {
    clip2(gates);
    clip2(gates + 32);
    tanh2<At64>(v128.load(gates, 64), v128.load(gates, 80), gates, false);
    clip2(gates + 96);
  }
  if (gates < end) {
    clip2(gates);
    v128.store(gates, tanh(v128.load(gates, 32)), 32);
    v128.store(gates, clip01(v128.load(gates, 48)), 48);
  }
  stepCells(z, end, c, cTo, h);
}

// @ts-ignore: decorator
@inline
function stepCells(z: usize, end: usize, c: usize, cTo: usize, h: usize): void {
  for (const eights = z + ((end - z) & ~127); z < eights; z += 128) {
    const f = v128.load(z, 32), f2 = v128.load(z, 48), g = v128.load(z, 64), g2 = v128.load(z, 80);
    const cell = madd(f, v128.load(c), f32x4.mul(v128.load(z), g));
    const cell2 = madd(f2, v128.load(c, 16), f32x4.mul(v128.load(z, 16), g2));
    const o = v128.load(z, 96), o2 = v128.load(z, 112);
    v128.store(cTo, cell); v128.store(cTo, cell2, 16);
    tanh2Unscaled(cell, cell2, o, o2, h);
    c += 32; cTo += 32; h += 32;
  }
  if (z < end) {
    const cell = madd(v128.load(z, 16), v128.load(c), f32x4.mul(v128.load(z), v128.load(z, 32)));
    v128.store(cTo, cell);
    v128.store(h, f32x4.mul(v128.load(z, 48), tanhUnscaled(cell)));
  }
}
