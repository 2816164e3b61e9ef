// Matrix products with a right-hand side packed in panels of eight columns,
// [columns/8][depth][8], so that a panel streams through once for a tile of rows.
// Row strides (lda, ldc) are in bytes.
import { madd } from './simd';
import { widePair, wideTile, zeroStarts } from './wide';

// @ts-ignore: decorator
@inline
function zero(): v128 {
  return f32x4.splat(0);
}

/** Rows of a tile. Fused multiply-adds need no temporary, so two more fit the registers. */
export const TALL: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;

/** Rows this many bytes apart hold up to 32 values; see `nearTile`. */
export const NEAR: usize = 144;

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
  const tiled = rows - (rows % TALL);
  const end = a + <usize>tiled * lda;
  let panel = panels, column = 0;
  if (WIDE) {
    const first = starts ? starts : zeroStarts();
    for (; column + 16 <= columns; column += 16) {
      const across = <usize>column << 2, startAcross = starts ? across : 0;
      let to = c + across, from = first;
      for (let row = a; row < end; row += <usize>TALL * lda) {
        wideTile(depth, row, lda, panel, panelBytes, from, startsStep, startAcross, to, ldc);
        to += <usize>TALL * ldc;
        from += <usize>TALL * startsStep;
      }
      panel += panelBytes << 1;
    }
  }
  for (; column < columns; column += 8) {
    const across = <usize>column << 2;
    let to = c + across, from = starts;
    for (let row = a; row < end; row += <usize>TALL * lda) {
      if (lda == NEAR) nearTile(depth, row, panel, from, startsStep, across, to, ldc);
      else farTile(depth, row, lda, panel, from, startsStep, across, to, ldc);
      to += <usize>TALL * ldc;
      from += <usize>TALL * startsStep;
    }
    panel += panelBytes;
  }
  let row = tiled;
  for (; row + 2 <= rows; row += 2) {
    const from = starts ? starts + <usize>row * startsStep : 0;
    multiplyPair(columns, depth, a + <usize>row * lda, lda, panels, panelBytes, from, startsStep, c + <usize>row * ldc, ldc);
  }
  if (row < rows) {
    const start = starts ? load<usize>(starts + <usize>row * startsStep) : 0;
    multiplyRow(columns, depth, a + <usize>row * lda, panels, panelBytes, start, c + <usize>row * ldc);
  }
}

// Two rows and two panels make as many sums as four rows and one.
function multiplyPair(
  columns: i32, depth: i32, a: usize, lda: usize, panels: usize, panelBytes: usize,
  starts: usize, startsStep: usize, c: usize, ldc: usize,
): void {
  let start0: usize = 0, start1: usize = 0;
  if (starts) {
    start0 = load<usize>(starts); start1 = load<usize>(starts + startsStep);
  }
  let column = 0;
  if (WIDE) {
    const zeros = starts ? 0 : load<usize>(zeroStarts());
    for (; column + 32 <= columns; column += 32) {
      widePair(depth, a, lda, panels, panelBytes, starts ? start0 : zeros, starts ? start1 : zeros, c, ldc);
      panels += panelBytes << 2;
      c += 128;
      start0 += 128; start1 += 128;
    }
    if (!starts) {
      start0 = 0; start1 = 0;
    }
  }
  for (; column + 16 <= columns; column += 16) {
    pair(depth, a, lda, panels, panelBytes, start0, start1, c, ldc);
    panels += panelBytes << 1;
    c += 64;
    if (starts) {
      start0 += 64; start1 += 64;
    }
  }
  if (column < columns) {
    row1(depth, a, panels, start0, c);
    row1(depth, a + lda, panels, start1, c + ldc);
  }
}

function pair(
  depth: i32, a: usize, lda: usize, p0: usize, panelBytes: usize,
  start0: usize, start1: usize, c: usize, ldc: usize,
): void {
  let c00 = zero(), c01 = zero(), c02 = zero(), c03 = zero();
  let c10 = zero(), c11 = zero(), c12 = zero(), c13 = zero();
  if (start0) {
    c00 = v128.load(start0); c01 = v128.load(start0, 16); c02 = v128.load(start0, 32); c03 = v128.load(start0, 48);
    c10 = v128.load(start1); c11 = v128.load(start1, 16); c12 = v128.load(start1, 32); c13 = v128.load(start1, 48);
  }
  let a1 = a + lda, p1 = p0 + panelBytes;
  const end = a + (<usize>depth << 2);
  do {
    const s0 = v128.load32_splat(a), s1 = v128.load32_splat(a1);
    let w = v128.load(p0);
    c00 = madd(s0, w, c00); c10 = madd(s1, w, c10);
    w = v128.load(p0, 16);
    c01 = madd(s0, w, c01); c11 = madd(s1, w, c11);
    w = v128.load(p1);
    c02 = madd(s0, w, c02); c12 = madd(s1, w, c12);
    w = v128.load(p1, 16);
    c03 = madd(s0, w, c03); c13 = madd(s1, w, c13);
    a += 4; a1 += 4; p0 += 32; p1 += 32;
  } while (a < end);
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48); c += ldc;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
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

// With few values to a row, setting a tile up is a part of its cost: rows that lie a constant
// apart need one pointer instead of one each. With many, it makes no difference.
function nearTile(
  depth: i32, a: usize, panel: usize,
  starts: usize, startsStep: usize, across: usize, c: usize, ldc: usize,
): void {
  tile(true, depth, a, NEAR, panel, starts, startsStep, across, c, ldc);
}

function farTile(
  depth: i32, a: usize, lda: usize, panel: usize,
  starts: usize, startsStep: usize, across: usize, c: usize, ldc: usize,
): void {
  tile(false, depth, a, lda, panel, starts, startsStep, across, c, ldc);
}

// @ts-ignore: decorator
@inline
function tile(
  near: bool, depth: i32, a: usize, lda: usize, panel: usize,
  starts: usize, startsStep: usize, across: usize, c: usize, ldc: usize,
): void {
  let c00 = zero(), c01 = zero(), c10 = zero(), c11 = zero(), c20 = zero(), c21 = zero();
  let c30 = zero(), c31 = zero(), c40 = zero(), c41 = zero(), c50 = zero(), c51 = zero();
  if (starts) {
    let start = load<usize>(starts) + across; c00 = v128.load(start); c01 = v128.load(start, 16); starts += startsStep;
    start = load<usize>(starts) + across; c10 = v128.load(start); c11 = v128.load(start, 16); starts += startsStep;
    start = load<usize>(starts) + across; c20 = v128.load(start); c21 = v128.load(start, 16); starts += startsStep;
    start = load<usize>(starts) + across; c30 = v128.load(start); c31 = v128.load(start, 16);
    if (TALL == 6) {
      starts += startsStep;
      start = load<usize>(starts) + across; c40 = v128.load(start); c41 = v128.load(start, 16); starts += startsStep;
      start = load<usize>(starts) + across; c50 = v128.load(start); c51 = v128.load(start, 16);
    }
  }
  let a1 = a + lda, a2 = a1 + lda, a3 = a2 + lda, a4 = a3 + lda, a5 = a4 + lda;
  const end = a + (<usize>depth << 2);
  do {
    const w0 = v128.load(panel), w1 = v128.load(panel, 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, w0, c00); c01 = madd(s, w1, c01);
    s = near ? v128.load32_splat(a, NEAR) : v128.load32_splat(a1);
    c10 = madd(s, w0, c10); c11 = madd(s, w1, c11);
    s = near ? v128.load32_splat(a, 2 * NEAR) : v128.load32_splat(a2);
    c20 = madd(s, w0, c20); c21 = madd(s, w1, c21);
    s = near ? v128.load32_splat(a, 3 * NEAR) : v128.load32_splat(a3);
    c30 = madd(s, w0, c30); c31 = madd(s, w1, c31);
    if (TALL == 6) {
      s = near ? v128.load32_splat(a, 4 * NEAR) : v128.load32_splat(a4);
      c40 = madd(s, w0, c40); c41 = madd(s, w1, c41);
      s = near ? v128.load32_splat(a, 5 * NEAR) : v128.load32_splat(a5);
      c50 = madd(s, w0, c50); c51 = madd(s, w1, c51);
    }
    a += 4; panel += 32;
    if (!near) {
      a1 += 4; a2 += 4; a3 += 4;
      if (TALL == 6) { a4 += 4; a5 += 4; }
    }
  } while (a < end);
  v128.store(c, c00); v128.store(c, c01, 16); c += ldc;
  v128.store(c, c10); v128.store(c, c11, 16); c += ldc;
  v128.store(c, c20); v128.store(c, c21, 16); c += ldc;
  v128.store(c, c30); v128.store(c, c31, 16);
  if (TALL == 6) {
    c += ldc;
    v128.store(c, c40); v128.store(c, c41, 16); c += ldc;
    v128.store(c, c50); v128.store(c, c51, 16);
  }
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
