/** Products as the cpu backend of TensorFlow.js sums them up, to the bit. */

/** So many products are summed up in 64 bits before the sum is rounded to 32. */
export const BLOCK = 48;

/**
 * a·b
 *
 * @param a [rows, inner]
 * @param b [inner, width], of which the columns `from` to below `to` count.
 * @returns [rows, to - from]
 */
export function matrixProduct(
  a: Float32Array,
  inner: number,
  b: Float32Array,
  width: number,
  from = 0,
  to = width,
): Float32Array {
  const columns = to - from;
  const rows = a.length / inner;
  const product = new Float32Array(rows * columns);
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let first = 0; first < inner; first += BLOCK) {
      const end = Math.min(first + BLOCK, inner);
      sums.fill(0);
      for (let k = first; k < end; k++) {
        const value = a[row * inner + k]!;
        const at = k * width + from;
        for (let j = 0; j < columns; j++) sums[j]! += value * b[at + j]!;
      }
      for (let j = 0; j < columns; j++) product[row * columns + j]! += sums[j]!;
    }
  }
  return product;
}
