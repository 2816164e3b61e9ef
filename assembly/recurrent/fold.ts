// What a recurrent layer fed by an embedding can have computed before it sees a text: x·W + b takes
// one value a word, so it is computed once a word ("folded") and each step only adds h·U to a row of
// that table. That keeps the order of additions of forward.ts, so the results are equal to the bit.
import { CLAMP } from '../arithmetic/activations';
import { multiply } from '../arithmetic/multiply';
import { copyFloats } from '../arithmetic/simd';
import { scaledRows } from './number-words';

/** Rows that are folded together. */
const FOLD_ROWS: i32 = 64;

/** Filled in by src/kernels/recurrent/fold.ts, field by field in this order. */
@unmanaged
class FoldJob {
  first: i32; // of the words of the shard
  count: i32; // of the shard
  inputs: i32;
  columns: i32; // of all gates
  inputColumns: i32; // of those that weigh the inputs, which come first
  table: usize; // [words, inputs]; out, with a source
  panels: usize; // packed [x | h] weights
  panelBytes: i32;
  bias: usize; // packed, [columns]
  folded: usize; // out: [words, columns]
  source: usize; // [rows, inputs], of which `table` is made; or 0
  rows: usize; // i32 [words]: the row of the source that a word has, with a source
  scale: f32; // times which
}

/** folded = table·W + b, packed and scaled; b alone for the gates of the state. */
export function recurrentFold(pointer: usize): void {
  const job = changetype<FoldJob>(pointer);
  const inputs = job.inputs, weighed = job.inputColumns, ofState = job.columns - weighed;
  const fromRow = <usize>inputs << 2, toRow = <usize>job.columns << 2;
  const bias = pointer + offsetof<FoldJob>('bias'); // all rows start from it
  for (let word = job.first, end = word + job.count; word < end; word += FOLD_ROWS) {
    const from = job.table + <usize>word * fromRow, to = job.folded + <usize>word * toRow;
    const words = min(FOLD_ROWS, end - word);
    if (job.source) scaledRows(words, inputs, job.rows + (<usize>word << 2), job.source, job.scale, from);
    multiply(words, weighed, inputs, from, fromRow, job.panels, job.panelBytes, bias, 0, to, toRow);
    for (let row: usize = 0; ofState && row < <usize>words; row++) {
      const across = <usize>weighed << 2;
      copyFloats(to + row * toRow + across, job.bias + across, ofState);
    }
  }
}

/**
 * Whether no sum of a joint gate can leave CLAMP, whatever the words: the largest of a column
 * of `folded`, and h, which lies between -1 and 1, times its recurrent weights.
 *
 * @param paddedInputs Rows of the panels before those of h, of `depth` in all.
 * @param largest Scratch [columns].
 */
export function recurrentBounded(
  vocabulary: i32, columns: i32, paddedInputs: i32, depth: i32, folded: usize, panels: usize, largest: usize,
): i32 {
  const row = <usize>columns << 2;
  memory.fill(largest, 0, row);
  for (let first = 0; first < vocabulary; first += FOLD_ROWS) {
    const from = folded + <usize>first * row, end = from + <usize>min(FOLD_ROWS, vocabulary - first) * row;
    for (let across: usize = 0; across < row; across += 32) {
      let a = v128.load(largest + across), b = v128.load(largest + across, 16);
      for (let at = from + across; at < end; at += row) {
        a = f32x4.max(a, f32x4.abs(v128.load(at)));
        b = f32x4.max(b, f32x4.abs(v128.load(at, 16)));
      }
      v128.store(largest + across, a);
      v128.store(largest + across, b, 16);
    }
  }
  for (let column = 0; column < columns; column += 8) {
    let a = v128.load(largest), b = v128.load(largest, 16);
    const panel = panels + (<usize>(column * depth) << 2);
    for (let k = paddedInputs; k < depth; k++) {
      a = f32x4.add(a, f32x4.abs(v128.load(panel + (<usize>k << 5))));
      b = f32x4.add(b, f32x4.abs(v128.load(panel + (<usize>k << 5), 16)));
    }
    // The margin is for rounding; a NaN is never less.
    if (!v128.all_true<i32>(f32x4.lt(f32x4.max(a, b), f32x4.splat(CLAMP - 1)))) return 0;
    largest += 32;
  }
  return 1;
}
