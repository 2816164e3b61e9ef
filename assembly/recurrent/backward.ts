// The way back over all steps of time of one shard, after a forward pass that kept its activations.
import {
  dhStride, gateColumns, gateStride, inputColumns, isRecurrent, jointColumns, paddedUnits, panelDepth, recurrentColumns,
  stateColumns, the, xhStride,
} from './cell';
import { isZeroed, placeInSequence, placeInTime, RecurrentJob, statesAt, STEPS_TOGETHER } from './job';
import { RecurrentWords } from './words';
import { accumulateWords, clearWords, finishWords } from './words-backward';
import { multiply } from '../arithmetic/multiply';
import { accumulateColumns, accumulateOuter } from '../arithmetic/outer';
import { addFloats, copyFloats, multiplyFloats, roundUp4 } from '../arithmetic/simd';

// Rows whose gate gradients are gathered before they meet the inputs in the
// weight gradient: enough to amortise loading its accumulators, few enough
// to stay in cache, of which wide rows leave less to the inputs.
const OUTER_ROWS: i32 = 256;
const OUTER_BYTES: i32 = 131_072;

/** Runs one shard back over all steps of time. */
export function backward<C>(pointer: usize): void {
  const cell = the<C>(), job = changetype<RecurrentJob>(pointer);
  const time = job.time, units = job.units, rows = job.rows;
  const padded = paddedUnits<C>(units), columns = gateColumns<C>(units), ofInputs = inputColumns<C>(units);
  const xhRow = xhStride<C>(job.inputs, units), zRow = gateStride<C>(units);
  const stateRow = <usize>padded << 2, dhRow = dhStride<C>(units), hOffset = <usize>roundUp4(job.inputs) << 2;
  const unitBytes = <usize>units << 2, hRow = job.h ? stateRow : xhRow;

  begin<C>(job);
  const outerSteps = max(1, min(OUTER_ROWS, OUTER_BYTES / (columns << 2)) / rows);
  const dzStep = <usize>rows * zRow;
  let pending = 0;
  for (let t = time - 1; t >= 0; t--) {
    const xh = job.xh + <usize>t * job.xhStepBytes, xhNext = xh + job.xhStepBytes;
    const z = job.gates + <usize>t * job.gatesStepBytes;
    const c = job.c + <usize>t * job.cStepBytes, cNext = c + job.cStepBytes;
    const next = statesAt(job, t + 1, xhNext, hOffset);
    const mask = job.mask ? job.mask + <usize>(job.firstRow * time + placeInTime(job, t)) : 0;
    // Filled from the end, since time runs backwards here and forwards in xh.
    pending++;
    const slot = t % STEPS_TOGETHER;
    if (job.dSequence && (slot == STEPS_TOGETHER - 1 || t == time - 1)) readGradients(job, t - slot, t + 1);
    const dz = job.dGates + <usize>(outerSteps - pending) * dzStep;

    for (let row: usize = 0; row < <usize>rows; row++) {
      const dh = job.dh + row * dhRow;
      if (job.dSequence) {
        addFloats(dh, job.dSequenceSteps + (<usize>(slot * rows) + row) * unitBytes, units);
      }
      if (mask && !load<u8>(mask + row * <usize>time)) {
        memory.fill(dz + row * zRow, 0, <usize>columns << 2);
        memory.copy(job.dhKept + row * stateRow, dh, stateRow);
      } else {
        cell.backward(
          padded, job.setting, z + row * zRow, dz + row * zRow,
          xh + row * xhRow + hOffset, next + row * hRow,
          c + row * stateRow, cNext + row * stateRow, dh, job.dc + row * stateRow,
        );
      }
    }

    if (cell.late) {
      multiply(rows, <i32>(dhRow >> 2), ofInputs, dz, zRow, job.transposedState, <usize>columns << 5, 0, 0, job.dLate, dhRow);
      for (let row: usize = 0; row < <usize>rows; row++) {
        if (mask && !load<u8>(mask + row * <usize>time)) continue;
        cell.finishBackward(
          padded, job.setting, z + row * zRow, dz + row * zRow,
          xh + row * xhRow + hOffset, job.dLate + row * dhRow, job.dh + row * dhRow,
        );
      }
    }
    if (isRecurrent<C>()) {
      multiply(
        rows, <i32>(dhRow >> 2), recurrentColumns<C>(units), dz + (<usize>ofInputs << 2), zRow,
        job.transposedState + (<usize>ofInputs << 5), <usize>columns << 5,
        cell.direct ? job.dhStarts : 0, cell.direct ? 4 : 0, job.dh, dhRow,
      );
    }
    if (job.h) {
      let stateMask = job.stateMask + <usize>job.firstRow * stateRow, dh = job.dh;
      for (const end = dh + <usize>rows * dhRow; dh < end; dh += dhRow) {
        multiplyFloats(dh, dh, stateMask, padded);
        stateMask += stateRow;
      }
    }

    if (mask) {
      for (let row: usize = 0; row < <usize>rows; row++) {
        if (!load<u8>(mask + row * <usize>time)) {
          memory.copy(job.dh + row * dhRow, job.dhKept + row * stateRow, stateRow);
        }
      }
    }

    // Shards are contiguous in time, so several steps are one taller matrix.
    if (pending == outerSteps || t == 0) {
      accumulate<C>(job, t, pending * rows, dz);
      if (job.words) accumulateWords(changetype<RecurrentWords>(job.words), t, t + pending, dz, zRow);
      else accumulateColumns(pending * rows, columns, dz, zRow, job.dBias);
      if (job.dx) writeGradients<C>(job, t, t + pending, dz);
      pending = 0;
    }
  }
  if (job.words) finishWords(changetype<RecurrentWords>(job.words));
  end<C>(job);
}

/** Clears what is summed up, and reads the gradients of the last states. */
function begin<C>(job: RecurrentJob): void {
  const units = job.units, unitBytes = <usize>units << 2, first = <usize>job.firstRow;
  const columns = gateColumns<C>(units), dhRow = dhStride<C>(units), stateRow = <usize>paddedUnits<C>(units) << 2;
  const depth = panelDepth<C>(job.inputs, units);
  memory.fill(job.dPanels, 0, <usize>(columns * depth) << 2);
  if (job.words) clearWords(changetype<RecurrentWords>(job.words));
  else memory.fill(job.dBias, 0, <usize>columns << 2);
  memory.fill(job.dh, 0, <usize>job.rows * dhRow);
  if (the<C>().states == 2) memory.fill(job.dc, 0, <usize>job.rows * stateRow);
  for (let row: usize = 0; row < <usize>job.rows; row++) {
    const at = (first + row) * unitBytes;
    if (the<C>().direct) store<usize>(job.dhStarts + (row << 2), job.dh + row * dhRow);
    if (job.dLastH) copyFloats(job.dh + row * dhRow, job.dLastH + at, units);
    if (the<C>().states == 2 && job.dLastC) copyFloats(job.dc + row * stateRow, job.dLastC + at, units);
  }
}

/** The gradients of the initial states. */
function end<C>(job: RecurrentJob): void {
  const units = job.units, unitBytes = <usize>units << 2, first = <usize>job.firstRow;
  const dhRow = dhStride<C>(units), stateRow = <usize>paddedUnits<C>(units) << 2;
  for (let row: usize = 0; row < <usize>job.rows; row++) {
    const at = (first + row) * unitBytes;
    if (job.dInitialH) copyFloats(job.dInitialH + at, job.dh + row * dhRow, units);
    if (the<C>().states == 2 && job.dInitialC) copyFloats(job.dInitialC + at, job.dc + row * stateRow, units);
  }
}

/** Adds what the rows of dz, from step t on, mean for the weights. */
// @ts-ignore: decorator
@inline
function accumulate<C>(job: RecurrentJob, t: i32, rows: i32, dz: usize): void {
  const cell = the<C>(), units = job.units, padded = paddedUnits<C>(units), paddedInputs = roundUp4(job.inputs);
  const depth = panelDepth<C>(job.inputs, units), panelBytes = <usize>depth << 5, hOffset = <usize>paddedInputs << 2;
  const ofInputs = inputColumns<C>(units), joint = jointColumns<C>(units), ofState = stateColumns<C>(units);
  const xhRow = xhStride<C>(job.inputs, units), zRow = gateStride<C>(units);
  const xh = job.xh + <usize>t * job.xhStepBytes;
  // By words there are no inputs here, so the gates of the state are joint ones like the others.
  const together = joint + (job.words ? ofState : 0);
  if (together > 0) {
    const panels = job.dPanels + <usize>(ofInputs >> 3) * panelBytes;
    accumulateOuter(rows, together, depth, xh, xhRow, dz + (<usize>ofInputs << 2), zRow, panels, panelBytes, job.outerCopy);
  }
  if (cell.stateGates && !job.words) {
    const across = <usize>(ofInputs + joint), panels = job.dPanels + (across >> 3) * panelBytes + (hOffset << 3);
    accumulateOuter(rows, ofState, padded, xh + hOffset, xhRow, dz + (across << 2), zRow, panels, panelBytes, job.outerCopy);
  }
  if (cell.inputGates && !job.words) {
    accumulateOuter(rows, ofInputs, paddedInputs, xh, xhRow, dz, zRow, job.dPanels, panelBytes, job.outerCopy);
  }
  if (cell.late) {
    const late = job.late + <usize>t * job.lateStepBytes;
    accumulateOuter(rows, ofInputs, padded, late, <usize>padded << 2, dz, zRow, job.dPanels + (hOffset << 3), panelBytes, job.outerCopy);
  }
}

/** The gradients of the outputs of the steps from `begin` to before `end` into dSequenceSteps. */
function readGradients(job: RecurrentJob, begin: i32, end: i32): void {
  const rows = job.rows, units = job.units, unitBytes = <usize>units << 2, stepBytes = <usize>job.sequenceStride << 2;
  for (let row = 0; row < rows; row++) {
    const from = job.dSequence + <usize>((job.firstRow + row) * job.time) * stepBytes;
    for (let t = begin; t < end; t++) {
      const to = job.dSequenceSteps + <usize>((t - begin) * rows + row) * unitBytes;
      if (isZeroed(job, row, t)) memory.fill(to, 0, unitBytes);
      else copyFloats(to, from + <usize>placeInSequence(job, t) * stepBytes, units);
    }
  }
}

/** dx of the steps from `begin` to before `end`: dz·Wᵀ. */
function writeGradients<C>(job: RecurrentJob, begin: i32, end: i32, dz: usize): void {
  const width = job.width, wide = (width + 7) & ~7, rows = job.rows, units = job.units;
  const columns = inputColumns<C>(units) + jointColumns<C>(units);
  const bytes = <usize>width << 2, wideBytes = <usize>wide << 2;
  multiply((end - begin) * rows, wide, columns, dz, gateStride<C>(units), job.transposedInputs, <usize>columns << 5, 0, 0, job.dxRows, wideBytes);
  for (let row = 0; row < rows; row++) {
    const first = <usize>(job.firstRow + row), mask = job.inputMask + first * bytes;
    for (let t = begin; t < end; t++) {
      const to = job.dx + (first * <usize>job.time + <usize>placeInTime(job, t)) * bytes;
      const from = job.dxRows + <usize>((t - begin) * rows + row) * wideBytes;
      if (job.inputMask) multiplyFloats(to, from, mask, width);
      else copyFloats(to, from, width);
    }
  }
}
