// In which order the rows of a batch are taken: the longest texts first, so that no thread is left
// with one at the end.

/**
 * Writes the rows by how many steps they skip in front, the fewest first, and how many these are.
 * Without a mask that is padding: leading steps of index 0, in the order in which the layer reads.
 * With one, it is every masked step: a row keeps its state there, so that what is left of it is
 * written to `kept`, in that order, behind as many places as were masked.
 *
 * @param mask u8 [rows, time], or 0.
 * @param kept Out with a mask: i32 [rows, time].
 * @param ends Scratch, i32 [time + 1].
 * @returns The largest number of leading steps.
 */
export function recurrentOrder(
  rows: i32, time: i32, goBackwards: i32, indices: usize, mask: usize, kept: usize, order: usize, starts: usize,
  ends: usize,
): i32 {
  const ahead: usize = goBackwards ? -4 : 4;
  memory.fill(ends, 0, <usize>(time + 1) << 2);
  for (let row = 0; row < rows; row++) {
    const first = row * time + (goBackwards ? time - 1 : 0);
    let padding = 0;
    if (mask) padding = keepUnmasked(time, first, goBackwards ? -1 : 1, indices, mask, kept + (<usize>(row * time) << 2));
    else for (let word = indices + (<usize>first << 2); padding < time && !load<i32>(word); padding++) word += ahead;
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

/** Writes the unmasked words of a row behind each other, the last one last; how many were masked. */
function keepUnmasked(time: i32, first: i32, ahead: i32, indices: usize, mask: usize, kept: usize): i32 {
  let masked = time;
  for (let step = 0, at = first; step < time; step++, at += ahead) masked -= i32(load<u8>(mask + at) != 0);
  let to = kept + (<usize>masked << 2);
  for (let step = 0, at = first; step < time; step++, at += ahead) {
    if (!load<u8>(mask + at)) continue;
    store<i32>(to, load<i32>(indices + (<usize>at << 2)));
    to += 4;
  }
  return masked;
}
