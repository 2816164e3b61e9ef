// A recurrent layer fed by an embedding, without a gradient, on what fold.ts has prepared.
// Each shard has a number of rows under way at once, each on a lane and at a step of its
// own. A row starts where its padding ends; when it is done, the next one takes its lane.
import {
  clearPadding, gateColumns, gateStride, inputColumns, isRecurrent, paddedUnits, panelDepth, recurrentColumns, the,
} from './cell';
import { copyStarts, copyVectors, joinLate } from './forward';
import { multiply, NEAR } from '../arithmetic/multiply';
import { copyFloats, roundUp4 } from '../arithmetic/simd';

/** Filled in by src/kernels/recurrent/inference.ts, field by field in this order. */
@unmanaged
class InferenceJob {
  cell: i32; // its number in cells.ts
  time: i32;
  inputs: i32;
  units: i32;
  goBackwards: i32;
  masked: i32; // whether the steps in front are masked rather than padding: the states stay as they begin
  setting: i32; // of the cell
  bounded: i32; // what recurrentBounded says
  rows: i32; // of the batch
  order: usize; // i32 [rows]: which row of the batch, by rising start
  starts: usize; // i32 [rows], in that order: how many leading steps are padding
  first: i32; // place in that order that this shard begins with,
  apart: i32; // then every so many,
  own: i32; // so many of them; the rest are for whoever is free
  next: usize; // i32: the next place that nobody has; shared by the shards
  indices: usize; // i32 [batch, time]
  folded: usize; // [vocabulary, columns]
  panels: usize; // packed [x | h] weights
  prefixH: usize; // [time + 1, paddedUnits]: the state after so many steps of padding
  prefixC: usize; // [time + 1, paddedUnits]
  h: usize; // scratch [own][hStride]
  c: usize; // scratch [own][paddedUnits]
  z: usize; // scratch [own][gateStride]
  late: usize; // scratch [own][paddedUnits], with a late product
  from: usize; // scratch [own]: addresses in `folded`
  lateStarts: usize; // scratch [own]: addresses, with a late product
  lanes: usize; // scratch [own] of Lane
  sequence: usize; // out: [batch, time, units], or 0
  sequenceStride: i32; // as in job.ts
  reversed: i32;
  lastH: usize; // out: [batch, units]
  lastStride: i32;
  lastC: usize; // out: [batch, units]
}

/** A row under way. */
@unmanaged
class Lane {
  row: i32; // of the batch
  steps: i32; // done
  word: usize; // address of the next index
}

/** Runs one shard over all steps of time: as many rows at once as it has of its own. */
export function inference<C>(pointer: usize): void {
  const job = changetype<InferenceJob>(pointer);
  const units = job.units, stateRow = <usize>paddedUnits<C>(units) << 2, hRow = hStride<C>(units);
  const foldedRow = <usize>gateColumns<C>(units) << 2, within = <usize>inputColumns<C>(units) << 2;
  const paddedInputs = roundUp4(job.inputs), depth = panelDepth<C>(job.inputs, units);
  const panels = job.panels + (<usize>paddedInputs << 5);
  const ahead: usize = job.goBackwards ? -4 : 4;

  let active = 0;
  for (let place = job.first; active < job.own; place += job.apart) begin<C>(job, active++, place);
  while (active > 0) {
    let steps = job.time;
    for (let i = 0; i < active; i++) steps = min(steps, job.time - lane(job, i).steps);
    for (let step = 0; step < steps; step++) {
      for (let i = 0; i < active; i++) {
        const at = lane(job, i);
        store<usize>(job.from + (<usize>i << 2), job.folded + load<i32>(at.word) * foldedRow + within);
        at.word += ahead;
      }
      advance<C>(active, units, job.setting, job.bounded, depth, panels, job.from, job.h, job.h, hRow, job.c, job.c, stateRow, job.z, job.late, job.lateStarts);
      if (job.sequence) {
        for (let i = 0; i < active; i++) {
          writeStep(job, lane(job, i).row, lane(job, i).steps + step, job.h + <usize>i * hRow);
        }
      }
    }
    for (let i = active - 1; i >= 0; i--) {
      const at = lane(job, i);
      at.steps += steps;
      if (at.steps < job.time) continue;
      finish<C>(job, i);
      const place = atomic.add<i32>(job.next, 1);
      if (place < job.rows) begin<C>(job, i, place);
      else moveLane<C>(job, --active, i);
    }
  }
}

/** One step of some rows, from the states h and c to those at hTo and cTo. */
// @ts-ignore: decorator
@inline
function advance<C>(
  rows: i32, units: i32, setting: i32, bounded: i32, depth: i32, panels: usize, starts: usize,
  h: usize, hTo: usize, hRow: usize, c: usize, cTo: usize, cRow: usize, z: usize, late: usize, lateStarts: usize,
): void {
  const cell = the<C>(), padded = paddedUnits<C>(units), zRow = gateStride<C>(units);
  const ofInputs = inputColumns<C>(units), columns = recurrentColumns<C>(units), panelBytes = <usize>depth << 5;
  if (isRecurrent<C>()) {
    const from = panels + <usize>(ofInputs >> 3) * panelBytes;
    multiply(rows, columns, padded, h, hRow, from, panelBytes, starts, 4, z + (<usize>ofInputs << 2), zRow);
  }
  if (cell.inputGates) copyStarts(rows, ofInputs, starts, z, zRow);
  if (cell.vectors) copyVectors<C>(units, rows, starts, 0, z);
  const end = z + <usize>rows * zRow, firstZ = z, firstH = h, firstHTo = hTo, firstLate = late;
  for (; z < end; z += zRow) {
    clearPadding<C>(units, z);
    cell.forward(padded, setting, bounded != 0, z, h, hTo, c, cTo, late);
    h += hRow; hTo += hRow; c += cRow; cTo += cRow; late += <usize>padded << 2;
  }
  if (cell.late) {
    joinLate<C>(units, rows, firstLate, panels, depth, lateStarts, firstZ);
    z = firstZ; h = firstH; hTo = firstHTo;
    for (; z < end; z += zRow) {
      cell.finish(padded, setting, z, h, hTo);
      h += hRow; hTo += hRow;
    }
  }
}

/** Filled in by src/kernels/recurrent/inference.ts, field by field in this order. */
@unmanaged
class PrefixJob {
  cell: i32; // its number in cells.ts
  steps: i32;
  inputs: i32;
  units: i32;
  setting: i32; // of the cell
  folded: usize; // [vocabulary, columns]
  panels: usize; // packed [x | h] weights
  prefixH: usize; // out: [steps + 1, paddedUnits], the first one given
  prefixC: usize; // out: [steps + 1, paddedUnits], the first one given
  z: usize; // scratch [gateStride]
  late: usize; // scratch [paddedUnits]
  starts: usize; // scratch: two addresses
}

/**
 * Writes the states of so many steps of padding (index 0): texts are padded in front with the same
 * index, and the state after n steps of it is the same for all.
 */
export function prefix<C>(pointer: usize): void {
  const job = changetype<PrefixJob>(pointer), units = job.units, paddedInputs = roundUp4(job.inputs);
  const stateRow = <usize>paddedUnits<C>(units) << 2, depth = panelDepth<C>(job.inputs, units);
  const panels = job.panels + (<usize>paddedInputs << 5);
  store<usize>(job.starts, job.folded + (<usize>inputColumns<C>(units) << 2));
  let h = job.prefixH, c = job.prefixC;
  for (let t = 0; t < job.steps; t++) {
    advance<C>(1, units, job.setting, 0, depth, panels, job.starts, h, h + stateRow, 0, c, c + stateRow, 0, job.z, job.late, job.starts + 4);
    h += stateRow;
    c += stateRow;
  }
}

// @ts-ignore: decorator
@inline
function lane(job: InferenceJob, i: i32): Lane {
  return changetype<Lane>(job.lanes + <usize>i * offsetof<Lane>());
}

/** Rows of h lie where `multiply` has the least to do, if they are short enough. */
// @ts-ignore: decorator
@inline
function hStride<C>(units: i32): usize {
  return max<usize>(<usize>paddedUnits<C>(units) << 2, NEAR - 16) + 16;
}

/** Puts the row at a place of the order on a lane, behind its padding. */
function begin<C>(job: InferenceJob, i: i32, place: i32): void {
  const at = lane(job, i), stateRow = <usize>paddedUnits<C>(job.units) << 2;
  const row = load<i32>(job.order + (<usize>place << 2));
  const start = load<i32>(job.starts + (<usize>place << 2));
  at.row = row;
  at.steps = start;
  at.word = job.indices + (<usize>(row * job.time + (job.goBackwards ? job.time - 1 - start : start)) << 2);
  const prefix = job.masked ? 0 : <usize>start * stateRow;
  memory.copy(job.h + <usize>i * hStride<C>(job.units), job.prefixH + prefix, stateRow);
  if (the<C>().states == 2) memory.copy(job.c + <usize>i * stateRow, job.prefixC + prefix, stateRow);
  if (!job.sequence) return;
  for (let step = 0; step < start; step++) {
    writeStep(job, row, step, job.prefixH + <usize>(step + 1) * stateRow);
  }
}

function writeStep(job: InferenceJob, row: i32, step: i32, h: usize): void {
  const place = job.reversed ? job.time - 1 - step : step;
  const out = job.sequence + (<usize>((row * job.time + place) * job.sequenceStride) << 2);
  copyFloats(out, h, job.units);
}

/** Hands out the last states of the row on a lane. */
function finish<C>(job: InferenceJob, i: i32): void {
  const units = job.units, at = <usize>(lane(job, i).row * units) << 2;
  copyFloats(job.lastH + (<usize>(lane(job, i).row * job.lastStride) << 2), job.h + <usize>i * hStride<C>(units), units);
  if (the<C>().states == 2) copyFloats(job.lastC + at, job.c + <usize>i * (<usize>paddedUnits<C>(units) << 2), units);
}

function moveLane<C>(job: InferenceJob, from: i32, to: i32): void {
  if (from == to) return;
  const stateRow = <usize>paddedUnits<C>(job.units) << 2, hRow = hStride<C>(job.units);
  memory.copy(changetype<usize>(lane(job, to)), changetype<usize>(lane(job, from)), offsetof<Lane>());
  memory.copy(job.h + <usize>to * hRow, job.h + <usize>from * hRow, stateRow);
  if (the<C>().states == 2) memory.copy(job.c + <usize>to * stateRow, job.c + <usize>from * stateRow, stateRow);
}
