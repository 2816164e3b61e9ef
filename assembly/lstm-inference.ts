// An LSTM fed by an embedding, without a gradient. x·W + b takes one value a word,
// so it is computed once a word ("folded") and each step only adds h·U to a row of
// that table. Texts are padded in front with the same index, and the state after n
// steps of padding is the same for all: a row starts where its padding ends, from a
// state computed once. Both keep the order of additions of lstmForward, so the
// results are equal to the bit.
import { activate } from './lstm-step';
import { gateColumns, gateStride } from './lstm-weights';
import { multiply } from './multiply';
import { copyFloats, roundUp4 } from './simd';

/** Filled in by src/kernels/lstm-inference.ts, field by field in this order. */
@unmanaged
class LstmInferenceJob {
  time: i32;
  inputs: i32;
  units: i32;
  rows: i32; // of the shard
  goBackwards: i32;
  hardSigmoid: i32;
  order: usize; // i32 [rows]: which row of the batch, by rising start
  starts: usize; // i32 [rows]: how many leading steps are padding
  indices: usize; // i32 [batch, time]
  folded: usize; // [vocabulary, 4·paddedUnits]
  panels: usize; // packed [x | h] weights
  prefixH: usize; // [time + 1, paddedUnits]: the state after so many steps of padding
  prefixC: usize; // [time + 1, paddedUnits]
  h: usize; // scratch [rows][paddedUnits]
  c: usize; // scratch [rows][paddedUnits]
  z: usize; // scratch [rows][gateStride]
  from: usize; // scratch [rows]: addresses in `folded`
  sequence: usize; // out: [batch, time, units], or 0
  lastH: usize; // out: [batch, units]
  lastC: usize; // out: [batch, units]
}

const FOLD_ROWS: i32 = 64;

// While the recurrent weights stay in the first-level cache, the sums of so many rows do too.
const BLOCK_ROWS: i32 = 20;
const SMALL_PANELS: usize = 24576; // bytes

// Where all rows start from the same one: its address. For the calling thread only.
const START = memory.data(4, 4);

/** folded[vocabulary × 4·paddedUnits] = table[vocabulary × inputs]·W + b, packed and scaled. */
export function lstmFold(
  vocabulary: i32, inputs: i32, units: i32, table: usize, panels: usize, bias: usize, folded: usize,
): void {
  const columns = gateColumns(units);
  const panelBytes = <usize>(roundUp4(inputs) + roundUp4(units)) << 5;
  const fromRow = <usize>inputs << 2, toRow = <usize>columns << 2;
  store<usize>(START, bias);
  for (let row = 0; row < vocabulary; row += FOLD_ROWS) {
    const rows = min(FOLD_ROWS, vocabulary - row);
    const from = table + <usize>row * fromRow;
    multiply(rows, columns, inputs, from, fromRow, panels, panelBytes, START, 0, folded + <usize>row * toRow, toRow);
  }
}

/** Writes the states of `time` further steps of padding (index 0) behind the first one. */
export function lstmPrefix(
  time: i32, inputs: i32, units: i32, hardSigmoid: i32,
  folded: usize, panels: usize, prefixH: usize, prefixC: usize, z: usize,
): void {
  const padded = roundUp4(units), columns = gateColumns(units);
  const stateRow = <usize>padded << 2, paddedInputs = roundUp4(inputs);
  const panelBytes = <usize>(paddedInputs + padded) << 5;
  store<usize>(START, folded);
  for (let t = 0; t < time; t++) {
    multiply(1, columns, padded, prefixH, 0, panels + (<usize>paddedInputs << 5), panelBytes, START, 0, z, 0);
    const next = prefixC + stateRow;
    activate(units, hardSigmoid, z, prefixC, next, prefixH + stateRow);
    prefixH += stateRow;
    prefixC = next;
  }
}

/** Runs one shard over all steps of time. */
export function lstmInference(pointer: usize): void {
  const job = changetype<LstmInferenceJob>(pointer);
  const time = job.time, units = job.units, rows = job.rows;
  const padded = roundUp4(units), columns = gateColumns(units);
  const stateRow = <usize>padded << 2, zRow = gateStride(units), foldedRow = <usize>columns << 2;
  const unitBytes = <usize>units << 2, paddedInputs = roundUp4(job.inputs);
  const panels = job.panels + (<usize>paddedInputs << 5);
  const panelBytes = <usize>(paddedInputs + padded) << 5;
  const z = job.z, h = job.h, c = job.c;
  const blockRows = <usize>(columns * padded) << 2 <= SMALL_PANELS ? BLOCK_ROWS : rows;

  let active = 0;
  for (let t = 0; t <= time; t++) {
    while (active < rows && load<i32>(job.starts + (<usize>active << 2)) == t) {
      memory.copy(h + <usize>active * stateRow, job.prefixH + <usize>t * stateRow, stateRow);
      memory.copy(c + <usize>active * stateRow, job.prefixC + <usize>t * stateRow, stateRow);
      active++;
    }
    if (t == time) break;

    const at = <usize>(job.goBackwards ? time - 1 - t : t);
    for (let block = 0; block < active; block += blockRows) {
      const count = min(blockRows, active - block);
      for (let row = 0; row < count; row++) {
        const source = <usize>load<i32>(job.order + (<usize>(block + row) << 2));
        const index = <usize>load<i32>(job.indices + ((source * <usize>time + at) << 2));
        store<usize>(job.from + (<usize>row << 2), job.folded + index * foldedRow);
      }
      let hRow = h + <usize>block * stateRow, cRow = c + <usize>block * stateRow, zFrom = z;
      multiply(count, columns, padded, hRow, stateRow, panels, panelBytes, job.from, 4, z, zRow);
      for (let row = 0; row < count; row++) {
        activate(units, job.hardSigmoid, zFrom, cRow, cRow, hRow);
        hRow += stateRow; cRow += stateRow; zFrom += zRow;
      }
    }

    if (job.sequence) {
      for (let row: usize = 0; row < <usize>rows; row++) {
        const source = <usize>load<i32>(job.order + (row << 2));
        const out = job.sequence + (source * <usize>time + <usize>t) * unitBytes;
        const padding = job.prefixH + <usize>(t + 1) * stateRow;
        copyFloats(out, row < <usize>active ? h + row * stateRow : padding, units);
      }
    }
  }

  for (let row: usize = 0; row < <usize>rows; row++) {
    const source = <usize>load<i32>(job.order + (row << 2));
    copyFloats(job.lastH + source * unitBytes, h + row * stateRow, units);
    copyFloats(job.lastC + source * unitBytes, c + row * stateRow, units);
  }
}
