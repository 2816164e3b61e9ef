// One step of time of one row, pointwise: from the weighted sums of the gates to c and h, and
// back from the gradients of h and c to those of the sums.
import { clip01, sigmoid3, tanh, tanh2, tanh2Unscaled, tanhUnscaled } from './activations';
import { flushTiny, madd, roundUp4 } from './simd';

/** One step of one row, from the weighted sums in z; `bounded`: they are known to lie within CLAMP. */
// @ts-ignore: decorator
@inline
export function activate(
  units: i32, hardSigmoid: i32, bounded: i32, z: usize, c: usize, cTo: usize, h: usize,
): void {
  const padded = roundUp4(units);
  // An infinite input times a weight of zero would leave NaN in the padding.
  if (units & 3) {
    const last = z + (<usize>(padded - 4) << 4);
    for (let lane = units & 3; lane < 4; lane++) {
      const at = last + (<usize>lane << 2);
      store<f32>(at, 0); store<f32>(at, 0, 16); store<f32>(at, 0, 32); store<f32>(at, 0, 48);
    }
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
  const end = z + (<usize>units << 4), pairs = end - (<usize>(units & 4) << 4);
  let gates = z;
  for (; gates < pairs; gates += 128) {
    sigmoid3(gates, bounded);
    sigmoid3(gates + 64, bounded);
    tanh2(v128.load(gates, 32), v128.load(gates, 96), gates + 32, gates + 96, bounded);
  }
  if (gates < end) {
    sigmoid3(gates, bounded);
    v128.store(gates, tanh(v128.load(gates, 32)), 32);
  }
  stepCells(z, end, c, cTo, h);
}

function stepHard(units: i32, z: usize, c: usize, cTo: usize, h: usize): void {
  const end = z + (<usize>units << 4);
  for (let gates = z; gates < end; gates += 64) {
    v128.store(gates, clip01(v128.load(gates)));
    v128.store(gates, clip01(v128.load(gates, 16)), 16);
    v128.store(gates, tanh(v128.load(gates, 32)), 32);
    v128.store(gates, clip01(v128.load(gates, 48)), 48);
  }
  stepCells(z, end, c, cTo, h);
}

// @ts-ignore: decorator
@inline
function stepCells(z: usize, end: usize, c: usize, cTo: usize, h: usize): void {
  for (const pairs = z + ((end - z) & ~127); z < pairs; z += 128) {
    const cell = nextCell(z, c), other = nextCell(z + 64, c + 16);
    v128.store(cTo, cell);
    v128.store(cTo, other, 16);
    tanh2Unscaled(cell, other, h, h + 16);
    v128.store(h, f32x4.mul(v128.load(z, 48), v128.load(h)));
    v128.store(h, f32x4.mul(v128.load(z, 112), v128.load(h, 16)), 16);
    c += 32; cTo += 32; h += 32;
  }
  if (z < end) {
    const cell = nextCell(z, c);
    v128.store(cTo, cell);
    v128.store(h, f32x4.mul(v128.load(z, 48), tanhUnscaled(cell)));
  }
}

/** f·c + i·g */
// @ts-ignore: decorator
@inline
function nextCell(z: usize, c: usize): v128 {
  return madd(v128.load(z, 16), v128.load(c), f32x4.mul(v128.load(z), v128.load(z, 32)));
}

// tanh(c') is h'/o: a sigmoid is never zero here, since its argument is clamped.
export function stepBackward(units: i32, z: usize, dz: usize, c: usize, h: usize, dh: usize, dc: usize): void {
  const one = f32x4.splat(1);
  const end = c + (<usize>units << 2);
  do {
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
    z += 64; dz += 64; c += 16; h += 16; dh += 16; dc += 16;
  } while (c < end);
}

// A hardSigmoid can be zero, so tanh(c') is computed again from c'.
export function stepHardBackward(units: i32, z: usize, dz: usize, c: usize, cNext: usize, dh: usize, dc: usize): void {
  const one = f32x4.splat(1);
  const end = c + (<usize>units << 2);
  do {
    const i = v128.load(z), f = v128.load(z, 16), g = v128.load(z, 32), o = v128.load(z, 48);
    const dH = flushTiny(v128.load(dh));
    const tanhC = tanhUnscaled(v128.load(cNext));
    const dTanh = f32x4.sub(one, f32x4.mul(tanhC, tanhC));
    const dC = flushTiny(madd(f32x4.mul(dH, o), dTanh, v128.load(dc)));
    const dCf = f32x4.mul(dC, f);
    v128.store(dz, hardSlope(f32x4.mul(dC, g), i));
    v128.store(dz, hardSlope(f32x4.mul(dC, v128.load(c)), f), 16);
    v128.store(dz, f32x4.mul(f32x4.mul(dC, i), f32x4.sub(one, f32x4.mul(g, g))), 32);
    v128.store(dz, hardSlope(f32x4.mul(dH, tanhC), o), 48);
    v128.store(dc, dCf);
    z += 64; dz += 64; c += 16; cNext += 16; dh += 16; dc += 16;
  } while (c < end);
}

/** 0.2·d inside (0, 1), zero where the gate was clipped. */
// @ts-ignore: decorator
@inline
function hardSlope(d: v128, gate: v128): v128 {
  const inside = v128.and(f32x4.gt(gate, f32x4.splat(0)), f32x4.lt(gate, f32x4.splat(1)));
  return v128.and(f32x4.mul(d, f32x4.splat(0.2)), inside);
}
