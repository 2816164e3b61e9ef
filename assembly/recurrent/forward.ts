// A recurrent layer over a whole sequence, for the rows of one shard of the batch; backward.ts goes
// the way back. What a cell is: cell.ts. The layout: job.ts.
import {
  clearPadding, gateStride, inputColumns, isRecurrent, jointColumns, paddedUnits, panelDepth, recurrentColumns,
  stateColumns, the, vectorColumns, xhStride,
} from './cell';
import { isZeroed, placeInSequence, placeInTime, RecurrentJob, statesAt, STEPS_TOGETHER } from './job';
import { RecurrentWords, startFromWords, subtractDropped } from './words';
import { multiply, TALL } from '../arithmetic/multiply';
import { copyFloats, multiplyFloats, roundUp4 } from '../arithmetic/simd';

// Weights of up to so many bytes are read again for every tile of rows where sums start from rows of
// words, since those of all rows would not stay in the nearest cache from one panel to the next.
const NEAREST_CACHE: i32 = 32_768;

/** Runs one shard over all steps of time. */
export function forward<C>(pointer: usize): void {
  const cell = the<C>(), job = changetype<RecurrentJob>(pointer);
  const time = job.time, inputs = job.inputs, units = job.units, rows = job.rows;
  const padded = paddedUnits<C>(units), stateRow = <usize>padded << 2;
  const xhRow = xhStride<C>(inputs, units), zRow = gateStride<C>(units);
  const hOffset = <usize>roundUp4(inputs) << 2;
  const hRow = job.h ? stateRow : xhRow, hStep = job.h ? job.hStepBytes : job.xhStepBytes;
  const words = changetype<RecurrentWords>(job.words);
  const someDropped = job.words && words.dropped && !words.corrected;

  begin<C>(job);
  const steps = job.xhStepBytes ? STEPS_TOGETHER : 1;
  const weightBytes = panelDepth<C>(inputs, units) * recurrentColumns<C>(units) << 2;
  const together = job.words && weightBytes <= NEAREST_CACHE ? TALL : rows;
  for (let t = 0; t < time; t++) {
    const xh = job.xh + <usize>t * job.xhStepBytes, xhNext = xh + job.xhStepBytes;
    const z = job.gates + <usize>t * job.gatesStepBytes, late = job.late + <usize>t * job.lateStepBytes;
    const c = job.c + <usize>t * job.cStepBytes, cNext = c + job.cStepBytes;
    const states = statesAt(job, t, xh, hOffset), next = states + hStep;

    const slot = t % steps;
    if (job.words) startFromWords(words, t, <usize>inputColumns<C>(units) << 2);
    else if (slot == 0) copyInputs(job, xhRow, t, min(time, t + steps));

    const mask = job.mask ? job.mask + <usize>(job.firstRow * time + placeInTime(job, t)) : 0;
    for (let first = 0; first < rows; first += together) {
      const end = min(rows, first + together);
      weigh<C>(job, first, end, xh, z);
      for (let i = first; i < end; i++) {
        const row = <usize>i, h = xh + row * xhRow + hOffset, hTo = next + row * hRow;
        const cFrom = c + row * stateRow, cTo = cNext + row * stateRow;
        if (mask && !load<u8>(mask + row * <usize>time)) {
          if (next != states) memory.copy(hTo, states + row * hRow, stateRow);
          if (cell.states == 2 && cTo != cFrom) memory.copy(cTo, cFrom, stateRow);
          if (cell.late) memory.fill(late + row * stateRow, 0, stateRow);
        } else {
          if (someDropped) subtractDropped(words, i, t, z + row * zRow);
          clearPadding<C>(units, z + row * zRow);
          cell.forward(padded, job.setting, false, z + row * zRow, h, hTo, cFrom, cTo, late + row * stateRow);
        }
      }
      if (cell.late) {
        joinLate<C>(units, end - first, late + <usize>first * stateRow, latePanels<C>(job), panelDepth<C>(inputs, units), job.lateStarts, z + <usize>first * zRow);
        for (let row = <usize>first; row < <usize>end; row++) {
          if (mask && !load<u8>(mask + row * <usize>time)) continue;
          cell.finish(padded, job.setting, z + row * zRow, xh + row * xhRow + hOffset, next + row * hRow);
        }
      }
    }
    if (job.h) dropStates<C>(job, next, xhNext + hOffset);

    if (job.sequence && (slot == steps - 1 || t == time - 1)) copySequence(job, hRow, t - slot, t + 1);
  }
  end<C>(job);
}

/** The states that a shard begins with. */
function begin<C>(job: RecurrentJob): void {
  const units = job.units, unitBytes = <usize>units << 2, first = <usize>job.firstRow;
  const xhRow = xhStride<C>(job.inputs, units), stateRow = <usize>paddedUnits<C>(units) << 2;
  const hOffset = <usize>roundUp4(job.inputs) << 2;
  const states = statesAt(job, 0, job.xh, hOffset), hRow = job.h ? stateRow : xhRow;
  memory.fill(job.xh, 0, <usize>job.rows * xhRow);
  if (job.h) memory.fill(job.h, 0, <usize>job.rows * stateRow);
  if (the<C>().states == 2) memory.fill(job.c, 0, <usize>job.rows * stateRow);
  for (let row: usize = 0; row < <usize>job.rows; row++) {
    const at = (first + row) * unitBytes;
    if (job.initialH) copyFloats(states + row * hRow, job.initialH + at, units);
    if (the<C>().states == 2 && job.initialC) copyFloats(job.c + row * stateRow, job.initialC + at, units);
  }
  if (job.h) dropStates<C>(job, states, job.xh + hOffset);
}

/** What is left of the states of a step, into [x | h]. */
function dropStates<C>(job: RecurrentJob, states: usize, to: usize): void {
  const padded = paddedUnits<C>(job.units), stateRow = <usize>padded << 2, xhRow = xhStride<C>(job.inputs, job.units);
  let mask = job.stateMask + <usize>job.firstRow * stateRow;
  for (const end = states + <usize>job.rows * stateRow; states < end; states += stateRow) {
    multiplyFloats(to, states, mask, padded);
    mask += stateRow; to += xhRow;
  }
}

/** The states that it ends with. */
function end<C>(job: RecurrentJob): void {
  const units = job.units, unitBytes = <usize>units << 2, first = <usize>job.firstRow;
  const stateRow = <usize>paddedUnits<C>(units) << 2, hRow = job.h ? stateRow : xhStride<C>(job.inputs, units);
  const h = statesAt(job, job.time, job.xh + <usize>job.time * job.xhStepBytes, <usize>roundUp4(job.inputs) << 2);
  const c = job.c + <usize>job.time * job.cStepBytes;
  for (let row: usize = 0; row < <usize>job.rows; row++) {
    const at = (first + row) * unitBytes;
    copyFloats(job.lastH + ((first + row) * <usize>job.lastStride << 2), h + row * hRow, units);
    if (the<C>().states == 2) copyFloats(job.lastC + at, c + row * stateRow, units);
  }
}

/** The sums of the rows from `first` to before `end` in one step. */
// @ts-ignore: decorator
@inline
function weigh<C>(job: RecurrentJob, first: i32, end: i32, xh: usize, z: usize): void {
  const units = job.units, rows = end - first, paddedInputs = roundUp4(job.inputs);
  const depth = panelDepth<C>(job.inputs, units), panelBytes = <usize>depth << 5;
  const ofInputs = inputColumns<C>(units), joint = jointColumns<C>(units), ofState = stateColumns<C>(units);
  const xhRow = xhStride<C>(job.inputs, units), zRow = gateStride<C>(units);
  const a = xh + <usize>first * xhRow, to = z + <usize>first * zRow;
  const panels = job.panels + <usize>(ofInputs >> 3) * panelBytes;
  if (job.words) {
    const starts = changetype<RecurrentWords>(job.words).starts + (<usize>first << 2);
    if (isRecurrent<C>()) {
      multiply(rows, joint + ofState, depth, a, xhRow, panels, panelBytes, starts, 4, to + (<usize>ofInputs << 2), zRow);
    }
    if (the<C>().inputGates) copyStarts(rows, ofInputs, starts, to, zRow);
    if (the<C>().vectors) copyVectors<C>(units, rows, starts, 0, to);
    return;
  }
  if (the<C>().vectors) copyVectors<C>(units, rows, 0, job.bias + (<usize>(ofInputs + joint + ofState) << 2), to);
  const pointer = changetype<usize>(job); // without words, all rows start from the same one
  if (the<C>().jointGates) {
    multiply(rows, joint, depth, a, xhRow, panels, panelBytes, pointer + offsetof<RecurrentJob>('jointBias'), 0, to + (<usize>ofInputs << 2), zRow);
  }
  if (the<C>().inputGates) {
    multiply(rows, ofInputs, paddedInputs, a, xhRow, job.panels, panelBytes, pointer + offsetof<RecurrentJob>('bias'), 0, to, zRow);
  }
  if (the<C>().stateGates) {
    const across = <usize>(ofInputs + joint);
    const stateRows = job.panels + (across >> 3) * panelBytes + (<usize>paddedInputs << 5);
    multiply(rows, ofState, depth - paddedInputs, a + (<usize>paddedInputs << 2), xhRow, stateRows, panelBytes, pointer + offsetof<RecurrentJob>('stateBias'), 0, to + (across << 2), zRow);
  }
}

/** The sums of the gates of the inputs, which lie before those that rows of words start from. */
export function copyStarts(rows: i32, columns: i32, starts: usize, z: usize, zRow: usize): void {
  for (let row = 0; row < rows; row++) {
    copyFloats(z, load<usize>(starts) - (<usize>columns << 2), columns);
    starts += 4;
    z += zRow;
  }
}

/** The cell's vectors, from behind what the sums of each row start from, or from where they lie. */
export function copyVectors<C>(units: i32, rows: i32, starts: usize, vectors: usize, z: usize): void {
  const columns = vectorColumns<C>(units), before = <usize>recurrentColumns<C>(units) << 2;
  z += (<usize>inputColumns<C>(units) << 2) + before;
  for (let row: usize = 0; row < <usize>rows; row++) {
    copyFloats(z, vectors ? vectors : load<usize>(starts + (row << 2)) + before, columns);
    z += gateStride<C>(units);
  }
}

// @ts-ignore: decorator
@inline
function latePanels<C>(job: RecurrentJob): usize {
  return job.panels + (<usize>roundUp4(job.inputs) << 5);
}

/** z of the gates of the inputs += late · their recurrent kernel; `starts` is scratch. */
export function joinLate<C>(
  units: i32, rows: i32, late: usize, panels: usize, depth: i32, starts: usize, z: usize,
): void {
  const padded = paddedUnits<C>(units), zRow = gateStride<C>(units);
  for (let row: usize = 0; row < <usize>rows; row++) store<usize>(starts + (row << 2), z + row * zRow);
  multiply(rows, inputColumns<C>(units), padded, late, <usize>padded << 2, panels, <usize>depth << 5, starts, 4, z, zRow);
}

/** x of the steps from `begin` to before `end` into xh. */
function copyInputs(job: RecurrentJob, xhRow: usize, begin: i32, end: i32): void {
  const time = job.time, inputs = job.inputs, inputBytes = <usize>inputs << 2;
  for (let row: usize = 0; row < <usize>job.rows; row++) {
    const x = job.x + (<usize>job.firstRow + row) * <usize>time * inputBytes;
    for (let t = begin; t < end; t++) {
      const to = job.xh + <usize>t * job.xhStepBytes + row * xhRow;
      const from = x + <usize>placeInTime(job, t) * inputBytes;
      if (job.inputMask) multiplyFloats(to, from, job.inputMask + (<usize>job.firstRow + row) * inputBytes, inputs);
      else copyFloats(to, from, inputs);
      for (let pad = inputs; pad & 3; pad++) store<f32>(to + (<usize>pad << 2), 0);
    }
  }
}

/** h of the steps from `begin` to before `end` into the sequence. */
function copySequence(job: RecurrentJob, hRow: usize, begin: i32, end: i32): void {
  const units = job.units, unitBytes = <usize>units << 2, hOffset = <usize>roundUp4(job.inputs) << 2;
  const stepBytes = <usize>job.sequenceStride << 2;
  for (let row: usize = 0; row < <usize>job.rows; row++) {
    const out = job.sequence + (<usize>job.firstRow + row) * <usize>job.time * stepBytes;
    for (let t = begin; t < end; t++) {
      const h = statesAt(job, t + 1, job.xh + <usize>(t + 1) * job.xhStepBytes, hOffset);
      const to = out + <usize>placeInSequence(job, t) * stepBytes;
      if (isZeroed(job, row, t)) memory.fill(to, 0, unitBytes);
      else copyFloats(to, h + row * hRow, units);
    }
  }
}
