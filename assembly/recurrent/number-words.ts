// The different words among many, in the order in which they first come.

/**
 * Numbers the words of `indices` by their first appearance.
 *
 * @param numbers Scratch, i32 [vocabulary].
 * @param words Out: i32 [count], the number of each.
 * @param rows Out: i32 [as many as there are], the index that each number stands for.
 * @returns How many different ones there are.
 */
export function numberWords(
  count: i32, vocabulary: i32, indices: usize, numbers: usize, words: usize, rows: usize,
): i32 {
  memory.fill(numbers, 0, <usize>vocabulary << 2); // a number and 1, or 0 for none yet
  let different = 0;
  for (const end = indices + (<usize>count << 2); indices < end; indices += 4) {
    const index = load<i32>(indices), at = numbers + (<usize>index << 2);
    if (!load<i32>(at)) {
      store<i32>(rows + (<usize>different << 2), index);
      store<i32>(at, ++different);
    }
    store<i32>(words, load<i32>(at) - 1);
    words += 4;
  }
  return different;
}

/** to[count, width] = the rows of a table, times `scale`. */
export function scaledRows(
  count: i32, width: i32, rows: usize, table: usize, scale: f32, to: usize,
): void {
  const scales = f32x4.splat(scale), bytes = <usize>width << 2, vectors = bytes & ~15;
  for (let i = 0; i < count; i++) {
    const from = table + <usize>load<i32>(rows + (<usize>i << 2)) * bytes;
    let across: usize = 0;
    for (; across < vectors; across += 16) {
      v128.store(to + across, f32x4.mul(v128.load(from + across), scales));
    }
    for (; across < bytes; across += 4) store<f32>(to + across, load<f32>(from + across) * scale);
    to += bytes;
  }
}
