// One step of time of one row, pointwise, in vectors of 256 bits (see wide.ts): eight units a turn.
// V8 joins what lies side by side only if no store comes between the two loads, and if both have
// the same address but for an offset that is written out.
import { constant } from './activations';
import { flushTiny, madd } from './simd';

/** The gates of eight units. */
// @ts-ignore: decorator
@inline
export function wideGates(z: usize, bounded: bool): void {
  wideSigmoids(z, bounded);
  wideTanh(z, bounded);
}

/** sigmoid3 of i, f and o */
// @ts-ignore: decorator
@inline
function wideSigmoids(z: usize, bounded: bool): void {
  let a0 = v128.load(z), a1 = v128.load(z, 16);
  let b0 = v128.load(z, 32), b1 = v128.load(z, 48);
  let c0 = v128.load(z, 96), c1 = v128.load(z, 112);
  let k = constant(0);
  if (!bounded) {
    a0 = f32x4.pmax(a0, k); a1 = f32x4.pmax(a1, k);
    b0 = f32x4.pmax(b0, k); b1 = f32x4.pmax(b1, k);
    c0 = f32x4.pmax(c0, k); c1 = f32x4.pmax(c1, k);
    k = constant(16);
    a0 = f32x4.pmin(a0, k); a1 = f32x4.pmin(a1, k);
    b0 = f32x4.pmin(b0, k); b1 = f32x4.pmin(b1, k);
    c0 = f32x4.pmin(c0, k); c1 = f32x4.pmin(c1, k);
  }
  k = constant(32);
  const na0 = f32x4.add(a0, k), na1 = f32x4.add(a1, k);
  const nb0 = f32x4.add(b0, k), nb1 = f32x4.add(b1, k);
  const nc0 = f32x4.add(c0, k), nc1 = f32x4.add(c1, k);
  a0 = f32x4.sub(a0, f32x4.sub(na0, k)); a1 = f32x4.sub(a1, f32x4.sub(na1, k));
  b0 = f32x4.sub(b0, f32x4.sub(nb0, k)); b1 = f32x4.sub(b1, f32x4.sub(nb1, k));
  c0 = f32x4.sub(c0, f32x4.sub(nc0, k)); c1 = f32x4.sub(c1, f32x4.sub(nc1, k));

  const p = constant(48);
  k = constant(64);
  let pa0 = madd(p, a0, k), pa1 = madd(p, a1, k);
  let pb0 = madd(p, b0, k), pb1 = madd(p, b1, k);
  let pc0 = madd(p, c0, k), pc1 = madd(p, c1, k);
  k = constant(80);
  pa0 = madd(pa0, a0, k); pa1 = madd(pa1, a1, k);
  pb0 = madd(pb0, b0, k); pb1 = madd(pb1, b1, k);
  pc0 = madd(pc0, c0, k); pc1 = madd(pc1, c1, k);
  k = constant(96);
  pa0 = madd(pa0, a0, k); pa1 = madd(pa1, a1, k);
  pb0 = madd(pb0, b0, k); pb1 = madd(pb1, b1, k);
  pc0 = madd(pc0, c0, k); pc1 = madd(pc1, c1, k);
  k = constant(112);
  pa0 = madd(pa0, a0, k); pa1 = madd(pa1, a1, k);
  pb0 = madd(pb0, b0, k); pb1 = madd(pb1, b1, k);
  pc0 = madd(pc0, c0, k); pc1 = madd(pc1, c1, k);
  k = constant(128);
  pa0 = madd(pa0, a0, k); pa1 = madd(pa1, a1, k);
  pb0 = madd(pb0, b0, k); pb1 = madd(pb1, b1, k);
  pc0 = madd(pc0, c0, k); pc1 = madd(pc1, c1, k);

  pa0 = i32x4.add(pa0, i32x4.shl(na0, 23)); pa1 = i32x4.add(pa1, i32x4.shl(na1, 23));
  pb0 = i32x4.add(pb0, i32x4.shl(nb0, 23)); pb1 = i32x4.add(pb1, i32x4.shl(nb1, 23));
  pc0 = i32x4.add(pc0, i32x4.shl(nc0, 23)); pc1 = i32x4.add(pc1, i32x4.shl(nc1, 23));
  v128.store(z, f32x4.div(k, f32x4.add(k, pa0)));
  v128.store(z, f32x4.div(k, f32x4.add(k, pa1)), 16);
  v128.store(z, f32x4.div(k, f32x4.add(k, pb0)), 32);
  v128.store(z, f32x4.div(k, f32x4.add(k, pb1)), 48);
  v128.store(z, f32x4.div(k, f32x4.add(k, pc0)), 96);
  v128.store(z, f32x4.div(k, f32x4.add(k, pc1)), 112);
}

/** tanh2 of g */
// @ts-ignore: decorator
@inline
export function wideTanh(z: usize, bounded: bool): void {
  let a = v128.load(z, 64), b = v128.load(z, 80);
  let k = constant(0);
  if (!bounded) {
    a = f32x4.pmax(a, k); b = f32x4.pmax(b, k);
    k = constant(16);
    a = f32x4.pmin(a, k); b = f32x4.pmin(b, k);
  }
  k = constant(32);
  const na = f32x4.add(a, k), nb = f32x4.add(b, k);
  a = f32x4.sub(a, f32x4.sub(na, k)); b = f32x4.sub(b, f32x4.sub(nb, k));

  const p = constant(192);
  k = constant(208);
  let pa = madd(p, a, k), pb = madd(p, b, k);
  k = constant(224);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(240);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(256);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(272);
  pa = madd(pa, a, k); pb = madd(pb, b, k);

  k = constant(128);
  const powerA = i32x4.add(k, i32x4.shl(na, 23)), powerB = i32x4.add(k, i32x4.shl(nb, 23));
  a = madd(f32x4.mul(pa, a), powerA, f32x4.sub(powerA, k)); b = madd(f32x4.mul(pb, b), powerB, f32x4.sub(powerB, k));
  k = constant(144);
  v128.store(z, f32x4.div(a, f32x4.add(a, k)), 64);
  v128.store(z, f32x4.div(b, f32x4.add(b, k)), 80);
}

/** c' and h' of eight units. */
// @ts-ignore: decorator
@inline
export function wideCells(z: usize, c: usize, cTo: usize, h: usize): void {
  let a = madd(v128.load(z, 32), v128.load(c), f32x4.mul(v128.load(z), v128.load(z, 64)));
  let b = madd(v128.load(z, 48), v128.load(c, 16), f32x4.mul(v128.load(z, 16), v128.load(z, 80)));
  const o0 = v128.load(z, 96), o1 = v128.load(z, 112);
  v128.store(cTo, a);
  v128.store(cTo, b, 16);
  let k = constant(160);
  a = f32x4.mul(a, k); b = f32x4.mul(b, k);
  k = constant(0);
  a = f32x4.pmax(a, k); b = f32x4.pmax(b, k);
  k = constant(16);
  a = f32x4.pmin(a, k); b = f32x4.pmin(b, k);
  k = constant(32);
  const na = f32x4.add(a, k), nb = f32x4.add(b, k);
  a = f32x4.sub(a, f32x4.sub(na, k)); b = f32x4.sub(b, f32x4.sub(nb, k));

  const p = constant(192);
  k = constant(208);
  let pa = madd(p, a, k), pb = madd(p, b, k);
  k = constant(224);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(240);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(256);
  pa = madd(pa, a, k); pb = madd(pb, b, k);
  k = constant(272);
  pa = madd(pa, a, k); pb = madd(pb, b, k);

  k = constant(128);
  const powerA = i32x4.add(k, i32x4.shl(na, 23)), powerB = i32x4.add(k, i32x4.shl(nb, 23));
  a = madd(f32x4.mul(pa, a), powerA, f32x4.sub(powerA, k)); b = madd(f32x4.mul(pb, b), powerB, f32x4.sub(powerB, k));
  k = constant(144);
  v128.store(h, f32x4.mul(o0, f32x4.div(a, f32x4.add(a, k))));
  v128.store(h, f32x4.mul(o1, f32x4.div(b, f32x4.add(b, k))), 16);
}

/** The gradients of eight units, as `backward` in lstm-step.ts. */
// @ts-ignore: decorator
@inline
export function wideBackward(z: usize, dz: usize, c: usize, h: usize, dh: usize, dc: usize): void {
  const one = constant(128);
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
