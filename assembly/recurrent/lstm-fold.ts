// What an LSTM fed by an embedding can have computed before it sees a text. x·W + b takes one
// value a word, so it is computed once a word ("folded") and each step only adds h·U to a row of
// that table. Texts are padded in front with the same index, and the state after n steps of
// padding is the same for all. Both keep the order of additions of lstmForward, so the results
// are equal to the bit.
import { CLAMP } from '../arithmetic/activations';
import { activate } from './lstm-step';
import { gateColumns } from './lstm-weights';
import { multiply } from '../arithmetic/multiply';
import { roundUp4 } from '../arithmetic/simd';
import { scaledRows } from './words';

/** Rows that are folded together. */
const FOLD_ROWS: i32 = 64;

/** Filled in by src/kernels/recurrent/lstm-fold.ts, field by field in this order. */
@unmanaged
class LstmFoldJob {
  first: i32; // of the words of the shard
  count: i32; // of the shard
  inputs: i32;
  units: i32;
  table: usize; // [words, inputs]; out, with a source
  panels: usize; // packed [x | h] weights
  bias: usize; // packed, [4·paddedUnits]
  folded: usize; // out: [words, 4·paddedUnits]
  source: usize; // [rows, inputs], of which `table` is made; or 0
  rows: usize; // i32 [words]: the row of the source that a word has, with a source
  scale: f32; // times which
}

/** folded = table·W + b, packed and scaled. */
export function lstmFold(pointer: usize): void {
  const job = changetype<LstmFoldJob>(pointer);
  const inputs = job.inputs, columns = gateColumns(job.units);
  const panelBytes = <usize>(roundUp4(inputs) + roundUp4(job.units)) << 5;
  const fromRow = <usize>inputs << 2, toRow = <usize>columns << 2;
  const bias = pointer + offsetof<LstmFoldJob>('bias'); // all rows start from it
  for (let word = job.first, end = word + job.count; word < end; word += FOLD_ROWS) {
    const from = job.table + <usize>word * fromRow, to = job.folded + <usize>word * toRow;
    const words = min(FOLD_ROWS, end - word);
    if (job.source) scaledRows(words, inputs, job.rows + (<usize>word << 2), job.source, job.scale, from);
    multiply(words, columns, inputs, from, fromRow, job.panels, panelBytes, bias, 0, to, toRow);
  }
}

/**
 * Whether no weighted sum of a gate can leave CLAMP, whatever the words: the largest of a column
 * of `folded`, and h, which lies between -1 and 1, times its recurrent weights.
 *
 * @param largest Scratch [4·paddedUnits].
 */
export function lstmBounded(
  vocabulary: i32, inputs: i32, units: i32, folded: usize, panels: usize, largest: usize,
): i32 {
  const columns = gateColumns(units), row = <usize>columns << 2;
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
  const paddedInputs = roundUp4(inputs), depth = paddedInputs + roundUp4(units);
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

/**
 * Writes the states of `time` further steps of padding (index 0) behind the first one.
 *
 * @param z Scratch, a row of gates.
 */
export function lstmPrefix(
  time: i32, inputs: i32, units: i32, hardSigmoid: i32,
  folded: usize, panels: usize, prefixH: usize, prefixC: usize, z: usize,
): void {
  const padded = roundUp4(units), columns = gateColumns(units);
  const stateRow = <usize>padded << 2, paddedInputs = roundUp4(inputs);
  const panelBytes = <usize>(paddedInputs + padded) << 5;
  // The address of the row that all start from, in scratch: every thread that starts sets the
  // binary's own data anew, in the memory of all.
  const start = z + (<usize>columns << 2);
  store<usize>(start, folded);
  for (let t = 0; t < time; t++) {
    multiply(1, columns, padded, prefixH, 0, panels + (<usize>paddedInputs << 5), panelBytes, start, 0, z, 0);
    const next = prefixC + stateRow;
    activate(units, hardSigmoid, 0, z, prefixC, next, prefixH + stateRow);
    prefixH += stateRow;
    prefixC = next;
  }
}
