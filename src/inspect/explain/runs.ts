/** Texts that are run instead of the one that is explained: shorter ones, or with words taken out. */
import { tf } from '../../foundation/tensorflow.js';
import type { ExplainedModel } from './explained-model.js';

const AT_ONCE = 100;

/**
 * Logits of rows of indices, a hundred at a time.
 *
 * @param rows How many there are.
 * @param write Writes the indices of a row.
 * @returns The logits of each row.
 */
export function logitsOfRows(
  model: ExplainedModel,
  rows: number,
  time: number,
  write: (row: number, indices: Int32Array) => void,
): Float32Array[] {
  const found: Float32Array[] = [];
  for (let first = 0; first < rows; first += AT_ONCE) {
    const count = Math.min(AT_ONCE, rows - first);
    const values = new Int32Array(count * time);
    for (let row = 0; row < count; row++) {
      write(first + row, values.subarray(row * time, (row + 1) * time));
    }
    const output = tf.tidy(() =>
      model.logitsOfIndices(tf.tensor2d(values, [count, time], 'int32')),
    );
    const logits = output.dataSync() as Float32Array;
    for (let row = 0; row < count; row++) {
      found.push(logits.slice(row * model.classes, (row + 1) * model.classes));
    }
    output.dispose();
  }
  return found;
}

/** Whether a text stands at the beginning of its steps, and padding behind it. */
export function isPaddedBehind(steps: readonly number[], time: number): boolean {
  return steps[0] === 0 && steps.at(-1)! < time - 1;
}
