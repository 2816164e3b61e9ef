// An LSTM fed by an embedding, without a gradient, on what lstm-fold.ts has prepared.
// Each shard has a number of rows under way at once, each on a lane and at a step of its
// own. A row starts where its padding ends; when it is done, the next one takes its lane.
import { activate } from './lstm-step';
import { gateColumns, gateStride } from './lstm-weights';
import { multiply, NEAR } from '../arithmetic/multiply';
import { copyFloats, roundUp4 } from '../arithmetic/simd';

/** Filled in by src/kernels/recurrent/lstm-inference.ts, field by field in this order. */
@unmanaged
class LstmInferenceJob {
  time: i32;
  inputs: i32;
  units: i32;
  goBackwards: i32;
  hardSigmoid: i32;
  bounded: i32; // what lstmBounded says
  rows: i32; // of the batch
  order: usize; // i32 [rows]: which row of the batch, by rising start
  starts: usize; // i32 [rows], in that order: how many leading steps are padding
  first: i32; // place in that order that this shard begins with,
  apart: i32; // then every so many,
  own: i32; // so many of them; the rest are for whoever is free
  next: usize; // i32: the next place that nobody has; shared by the shards
  indices: usize; // i32 [batch, time]
  folded: usize; // [vocabulary, 4·paddedUnits]
  panels: usize; // packed [x | h] weights
  prefixH: usize; // [time + 1, paddedUnits]: the state after so many steps of padding
  prefixC: usize; // [time + 1, paddedUnits]
  h: usize; // scratch [own][hStride]
  c: usize; // scratch [own][paddedUnits]
  z: usize; // scratch [own][gateStride]
  from: usize; // scratch [own]: addresses in `folded`
  lanes: usize; // scratch [own] of Lane
  sequence: usize; // out: [batch, time, units], or 0
  lastH: usize; // out: [batch, units]
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
export function lstmInference(pointer: usize): void {
  const job = changetype<LstmInferenceJob>(pointer);
  const units = job.units, padded = roundUp4(units), columns = gateColumns(units);
  const stateRow = <usize>padded << 2, hRow = hStride(units), zRow = gateStride(units);
  const foldedRow = <usize>columns << 2, paddedInputs = roundUp4(job.inputs);
  const panels = job.panels + (<usize>paddedInputs << 5);
  const panelBytes = <usize>(paddedInputs + padded) << 5;
  const ahead: usize = job.goBackwards ? -4 : 4;

  let active = 0;
  for (let place = job.first; active < job.own; place += job.apart) begin(job, active++, place);
  while (active > 0) {
    let steps = job.time;
    for (let i = 0; i < active; i++) steps = min(steps, job.time - lane(job, i).steps);
    for (let step = 0; step < steps; step++) {
      for (let i = 0; i < active; i++) {
        const at = lane(job, i);
        store<usize>(job.from + (<usize>i << 2), job.folded + load<i32>(at.word) * foldedRow);
        at.word += ahead;
      }
      multiply(active, columns, padded, job.h, hRow, panels, panelBytes, job.from, 4, job.z, zRow);
      let h = job.h, c = job.c, z = job.z;
      for (let i = 0; i < active; i++) {
        activate(units, job.hardSigmoid, job.bounded, z, c, c, h);
        h += hRow; c += stateRow; z += zRow;
      }
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
      finish(job, i);
      const place = atomic.add<i32>(job.next, 1);
      if (place < job.rows) begin(job, i, place);
      else moveLane(job, --active, i);
    }
  }
}

// @ts-ignore: decorator
@inline
function lane(job: LstmInferenceJob, i: i32): Lane {
  return changetype<Lane>(job.lanes + <usize>i * offsetof<Lane>());
}

/** Rows of h lie where `multiply` has the least to do, if they are short enough. */
// @ts-ignore: decorator
@inline
function hStride(units: i32): usize {
  return max<usize>(<usize>roundUp4(units) << 2, NEAR - 16) + 16;
}

/** Puts the row at a place of the order on a lane, behind its padding. */
function begin(job: LstmInferenceJob, i: i32, place: i32): void {
  const at = lane(job, i), stateRow = <usize>roundUp4(job.units) << 2;
  const row = load<i32>(job.order + (<usize>place << 2));
  const start = load<i32>(job.starts + (<usize>place << 2));
  at.row = row;
  at.steps = start;
  at.word = job.indices + (<usize>(row * job.time + (job.goBackwards ? job.time - 1 - start : start)) << 2);
  const prefix = <usize>start * stateRow;
  memory.copy(job.h + <usize>i * hStride(job.units), job.prefixH + prefix, stateRow);
  memory.copy(job.c + <usize>i * stateRow, job.prefixC + prefix, stateRow);
  if (!job.sequence) return;
  for (let step = 0; step < start; step++) {
    writeStep(job, row, step, job.prefixH + <usize>(step + 1) * stateRow);
  }
}

function writeStep(job: LstmInferenceJob, row: i32, step: i32, h: usize): void {
  const out = job.sequence + (<usize>((row * job.time + step) * job.units) << 2);
  copyFloats(out, h, job.units);
}

/** Hands out the last states of the row on a lane. */
function finish(job: LstmInferenceJob, i: i32): void {
  const units = job.units, at = <usize>(lane(job, i).row * units) << 2;
  copyFloats(job.lastH + at, job.h + <usize>i * hStride(units), units);
  copyFloats(job.lastC + at, job.c + <usize>i * (<usize>roundUp4(units) << 2), units);
}

function moveLane(job: LstmInferenceJob, from: i32, to: i32): void {
  if (from == to) return;
  const stateRow = <usize>roundUp4(job.units) << 2, hRow = hStride(job.units);
  memory.copy(changetype<usize>(lane(job, to)), changetype<usize>(lane(job, from)), offsetof<Lane>());
  memory.copy(job.h + <usize>to * hRow, job.h + <usize>from * hRow, stateRow);
  memory.copy(job.c + <usize>to * stateRow, job.c + <usize>from * stateRow, stateRow);
}
