// Matrix products with a right-hand side packed in panels of eight columns,
// [columns/8][depth][8], so that a panel streams through once for a tile of rows.
// Row strides (lda, ldc) are in bytes.
import { madd } from './simd';

// @ts-ignore: decorator
@inline
function zero(): v128 {
  return f32x4.splat(0);
}

/**
 * c[rows × columns] = start + a[rows × depth] · panels, which begin every `panelBytes`.
 * `starts` points to the address of the row of c to start from, then every `startsStep` to
 * that of the next row (0: the same for all rows); where it is 0 itself, sums start at zero.
 * Every value is summed in the order of depth, whatever the tile.
 */
export function multiply(
  rows: i32, columns: i32, depth: i32, a: usize, lda: usize, panels: usize, panelBytes: usize,
  starts: usize, startsStep: usize, c: usize, ldc: usize,
): void {
  const tall = ASC_FEATURE_RELAXED_SIMD ? 5 : 4;
  const tiled = rows - (rows % tall);
  const end = a + <usize>tiled * lda;
  let panel = panels;
  for (let column = 0; column < columns; column += 8) {
    const across = <usize>column << 2;
    let to = c + across, from = starts;
    for (let row = a; row < end; row += <usize>tall * lda) {
      if (ASC_FEATURE_RELAXED_SIMD) tile5(depth, row, lda, panel, from, startsStep, across, to, ldc);
      else tile4(depth, row, lda, panel, from, startsStep, across, to, ldc);
      to += <usize>tall * ldc;
      from += <usize>tall * startsStep;
    }
    panel += panelBytes;
  }
  for (let row = tiled; row < rows; row++) {
    const start = starts ? load<usize>(starts + <usize>row * startsStep) : 0;
    multiplyRow(columns, depth, a + <usize>row * lda, panels, panelBytes, start, c + <usize>row * ldc);
  }
}

// One row has too few sums in a panel to hide the latency of an addition: four
// panels at a time.
function multiplyRow(
  columns: i32, depth: i32, a: usize, panels: usize, panelBytes: usize, start: usize, c: usize,
): void {
  let column = 0;
  for (; column + 32 <= columns; column += 32) {
    row4(depth, a, panels, panelBytes, start, c);
    panels += panelBytes << 2;
    c += 128;
    if (start) start += 128;
  }
  for (; column < columns; column += 8) {
    row1(depth, a, panels, start, c);
    panels += panelBytes;
    c += 32;
    if (start) start += 32;
  }
}

function row4(depth: i32, a: usize, p0: usize, panelBytes: usize, start: usize, c: usize): void {
  let c0 = zero(), c1 = zero(), c2 = zero(), c3 = zero(), c4 = zero(), c5 = zero(), c6 = zero(), c7 = zero();
  if (start) {
    c0 = v128.load(start); c1 = v128.load(start, 16); c2 = v128.load(start, 32); c3 = v128.load(start, 48);
    c4 = v128.load(start, 64); c5 = v128.load(start, 80); c6 = v128.load(start, 96); c7 = v128.load(start, 112);
  }
  let p1 = p0 + panelBytes, p2 = p1 + panelBytes, p3 = p2 + panelBytes;
  const end = a + (<usize>depth << 2);
  do {
    const s = v128.load32_splat(a);
    c0 = madd(s, v128.load(p0), c0); c1 = madd(s, v128.load(p0, 16), c1);
    c2 = madd(s, v128.load(p1), c2); c3 = madd(s, v128.load(p1, 16), c3);
    c4 = madd(s, v128.load(p2), c4); c5 = madd(s, v128.load(p2, 16), c5);
    c6 = madd(s, v128.load(p3), c6); c7 = madd(s, v128.load(p3, 16), c7);
    a += 4; p0 += 32; p1 += 32; p2 += 32; p3 += 32;
  } while (a < end);
  v128.store(c, c0); v128.store(c, c1, 16); v128.store(c, c2, 32); v128.store(c, c3, 48);
  v128.store(c, c4, 64); v128.store(c, c5, 80); v128.store(c, c6, 96); v128.store(c, c7, 112);
}

// Fused multiply-adds need no temporary, so one more row fits the registers.
function tile5(
  depth: i32, a: usize, lda: usize, panel: usize,
  starts: usize, startsStep: usize, across: usize, c: usize, ldc: usize,
): void {
  let c00 = zero(), c01 = zero(), c10 = zero(), c11 = zero(), c20 = zero(), c21 = zero(), c30 = zero(), c31 = zero(), c40 = zero(), c41 = zero();
  if (starts) {
    let start = load<usize>(starts) + across; c00 = v128.load(start); c01 = v128.load(start, 16); starts += startsStep;
    start = load<usize>(starts) + across; c10 = v128.load(start); c11 = v128.load(start, 16); starts += startsStep;
    start = load<usize>(starts) + across; c20 = v128.load(start); c21 = v128.load(start, 16); starts += startsStep;
    start = load<usize>(starts) + across; c30 = v128.load(start); c31 = v128.load(start, 16); starts += startsStep;
    start = load<usize>(starts) + across; c40 = v128.load(start); c41 = v128.load(start, 16);
  }
  let a1 = a + lda, a2 = a1 + lda, a3 = a2 + lda, a4 = a3 + lda;
  const end = a + (<usize>depth << 2);
  do {
    const w0 = v128.load(panel), w1 = v128.load(panel, 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, w0, c00); c01 = madd(s, w1, c01);
    s = v128.load32_splat(a1);
    c10 = madd(s, w0, c10); c11 = madd(s, w1, c11);
    s = v128.load32_splat(a2);
    c20 = madd(s, w0, c20); c21 = madd(s, w1, c21);
    s = v128.load32_splat(a3);
    c30 = madd(s, w0, c30); c31 = madd(s, w1, c31);
    s = v128.load32_splat(a4);
    c40 = madd(s, w0, c40); c41 = madd(s, w1, c41);
    a += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; panel += 32;
  } while (a < end);
  v128.store(c, c00); v128.store(c, c01, 16); c += ldc;
  v128.store(c, c10); v128.store(c, c11, 16); c += ldc;
  v128.store(c, c20); v128.store(c, c21, 16); c += ldc;
  v128.store(c, c30); v128.store(c, c31, 16); c += ldc;
  v128.store(c, c40); v128.store(c, c41, 16);
}

function tile4(
  depth: i32, a: usize, lda: usize, panel: usize,
  starts: usize, startsStep: usize, across: usize, c: usize, ldc: usize,
): void {
  let c00 = zero(), c01 = zero(), c10 = zero(), c11 = zero(), c20 = zero(), c21 = zero(), c30 = zero(), c31 = zero();
  if (starts) {
    let start = load<usize>(starts) + across; c00 = v128.load(start); c01 = v128.load(start, 16); starts += startsStep;
    start = load<usize>(starts) + across; c10 = v128.load(start); c11 = v128.load(start, 16); starts += startsStep;
    start = load<usize>(starts) + across; c20 = v128.load(start); c21 = v128.load(start, 16); starts += startsStep;
    start = load<usize>(starts) + across; c30 = v128.load(start); c31 = v128.load(start, 16);
  }
  let a1 = a + lda, a2 = a1 + lda, a3 = a2 + lda;
  const end = a + (<usize>depth << 2);
  do {
    const w0 = v128.load(panel), w1 = v128.load(panel, 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, w0, c00); c01 = madd(s, w1, c01);
    s = v128.load32_splat(a1);
    c10 = madd(s, w0, c10); c11 = madd(s, w1, c11);
    s = v128.load32_splat(a2);
    c20 = madd(s, w0, c20); c21 = madd(s, w1, c21);
    s = v128.load32_splat(a3);
    c30 = madd(s, w0, c30); c31 = madd(s, w1, c31);
    a += 4; a1 += 4; a2 += 4; a3 += 4; panel += 32;
  } while (a < end);
  v128.store(c, c00); v128.store(c, c01, 16); c += ldc;
  v128.store(c, c10); v128.store(c, c11, 16); c += ldc;
  v128.store(c, c20); v128.store(c, c21, 16); c += ldc;
  v128.store(c, c30); v128.store(c, c31, 16);
}

function row1(depth: i32, a: usize, panel: usize, start: usize, c: usize): void {
  let c0 = zero(), c1 = zero();
  if (start) {
    c0 = v128.load(start); c1 = v128.load(start, 16);
  }
  const end = a + (<usize>depth << 2);
  do {
    const s = v128.load32_splat(a);
    c0 = madd(s, v128.load(panel), c0);
    c1 = madd(s, v128.load(panel, 16), c1);
    a += 4; panel += 32;
  } while (a < end);
  v128.store(c, c0); v128.store(c, c1, 16);
}

// Wider than this, and the rows of a panel lie on a page each: they are copied together
// before they are read over and over.
const WIDEST_IN_PLACE: i32 = 256;

/**
 * panels[columns/8][depth][8] += aᵀ · b, summed over the rows: the gradient of
 * the packed weights. `depth` is a multiple of four; `copy` is scratch for
 * `rows` × 8 floats.
 */
export function accumulateOuter(
  rows: i32, columns: i32, depth: i32,
  a: usize, lda: usize, b: usize, ldb: usize, panels: usize, copy: usize,
): void {
  const inPlace = columns <= WIDEST_IN_PLACE;
  const end = <usize>depth << 2;
  for (let column = 0; column < columns; column += 8) {
    if (!inPlace) copyPanel(rows, b, ldb, copy);
    const from = inPlace ? b : copy, stride = inPlace ? ldb : 32;
    let across: usize = 0;
    if (ASC_FEATURE_RELAXED_SIMD) {
      // In pairs, so that tiles of four can do the rest.
      for (const pairs = end - (end % 48); across < pairs; across += 24) {
        outerTile6(rows, a + across, lda, from, stride, panels);
        panels += 192;
      }
    }
    for (; across < end; across += 16) {
      outerTile4(rows, a + across, lda, from, stride, panels);
      panels += 128;
    }
    b += 32;
  }
}

function copyPanel(rows: i32, from: usize, stride: usize, to: usize): void {
  for (const end = to + (<usize>rows << 5); to < end; to += 32) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
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
