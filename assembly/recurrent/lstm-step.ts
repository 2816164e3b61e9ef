// One step of time of one row, pointwise: from the weighted sums of the gates to c and h, and
// back from the gradients of h and c to those of the sums. Eight units a turn, as two vectors
// that are loaded and stored side by side, and the last four as one (lstm-weights.ts).
import {
  At0, At32, At64, At96, clip01, constant, sigmoid, sigmoid2, tanh, tanh2, tanh2Unscaled, tanhUnscaled,
} from '../arithmetic/activations';
import { gateColumn } from './lstm-weights';
import { flushTiny, madd, roundUp4 } from '../arithmetic/simd';
import { wideSigmoids } from './wide-step';

/** One step of one row, from the weighted sums in z; `bounded`: they are known to lie within CLAMP. */
// @ts-ignore: decorator
@inline
export function activate(
  units: i32, hardSigmoid: i32, bounded: i32, z: usize, c: usize, cTo: usize, h: usize,
): void {
  const padded = roundUp4(units);
  // An infinite input times a weight of zero would leave NaN in the padding.
  for (let unit = units; unit < padded; unit++) {
    for (let gate = 0; gate < 4; gate++) store<f32>(z + (<usize>gateColumn(units, gate, unit) << 2), 0);
  }
  if (hardSigmoid) stepHard(padded, z, c, cTo, h);
  else if (bounded) stepBounded(padded, z, c, cTo, h);
  else stepClamped(padded, z, c, cTo, h);
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
function clip2(z: usize): void {
  const a = clip01(v128.load(z)), b = clip01(v128.load(z, 16));
  v128.store(z, a);
  v128.store(z, b, 16);
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

export function stepBackward(units: i32, z: usize, dz: usize, c: usize, h: usize, dh: usize, dc: usize): void {
  const end = c + (<usize>units << 2), eights = end - (<usize>(units & 4) << 2);
  for (; c < eights; c += 32) {
    backward8(z, dz, c, h, dh, dc);
    z += 128; dz += 128; h += 32; dh += 32; dc += 32;
  }
  if (c < end) backward4(z, dz, c, h, dh, dc);
}

// tanh(c') is h'/o: a sigmoid is never zero here, since its argument is clamped. Both vectors are
// written out, since V8 joins them only if all is loaded before anything is stored (wide.ts).
// @ts-ignore: decorator
@inline
function backward8(z: usize, dz: usize, c: usize, h: usize, dh: usize, dc: usize): void {
  const one = constant(32);
  const i0 = v128.load(z), f0 = v128.load(z, 32), g0 = v128.load(z, 64), o0 = v128.load(z, 96);
  const i1 = v128.load(z, 16), f1 = v128.load(z, 48), g1 = v128.load(z, 80), o1 = v128.load(z, 112);
  const h0 = v128.load(h), h1 = v128.load(h, 16), c0 = v128.load(c), c1 = v128.load(c, 16);
  const dH0 = flushTiny(v128.load(dh)), dH1 = flushTiny(v128.load(dh, 16));
  const tanh0 = f32x4.div(h0, o0), tanh1 = f32x4.div(h1, o1);
  const dC0 = flushTiny(madd(dH0, f32x4.sub(o0, f32x4.mul(h0, tanh0)), v128.load(dc)));
  const dC1 = flushTiny(madd(dH1, f32x4.sub(o1, f32x4.mul(h1, tanh1)), v128.load(dc, 16)));
  const ig0 = f32x4.mul(i0, g0), ig1 = f32x4.mul(i1, g1);
  const dCf0 = f32x4.mul(dC0, f0), dCf1 = f32x4.mul(dC1, f1);
  v128.store(dz, f32x4.mul(f32x4.mul(dC0, ig0), f32x4.sub(one, i0)));
  v128.store(dz, f32x4.mul(f32x4.mul(dC1, ig1), f32x4.sub(one, i1)), 16);
  v128.store(dz, f32x4.mul(f32x4.mul(dCf0, c0), f32x4.sub(one, f0)), 32);
  v128.store(dz, f32x4.mul(f32x4.mul(dCf1, c1), f32x4.sub(one, f1)), 48);
  v128.store(dz, f32x4.mul(dC0, f32x4.sub(i0, f32x4.mul(ig0, g0))), 64);
  v128.store(dz, f32x4.mul(dC1, f32x4.sub(i1, f32x4.mul(ig1, g1))), 80);
  v128.store(dz, f32x4.mul(f32x4.mul(dH0, h0), f32x4.sub(one, o0)), 96);
  v128.store(dz, f32x4.mul(f32x4.mul(dH1, h1), f32x4.sub(one, o1)), 112);
  v128.store(dc, dCf0);
  v128.store(dc, dCf1, 16);
}

// @ts-ignore: decorator
@inline
function backward4(z: usize, dz: usize, c: usize, h: usize, dh: usize, dc: usize): void {
  const one = constant(32);
  const i = v128.load(z), f = v128.load(z, 16), g = v128.load(z, 32), o = v128.load(z, 48);
  const hNext = v128.load(h), dH = flushTiny(v128.load(dh));
  const tanhC = f32x4.div(hNext, o);
  const dC = flushTiny(madd(dH, f32x4.sub(o, f32x4.mul(hNext, tanhC)), v128.load(dc)));
  const ig = f32x4.mul(i, g), dCf = f32x4.mul(dC, f);
  v128.store(dz, f32x4.mul(f32x4.mul(dC, ig), f32x4.sub(one, i)));
  v128.store(dz, f32x4.mul(f32x4.mul(dCf, v128.load(c)), f32x4.sub(one, f)), 16);
  v128.store(dz, f32x4.mul(dC, f32x4.sub(i, f32x4.mul(ig, g))), 32);
  v128.store(dz, f32x4.mul(f32x4.mul(dH, hNext), f32x4.sub(one, o)), 48);
  v128.store(dc, dCf);
}

export function stepHardBackward(units: i32, z: usize, dz: usize, c: usize, cNext: usize, dh: usize, dc: usize): void {
  const end = c + (<usize>units << 2), eights = end - (<usize>(units & 4) << 2);
  for (; c < eights; c += 32) {
    hardBackward(32, z, dz, c, cNext, dh, dc);
    hardBackward(32, z + 16, dz + 16, c + 16, cNext + 16, dh + 16, dc + 16);
    z += 128; dz += 128; cNext += 32; dh += 32; dc += 32;
  }
  if (c < end) hardBackward(16, z, dz, c, cNext, dh, dc);
}

// A hardSigmoid can be zero, so tanh(c') is computed again from c'.
// @ts-ignore: decorator
@inline
function hardBackward(apart: usize, z: usize, dz: usize, c: usize, cNext: usize, dh: usize, dc: usize): void {
  const one = f32x4.splat(1);
  const i = v128.load(z), f = v128.load(z + apart), g = v128.load(z + 2 * apart), o = v128.load(z + 3 * apart);
  const dH = flushTiny(v128.load(dh));
  const tanhC = tanhUnscaled(v128.load(cNext));
  const dTanh = f32x4.sub(one, f32x4.mul(tanhC, tanhC));
  const dC = flushTiny(madd(f32x4.mul(dH, o), dTanh, v128.load(dc)));
  const dCf = f32x4.mul(dC, f);
  v128.store(dz, hardSlope(f32x4.mul(dC, g), i));
  v128.store(dz + apart, hardSlope(f32x4.mul(dC, v128.load(c)), f));
  v128.store(dz + 2 * apart, f32x4.mul(f32x4.mul(dC, i), f32x4.sub(one, f32x4.mul(g, g))));
  v128.store(dz + 3 * apart, hardSlope(f32x4.mul(dH, tanhC), o));
  v128.store(dc, dCf);
}

/** 0.2·d inside (0, 1), zero where the gate was clipped. */
// @ts-ignore: decorator
@inline
function hardSlope(d: v128, gate: v128): v128 {
  const inside = v128.and(f32x4.gt(gate, f32x4.splat(0)), f32x4.lt(gate, f32x4.splat(1)));
  return v128.and(f32x4.mul(d, f32x4.splat(0.2)), inside);
}
