// In which order the rows of a batch are taken: the longest texts first, so that no thread is left
// with one at the end.

/**
 * Writes the rows by how many leading steps are padding (index 0, in the order in which the layer
 * reads), the fewest first, and how many these are.
 *
 * @param ends Scratch, i32 [time + 1].
 * @returns The largest number of leading steps.
 */
export function recurrentOrder(
  rows: i32, time: i32, goBackwards: i32, indices: usize, order: usize, starts: usize, ends: usize,
): i32 {
  const ahead: usize = goBackwards ? -4 : 4;
  memory.fill(ends, 0, <usize>(time + 1) << 2);
  for (let row = 0; row < rows; row++) {
    let word = indices + (<usize>(row * time + (goBackwards ? time - 1 : 0)) << 2), padding = 0;
    for (; padding < time && !load<i32>(word); padding++) word += ahead;
    const count = ends + (<usize>padding << 2);
    store<i32>(count, load<i32>(count) + 1);
    store<i32>(starts + (<usize>row << 2), padding); // in the order of the batch, for now
  }
  let most = 0;
  for (let padding = 0, end = 0; padding <= time; padding++) {
    const at = ends + (<usize>padding << 2);
    if (load<i32>(at)) most = padding;
    end += load<i32>(at);
    store<i32>(at, end);
  }
  for (let row = rows - 1; row >= 0; row--) {
    const end = ends + (<usize>load<i32>(starts + (<usize>row << 2)) << 2);
    const place = load<i32>(end) - 1;
    store<i32>(end, place);
    store<i32>(order + (<usize>place << 2), row);
  }
  for (let padding = 0; padding <= time; padding++) {
    const begin = load<i32>(ends + (<usize>padding << 2));
    const end = padding < time ? load<i32>(ends + (<usize>(padding + 1) << 2)) : rows;
    for (let place = begin; place < end; place++) store<i32>(starts + (<usize>place << 2), padding);
  }
  return most;
}
