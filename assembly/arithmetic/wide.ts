// Tiles of products for vectors of 256 bits, which WebAssembly does not have: V8 joins two
// vectors of 128 that lie side by side where it is told to (--experimental-wasm-revectorize).
// The sums of a tile then fill the registers; otherwise they do not fit, so that only the binary
// for such an engine has these.
// V8 joins two vectors, here and in all other kernels, if both are stored with the same address
// but for an offset that is written out; if no store comes between their loads, which is why
// kernels load all they need before they store; and if no branch does: sums that start at zero
// start from a row of zeros. A value for both halves is a splat, from memory.
import { madd } from './simd';

const ZEROS = memory.data(128, 16);
// A thread that starts sets the binary's data anew, in the memory of all: this is then 0 for a
// moment, which is an address of zeros as well.
const ZERO_ROW = memory.data<i32>([0]);

/** What to start from in place of no rows, as `starts` of multiply, with a step of 0. */
export function zeroStarts(): usize {
  store<usize>(ZERO_ROW, ZEROS);
  return ZERO_ROW;
}

/** c[6 × 16] = start + a · two panels, which lie `panelBytes` apart. */
export function wideTile(
  depth: i32, a: usize, lda: usize, panel: usize, panelBytes: usize,
  starts: usize, startsStep: usize, across: usize, c: usize, ldc: usize,
): void {
  let s = load<usize>(starts) + across; starts += startsStep;
  let c00 = v128.load(s), c01 = v128.load(s, 16), c02 = v128.load(s, 32), c03 = v128.load(s, 48);
  s = load<usize>(starts) + across; starts += startsStep;
  let c10 = v128.load(s), c11 = v128.load(s, 16), c12 = v128.load(s, 32), c13 = v128.load(s, 48);
  s = load<usize>(starts) + across; starts += startsStep;
  let c20 = v128.load(s), c21 = v128.load(s, 16), c22 = v128.load(s, 32), c23 = v128.load(s, 48);
  s = load<usize>(starts) + across; starts += startsStep;
  let c30 = v128.load(s), c31 = v128.load(s, 16), c32 = v128.load(s, 32), c33 = v128.load(s, 48);
  s = load<usize>(starts) + across; starts += startsStep;
  let c40 = v128.load(s), c41 = v128.load(s, 16), c42 = v128.load(s, 32), c43 = v128.load(s, 48);
  s = load<usize>(starts) + across;
  let c50 = v128.load(s), c51 = v128.load(s, 16), c52 = v128.load(s, 32), c53 = v128.load(s, 48);
  let a1 = a + lda, a2 = a1 + lda, a3 = a2 + lda, a4 = a3 + lda, a5 = a4 + lda, panel1 = panel + panelBytes;
  const end = a + (<usize>depth << 2);
  do {
    const w0 = v128.load(panel), w1 = v128.load(panel, 16), w2 = v128.load(panel1), w3 = v128.load(panel1, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, w0, c00); c01 = madd(x, w1, c01); c02 = madd(x, w2, c02); c03 = madd(x, w3, c03);
    x = v128.load32_splat(a1);
    c10 = madd(x, w0, c10); c11 = madd(x, w1, c11); c12 = madd(x, w2, c12); c13 = madd(x, w3, c13);
    x = v128.load32_splat(a2);
    c20 = madd(x, w0, c20); c21 = madd(x, w1, c21); c22 = madd(x, w2, c22); c23 = madd(x, w3, c23);
    x = v128.load32_splat(a3);
    c30 = madd(x, w0, c30); c31 = madd(x, w1, c31); c32 = madd(x, w2, c32); c33 = madd(x, w3, c33);
    x = v128.load32_splat(a4);
    c40 = madd(x, w0, c40); c41 = madd(x, w1, c41); c42 = madd(x, w2, c42); c43 = madd(x, w3, c43);
    x = v128.load32_splat(a5);
    c50 = madd(x, w0, c50); c51 = madd(x, w1, c51); c52 = madd(x, w2, c52); c53 = madd(x, w3, c53);
    a += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4;
    panel += 32; panel1 += 32;
  } while (a < end);
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48); c += ldc;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48); c += ldc;
  v128.store(c, c20); v128.store(c, c21, 16); v128.store(c, c22, 32); v128.store(c, c23, 48); c += ldc;
  v128.store(c, c30); v128.store(c, c31, 16); v128.store(c, c32, 32); v128.store(c, c33, 48); c += ldc;
  v128.store(c, c40); v128.store(c, c41, 16); v128.store(c, c42, 32); v128.store(c, c43, 48); c += ldc;
  v128.store(c, c50); v128.store(c, c51, 16); v128.store(c, c52, 32); v128.store(c, c53, 48);
}

/** c[2 × 32] = start + a · four panels. */
export function widePair(
  depth: i32, a: usize, lda: usize, p0: usize, panelBytes: usize,
  start: usize, start1: usize, c: usize, ldc: usize,
): void {
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(start, 32), c03 = v128.load(start, 48);
  let c04 = v128.load(start, 64), c05 = v128.load(start, 80), c06 = v128.load(start, 96), c07 = v128.load(start, 112);
  let c10 = v128.load(start1), c11 = v128.load(start1, 16), c12 = v128.load(start1, 32), c13 = v128.load(start1, 48);
  let c14 = v128.load(start1, 64), c15 = v128.load(start1, 80), c16 = v128.load(start1, 96), c17 = v128.load(start1, 112);
  let a1 = a + lda, p1 = p0 + panelBytes, p2 = p1 + panelBytes, p3 = p2 + panelBytes;
  const end = a + (<usize>depth << 2);
  do {
    const x = v128.load32_splat(a), y = v128.load32_splat(a1);
    let w = v128.load(p0), v = v128.load(p0, 16);
    c00 = madd(x, w, c00); c01 = madd(x, v, c01); c10 = madd(y, w, c10); c11 = madd(y, v, c11);
    w = v128.load(p1); v = v128.load(p1, 16);
    c02 = madd(x, w, c02); c03 = madd(x, v, c03); c12 = madd(y, w, c12); c13 = madd(y, v, c13);
    w = v128.load(p2); v = v128.load(p2, 16);
    c04 = madd(x, w, c04); c05 = madd(x, v, c05); c14 = madd(y, w, c14); c15 = madd(y, v, c15);
    w = v128.load(p3); v = v128.load(p3, 16);
    c06 = madd(x, w, c06); c07 = madd(x, v, c07); c16 = madd(y, w, c16); c17 = madd(y, v, c17);
    a += 4; a1 += 4;
    p0 += 32; p1 += 32; p2 += 32; p3 += 32;
  } while (a < end);
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  v128.store(c, c04, 64); v128.store(c, c05, 80); v128.store(c, c06, 96); v128.store(c, c07, 112);
  c += ldc;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
  v128.store(c, c14, 64); v128.store(c, c15, 80); v128.store(c, c16, 96); v128.store(c, c17, 112);
}

/** Two panels of out[6 × 16] += aᵀ · b, summed over the rows. */
export function wideOuterTile6(
  rows: i32, a: usize, lda: usize, b: usize, ldb: usize, out: usize, panelBytes: usize,
): void {
  const out1 = out + panelBytes;
  let c00 = v128.load(out), c01 = v128.load(out, 16), c02 = v128.load(out1), c03 = v128.load(out1, 16);
  let c10 = v128.load(out, 32), c11 = v128.load(out, 48), c12 = v128.load(out1, 32), c13 = v128.load(out1, 48);
  let c20 = v128.load(out, 64), c21 = v128.load(out, 80), c22 = v128.load(out1, 64), c23 = v128.load(out1, 80);
  let c30 = v128.load(out, 96), c31 = v128.load(out, 112), c32 = v128.load(out1, 96), c33 = v128.load(out1, 112);
  let c40 = v128.load(out, 128), c41 = v128.load(out, 144), c42 = v128.load(out1, 128), c43 = v128.load(out1, 144);
  let c50 = v128.load(out, 160), c51 = v128.load(out, 176), c52 = v128.load(out1, 160), c53 = v128.load(out1, 176);
  const end = a + <usize>rows * lda;
  do {
    const w0 = v128.load(b), w1 = v128.load(b, 16), w2 = v128.load(b, 32), w3 = v128.load(b, 48);
    let x = v128.load32_splat(a);
    c00 = madd(x, w0, c00); c01 = madd(x, w1, c01); c02 = madd(x, w2, c02); c03 = madd(x, w3, c03);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, w0, c10); c11 = madd(x, w1, c11); c12 = madd(x, w2, c12); c13 = madd(x, w3, c13);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, w0, c20); c21 = madd(x, w1, c21); c22 = madd(x, w2, c22); c23 = madd(x, w3, c23);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, w0, c30); c31 = madd(x, w1, c31); c32 = madd(x, w2, c32); c33 = madd(x, w3, c33);
    x = v128.load32_splat(a, 16);
    c40 = madd(x, w0, c40); c41 = madd(x, w1, c41); c42 = madd(x, w2, c42); c43 = madd(x, w3, c43);
    x = v128.load32_splat(a, 20);
    c50 = madd(x, w0, c50); c51 = madd(x, w1, c51); c52 = madd(x, w2, c52); c53 = madd(x, w3, c53);
    a += lda; b += ldb;
  } while (a < end);
  v128.store(out, c00); v128.store(out, c01, 16); v128.store(out1, c02); v128.store(out1, c03, 16);
  v128.store(out, c10, 32); v128.store(out, c11, 48); v128.store(out1, c12, 32); v128.store(out1, c13, 48);
  v128.store(out, c20, 64); v128.store(out, c21, 80); v128.store(out1, c22, 64); v128.store(out1, c23, 80);
  v128.store(out, c30, 96); v128.store(out, c31, 112); v128.store(out1, c32, 96); v128.store(out1, c33, 112);
  v128.store(out, c40, 128); v128.store(out, c41, 144); v128.store(out1, c42, 128); v128.store(out1, c43, 144);
  v128.store(out, c50, 160); v128.store(out, c51, 176); v128.store(out1, c52, 160); v128.store(out1, c53, 176);
}

/** The same for four rows. */
export function wideOuterTile4(
  rows: i32, a: usize, lda: usize, b: usize, ldb: usize, out: usize, panelBytes: usize,
): void {
  const out1 = out + panelBytes;
  let c00 = v128.load(out), c01 = v128.load(out, 16), c02 = v128.load(out1), c03 = v128.load(out1, 16);
  let c10 = v128.load(out, 32), c11 = v128.load(out, 48), c12 = v128.load(out1, 32), c13 = v128.load(out1, 48);
  let c20 = v128.load(out, 64), c21 = v128.load(out, 80), c22 = v128.load(out1, 64), c23 = v128.load(out1, 80);
  let c30 = v128.load(out, 96), c31 = v128.load(out, 112), c32 = v128.load(out1, 96), c33 = v128.load(out1, 112);
  const end = a + <usize>rows * lda;
  do {
    const w0 = v128.load(b), w1 = v128.load(b, 16), w2 = v128.load(b, 32), w3 = v128.load(b, 48);
    let x = v128.load32_splat(a);
    c00 = madd(x, w0, c00); c01 = madd(x, w1, c01); c02 = madd(x, w2, c02); c03 = madd(x, w3, c03);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, w0, c10); c11 = madd(x, w1, c11); c12 = madd(x, w2, c12); c13 = madd(x, w3, c13);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, w0, c20); c21 = madd(x, w1, c21); c22 = madd(x, w2, c22); c23 = madd(x, w3, c23);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, w0, c30); c31 = madd(x, w1, c31); c32 = madd(x, w2, c32); c33 = madd(x, w3, c33);
    a += lda; b += ldb;
  } while (a < end);
  v128.store(out, c00); v128.store(out, c01, 16); v128.store(out1, c02); v128.store(out1, c03, 16);
  v128.store(out, c10, 32); v128.store(out, c11, 48); v128.store(out1, c12, 32); v128.store(out1, c13, 48);
  v128.store(out, c20, 64); v128.store(out, c21, 80); v128.store(out1, c22, 64); v128.store(out1, c23, 80);
  v128.store(out, c30, 96); v128.store(out, c31, 112); v128.store(out1, c32, 96); v128.store(out1, c33, 112);
}
