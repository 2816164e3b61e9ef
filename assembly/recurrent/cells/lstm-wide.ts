// Sigmoids for vectors of 256 bits (see wide.ts).
import { constant } from '../../arithmetic/activations';
import { madd } from '../../arithmetic/simd';

/** As sigmoid2 of i, f and o of eight units: three vectors in step, each of two that are joined. */
// @ts-ignore: decorator
@inline
export function wideSigmoids(z: usize, bounded: bool): void {
  let a0 = v128.load(z), a1 = v128.load(z, 16);
  let b0 = v128.load(z, 32), b1 = v128.load(z, 48);
  let c0 = v128.load(z, 96), c1 = v128.load(z, 112);
  let k = constant(0);
  if (!bounded) {
    a0 = f32x4.pmax(a0, k); a1 = f32x4.pmax(a1, k);
    b0 = f32x4.pmax(b0, k); b1 = f32x4.pmax(b1, k);
    c0 = f32x4.pmax(c0, k); c1 = f32x4.pmax(c1, k);
    k = constant(4);
    a0 = f32x4.pmin(a0, k); a1 = f32x4.pmin(a1, k);
    b0 = f32x4.pmin(b0, k); b1 = f32x4.pmin(b1, k);
    c0 = f32x4.pmin(c0, k); c1 = f32x4.pmin(c1, k);
  }
  k = constant(8);
  const na0 = f32x4.add(a0, k), na1 = f32x4.add(a1, k);
  const nb0 = f32x4.add(b0, k), nb1 = f32x4.add(b1, k);
  const nc0 = f32x4.add(c0, k), nc1 = f32x4.add(c1, k);
  a0 = f32x4.sub(a0, f32x4.sub(na0, k)); a1 = f32x4.sub(a1, f32x4.sub(na1, k));
  b0 = f32x4.sub(b0, f32x4.sub(nb0, k)); b1 = f32x4.sub(b1, f32x4.sub(nb1, k));
  c0 = f32x4.sub(c0, f32x4.sub(nc0, k)); c1 = f32x4.sub(c1, f32x4.sub(nc1, k));

  const p = constant(12);
  k = constant(16);
  let pa0 = madd(p, a0, k), pa1 = madd(p, a1, k);
  let pb0 = madd(p, b0, k), pb1 = madd(p, b1, k);
  let pc0 = madd(p, c0, k), pc1 = madd(p, c1, k);
  k = constant(20);
  pa0 = madd(pa0, a0, k); pa1 = madd(pa1, a1, k);
  pb0 = madd(pb0, b0, k); pb1 = madd(pb1, b1, k);
  pc0 = madd(pc0, c0, k); pc1 = madd(pc1, c1, k);
  k = constant(24);
  pa0 = madd(pa0, a0, k); pa1 = madd(pa1, a1, k);
  pb0 = madd(pb0, b0, k); pb1 = madd(pb1, b1, k);
  pc0 = madd(pc0, c0, k); pc1 = madd(pc1, c1, k);
  k = constant(28);
  pa0 = madd(pa0, a0, k); pa1 = madd(pa1, a1, k);
  pb0 = madd(pb0, b0, k); pb1 = madd(pb1, b1, k);
  pc0 = madd(pc0, c0, k); pc1 = madd(pc1, c1, k);
  k = constant(32);
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
