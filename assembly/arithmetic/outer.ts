// The gradients of weights that are packed in panels of eight columns: the product of inputs and
// gate gradients, summed over rows, and the sums of columns. Row strides are in bytes.
import { madd } from './simd';
import { wideOuterTile4, wideOuterTile6 } from './wide';

// Wider than this, and the rows of a panel lie on a page each: they are copied together
// before they are read over and over.
const WIDEST_IN_PLACE: i32 = 256;

/**
 * panels[columns/8][depth][8], which begin every `panelBytes`, += aᵀ · b, summed over the rows: the
 * gradient of the packed weights. `depth` is a multiple of four; `copy` is scratch for
 * `rows` × 16 floats.
 */
export function accumulateOuter(
  rows: i32, columns: i32, depth: i32,
  a: usize, lda: usize, b: usize, ldb: usize, panels: usize, panelBytes: usize, copy: usize,
): void {
  const inPlace = columns <= WIDEST_IN_PLACE;
  let column = 0;
  if (WIDE) {
    for (; column + 16 <= columns; column += 16) {
      if (!inPlace) copyPanels(rows, b, ldb, copy);
      const from = inPlace ? b : copy, stride = inPlace ? ldb : 64;
      outerWide(rows, depth, a, lda, from, stride, panels, panelBytes);
      panels += panelBytes << 1;
      b += 64;
    }
  }
  for (; column < columns; column += 8) {
    if (!inPlace) copyPanel(rows, b, ldb, copy);
    const from = inPlace ? b : copy, stride = inPlace ? ldb : 32;
    outerPanel(rows, depth, a, lda, from, stride, panels);
    panels += panelBytes;
    b += 32;
  }
}

function outerPanel(
  rows: i32, depth: i32, a: usize, lda: usize, b: usize, ldb: usize, panel: usize,
): void {
  const end = <usize>depth << 2;
  let across: usize = 0;
  if (ASC_FEATURE_RELAXED_SIMD) {
    for (const pairs = inPairs(end); across < pairs; across += 24) {
      outerTile6(rows, a + across, lda, b, ldb, panel);
      panel += 192;
    }
  }
  for (; across < end; across += 16) {
    outerTile4(rows, a + across, lda, b, ldb, panel);
    panel += 128;
  }
}

/** Two panels. */
function outerWide(
  rows: i32, depth: i32, a: usize, lda: usize, b: usize, ldb: usize, panels: usize, panelBytes: usize,
): void {
  const end = <usize>depth << 2;
  let across: usize = 0;
  for (const pairs = inPairs(end); across < pairs; across += 24) {
    wideOuterTile6(rows, a + across, lda, b, ldb, panels, panelBytes);
    panels += 192;
  }
  for (; across < end; across += 16) {
    wideOuterTile4(rows, a + across, lda, b, ldb, panels, panelBytes);
    panels += 128;
  }
}

/** How far tiles of six go if they come in pairs, so that tiles of four can do the rest. */
// @ts-ignore: decorator
@inline
function inPairs(end: usize): usize {
  return end - (end % 48);
}

function copyPanels(rows: i32, from: usize, stride: usize, to: usize): void {
  for (const end = to + (<usize>rows << 6); to < end; to += 64) {
    const a = v128.load(from), b = v128.load(from, 16), c = v128.load(from, 32), d = v128.load(from, 48);
    v128.store(to, a); v128.store(to, b, 16); v128.store(to, c, 32); v128.store(to, d, 48);
    from += stride;
  }
}

function copyPanel(rows: i32, from: usize, stride: usize, to: usize): void {
  for (const end = to + (<usize>rows << 5); to < end; to += 32) {
    const a = v128.load(from), b = v128.load(from, 16);
    v128.store(to, a); v128.store(to, b, 16);
    from += stride;
  }
}

function outerTile4(rows: i32, a: usize, lda: usize, b: usize, ldb: usize, out: usize): void {
  let c00 = v128.load(out), c01 = v128.load(out, 16);
  let c10 = v128.load(out, 32), c11 = v128.load(out, 48);
  let c20 = v128.load(out, 64), c21 = v128.load(out, 80);
  let c30 = v128.load(out, 96), c31 = v128.load(out, 112);
  const end = a + <usize>rows * lda;
  do {
    const w0 = v128.load(b), w1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, w0, c00); c01 = madd(s, w1, c01);
    s = v128.load32_splat(a, 4);
    c10 = madd(s, w0, c10); c11 = madd(s, w1, c11);
    s = v128.load32_splat(a, 8);
    c20 = madd(s, w0, c20); c21 = madd(s, w1, c21);
    s = v128.load32_splat(a, 12);
    c30 = madd(s, w0, c30); c31 = madd(s, w1, c31);
    a += lda; b += ldb;
  } while (a < end);
  v128.store(out, c00); v128.store(out, c01, 16);
  v128.store(out, c10, 32); v128.store(out, c11, 48);
  v128.store(out, c20, 64); v128.store(out, c21, 80);
  v128.store(out, c30, 96); v128.store(out, c31, 112);
}

// Twelve sums hide the latency of a fused multiply-add, which eight do not.
function outerTile6(rows: i32, a: usize, lda: usize, b: usize, ldb: usize, out: usize): void {
  let c00 = v128.load(out), c01 = v128.load(out, 16);
  let c10 = v128.load(out, 32), c11 = v128.load(out, 48);
  let c20 = v128.load(out, 64), c21 = v128.load(out, 80);
  let c30 = v128.load(out, 96), c31 = v128.load(out, 112);
  let c40 = v128.load(out, 128), c41 = v128.load(out, 144);
  let c50 = v128.load(out, 160), c51 = v128.load(out, 176);
  const end = a + <usize>rows * lda;
  do {
    const w0 = v128.load(b), w1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, w0, c00); c01 = madd(s, w1, c01);
    s = v128.load32_splat(a, 4);
    c10 = madd(s, w0, c10); c11 = madd(s, w1, c11);
    s = v128.load32_splat(a, 8);
    c20 = madd(s, w0, c20); c21 = madd(s, w1, c21);
    s = v128.load32_splat(a, 12);
    c30 = madd(s, w0, c30); c31 = madd(s, w1, c31);
    s = v128.load32_splat(a, 16);
    c40 = madd(s, w0, c40); c41 = madd(s, w1, c41);
    s = v128.load32_splat(a, 20);
    c50 = madd(s, w0, c50); c51 = madd(s, w1, c51);
    a += lda; b += ldb;
  } while (a < end);
  v128.store(out, c00); v128.store(out, c01, 16);
  v128.store(out, c10, 32); v128.store(out, c11, 48);
  v128.store(out, c20, 64); v128.store(out, c21, 80);
  v128.store(out, c30, 96); v128.store(out, c31, 112);
  v128.store(out, c40, 128); v128.store(out, c41, 144);
  v128.store(out, c50, 160); v128.store(out, c51, 176);
}

/** sums[columns] += the column sums of b[rows × columns]; `columns` is a multiple of eight. */
export function accumulateColumns(rows: i32, columns: i32, b: usize, ldb: usize, sums: usize): void {
  const end = b + <usize>rows * ldb;
  let column = 0;
  // Four panels at a time, as in multiplyRow.
  for (; column + 32 <= columns; column += 32) {
    let c0 = v128.load(sums), c1 = v128.load(sums, 16), c2 = v128.load(sums, 32), c3 = v128.load(sums, 48);
    let c4 = v128.load(sums, 64), c5 = v128.load(sums, 80), c6 = v128.load(sums, 96), c7 = v128.load(sums, 112);
    for (let from = b + (<usize>column << 2); from < end; from += ldb) {
      c0 = f32x4.add(c0, v128.load(from)); c1 = f32x4.add(c1, v128.load(from, 16));
      c2 = f32x4.add(c2, v128.load(from, 32)); c3 = f32x4.add(c3, v128.load(from, 48));
      c4 = f32x4.add(c4, v128.load(from, 64)); c5 = f32x4.add(c5, v128.load(from, 80));
      c6 = f32x4.add(c6, v128.load(from, 96)); c7 = f32x4.add(c7, v128.load(from, 112));
    }
    v128.store(sums, c0); v128.store(sums, c1, 16); v128.store(sums, c2, 32); v128.store(sums, c3, 48);
    v128.store(sums, c4, 64); v128.store(sums, c5, 80); v128.store(sums, c6, 96); v128.store(sums, c7, 112);
    sums += 128;
  }
  for (; column < columns; column += 8) {
    let c0 = v128.load(sums), c1 = v128.load(sums, 16);
    for (let from = b + (<usize>column << 2); from < end; from += ldb) {
      c0 = f32x4.add(c0, v128.load(from));
      c1 = f32x4.add(c1, v128.load(from, 16));
    }
    v128.store(sums, c0); v128.store(sums, c1, 16);
    sums += 32;
  }
}
