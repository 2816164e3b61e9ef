// Rows of a table by index, and the gradient of that.
import { addFloats, copyFloats } from './simd';

/**
 * out[count × width] = table[indices]. Returns the position of the first index
 * that is not a row of the table, or -1.
 */
export function embeddingGather(
  count: i32, rows: i32, width: i32, indices: usize, table: usize, out: usize,
): i32 {
  const bytes = <usize>width << 2;
  for (let i = 0; i < count; i++) {
    const index = load<i32>(indices);
    if (<u32>index >= <u32>rows) return i;
    copyFloats(out, table + <usize>index * bytes, width);
    indices += 4;
    out += bytes;
  }
  return -1;
}

/** dTable[rows × width] = for each row, the sum of the gradients of its occurrences. */
export function embeddingScatterAdd(
  count: i32, rows: i32, width: i32, indices: usize, gradient: usize, dTable: usize,
): void {
  const bytes = <usize>width << 2;
  memory.fill(dTable, 0, <usize>rows * bytes);
  for (let i = 0; i < count; i++) {
    addFloats(dTable + <usize>load<i32>(indices) * bytes, gradient, width);
    indices += 4;
    gradient += bytes;
  }
}
