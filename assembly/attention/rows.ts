// What both kernels of attention do with the small matrices of a sample.
import { multiply } from '../arithmetic/multiply';
import { copyRows, pack, roundUp8 } from '../arithmetic/panels';

/** aᵀ: [columns × rows] from [rows × columns]. */
export function transpose(rows: i32, columns: i32, a: usize, to: usize): void {
  const step = <usize>rows << 2;
  for (let row = 0; row < rows; row++) {
    let at = to + (<usize>row << 2);
    for (const end = a + (<usize>columns << 2); a < end; a += 4) {
      store<f32>(at, load<f32>(a));
      at += step;
    }
  }
}

/**
 * a[rows × depth] · b[depth × columns]: in `out`, where whole panels of columns fit, else in `wide`
 * with rows of columns rounded up to 8. Returns where.
 */
export function product(
  rows: i32, columns: i32, depth: i32, a: usize, b: usize, panels: usize, wide: usize, out: usize,
): usize {
  const padded = roundUp8(columns), to = padded == columns ? out : wide;
  pack(depth, columns, b, panels);
  multiply(rows, padded, depth, a, <usize>depth << 2, panels, <usize>depth << 5, 0, 0, to, <usize>padded << 2);
  return to;
}

/** Puts a product where it belongs. */
export function settle(rows: i32, columns: i32, from: usize, out: usize): void {
  if (from != out) copyRows(rows, out, <usize>columns << 2, from, <usize>roundUp8(columns) << 2, columns);
}
