// One step back of an LSTM (lstm.ts), of one row: from the gradients of h and c to those of the sums
// of the gates. Eight units a turn, as two vectors that are loaded and stored side by side, and the
// last four as one.
import { constant, hardSlope, tanhUnscaled } from '../../arithmetic/activations';
import { flushTiny, madd } from '../../arithmetic/simd';

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
