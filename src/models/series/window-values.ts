/** The numbers that a model reads. Without TensorFlow.js. */
import type { Origin } from './windows.js';

/**
 * The windows before the given origins.
 *
 * @param scaledSeries [time · columns] each.
 * @param width How many columns there are.
 * @param relative The columns whose values are counted from the last of the window.
 * @returns [origins, window, columns]
 */
export function windowValues(
  scaledSeries: readonly Float64Array[],
  origins: readonly Origin[],
  window: number,
  width: number,
  relative: readonly number[],
): Float32Array {
  const size = window * width;
  const values = new Float32Array(origins.length * size);
  origins.forEach(({ series, time }, row) => {
    const from = (time - window) * width;
    const read = scaledSeries[series]!.slice(from, from + size);
    for (const column of relative) {
      const last = read[size - width + column]!;
      for (let i = column; i < size; i += width) read[i]! -= last;
    }
    values.set(read, row * size);
  });
  return values;
}
