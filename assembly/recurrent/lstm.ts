// LSTM over a whole sequence, forward and backward, for the rows of one shard
// of the batch. Hochreiter & Schmidhuber 1997 with the forget gate of Gers et
// al. 2000, as Keras writes it:
//   i, f, o = gate([x, h]·W + b),  g = tanh([x, h]·W + b)
//   c' = f·c + i·g,  h' = o·tanh(c')
//
// Layout, all time-major so that a shard is contiguous:
//   xh    [time + 1][rows][xhStride]    x (inputs, padded to 4), then h (units, padded to 4),
//                                       + 4 floats, as the gates have 8
//   gates [time][rows][gateStride]      i f g o interleaved by eight units; + 8 floats so
//                                       that columns do not fall on the same cache sets
//   c     [time + 1][rows][paddedUnits]
// Strides of time are in the job: at zero, nothing is kept and every step
// works in place, which is inference. Where the inputs are taken by words, x has no part
// in any of this: its share of the gates' sums is what they start from.
import { activate, stepBackward, stepHardBackward } from './lstm-step';
import { LstmWords, startFromWords, subtractDropped } from './lstm-words';
import { accumulateWords, clearWords, finishWords } from './lstm-words-backward';
import { gateStride, outColumns, xhStride } from './lstm-weights';
import { multiply, TALL } from '../arithmetic/multiply';
import { accumulateColumns, accumulateOuter } from '../arithmetic/outer';
import { addFloats, copyFloats, roundUp4 } from '../arithmetic/simd';

/** Filled in by src/kernels/recurrent/lstm.ts, field by field in this order. */
@unmanaged
class LstmJob {
  time: i32;
  inputs: i32; // 0 by words
  units: i32;
  firstRow: i32; // of the shard within the batch
  rows: i32; // of the shard
  goBackwards: i32;
  hardSigmoid: i32;
  x: usize; // [batch, time, inputs], or 0
  words: usize; // of class LstmWords, or 0
  mask: usize; // u8 [batch, time], or 0
  initialH: usize; // [batch, units], or 0
  initialC: usize; // [batch, units], or 0
  panels: usize; // packed [x | h] weights
  bias: usize; // packed, [4·paddedUnits]
  xh: usize;
  xhStepBytes: usize;
  gates: usize;
  gatesStepBytes: usize;
  c: usize;
  cStepBytes: usize;
  sequence: usize; // out: [batch, time, units], or 0
  lastH: usize; // out: [batch, units]
  lastC: usize; // out: [batch, units]
  // Backward only:
  transposedPanels: usize; // packed [4·paddedUnits] → [x | h]
  dSequence: usize; // [batch, time, units], or 0
  dLastH: usize; // [batch, units], or 0
  dLastC: usize; // [batch, units], or 0
  dxh: usize; // scratch [rows][columns of transposedPanels]
  dc: usize; // scratch [rows][paddedUnits]
  dhKept: usize; // scratch [rows][paddedUnits], with a mask
  dGates: usize; // scratch [max(rows, 256)][gateStride]
  outerCopy: usize; // scratch [max(rows, 256)][16]
  dxSteps: usize; // scratch [8][rows][inputs]
  dSequenceSteps: usize; // scratch [8][rows][units], with dSequence
  dPanels: usize; // out: packed gradient of the weights, of this shard
  dBias: usize; // out: packed, of this shard; 0 by words
  dx: usize; // out: [batch, time, inputs], or 0
  dInitialH: usize; // out: [batch, units], or 0
  dInitialC: usize; // out: [batch, units], or 0
}

// Rows whose gate gradients are gathered before they meet the inputs in the
// weight gradient: enough to amortise loading its accumulators, few enough
// to stay in cache.
const OUTER_ROWS: i32 = 256;

// In [batch, time, …] the rows of one step lie on a page each, which no processor fetches ahead.
// So many steps of a row are read or written together.
const STEPS_TOGETHER: i32 = 8;

// Weights of up to so many bytes are read again for every tile of rows where sums start from rows of
// words, since those of all rows would not stay in the nearest cache from one panel to the next.
const NEAREST_CACHE: usize = 32_768;

/** Runs one shard over all steps of time. */
export function lstmForward(pointer: usize): void {
  const job = changetype<LstmJob>(pointer);
  const time = job.time, inputs = job.inputs, units = job.units, rows = job.rows;
  const padded = roundUp4(units), depth = roundUp4(inputs) + padded;
  const xhRow = xhStride(inputs, units), zRow = gateStride(units), cRow = <usize>padded << 2;
  const hOffset = <usize>roundUp4(inputs) << 2;
  const unitBytes = <usize>units << 2;
  const first = <usize>job.firstRow;
  const words = changetype<LstmWords>(job.words);
  // Without words, all rows start from the same one.
  const starts = job.words ? words.starts : pointer + offsetof<LstmJob>('bias');
  const someDropped = job.words && words.dropped;
  const startsStep: usize = job.words ? 4 : 0;

  memory.fill(job.xh, 0, <usize>rows * xhRow);
  memory.fill(job.c, 0, <usize>rows * cRow);
  for (let row: usize = 0; row < <usize>rows; row++) {
    if (job.initialH) copyFloats(job.xh + row * xhRow + hOffset, job.initialH + (first + row) * unitBytes, units);
    if (job.initialC) copyFloats(job.c + row * cRow, job.initialC + (first + row) * unitBytes, units);
  }

  const steps = job.xhStepBytes ? STEPS_TOGETHER : 1;
  const weightBytes = <usize>(depth * padded) << 4;
  const together: usize = job.words && weightBytes <= NEAREST_CACHE ? TALL : rows;
  for (let t = 0; t < time; t++) {
    const xh = job.xh + <usize>t * job.xhStepBytes, xhNext = xh + job.xhStepBytes;
    const z = job.gates + <usize>t * job.gatesStepBytes;
    const c = job.c + <usize>t * job.cStepBytes, cNext = c + job.cStepBytes;
    const at = <usize>(job.goBackwards ? time - 1 - t : t);

    const slot = t % steps;
    if (job.words) startFromWords(words, t);
    else if (slot == 0) copyInputs(job, t, min(time, t + steps));

    const mask = job.mask ? job.mask + first * <usize>time + at : 0;
    for (let begin: usize = 0; begin < <usize>rows; begin += together) {
      const end = min(<usize>rows, begin + together), a = xh + begin * xhRow, from = starts + begin * startsStep;
      multiply(<i32>(end - begin), padded << 2, depth, a, xhRow, job.panels, <usize>depth << 5, from, startsStep, z + begin * zRow, zRow);
      for (let row = begin; row < end; row++) {
        const h = xh + row * xhRow + hOffset, hTo = xhNext + row * xhRow + hOffset;
        const cFrom = c + row * cRow, cTo = cNext + row * cRow;
        if (mask && !load<u8>(mask + row * <usize>time)) {
          if (hTo != h) memory.copy(hTo, h, cRow);
          if (cTo != cFrom) memory.copy(cTo, cFrom, cRow);
        } else {
          if (someDropped) subtractDropped(words, <i32>row, t, z + row * zRow);
          activate(units, job.hardSigmoid, 0, z + row * zRow, cFrom, cTo, hTo);
        }
      }
    }

    if (job.sequence && (slot == steps - 1 || t == time - 1)) copySequence(job, t - slot, t + 1);
  }

  const h = job.xh + <usize>time * job.xhStepBytes + hOffset, c = job.c + <usize>time * job.cStepBytes;
  for (let row: usize = 0; row < <usize>rows; row++) {
    copyFloats(job.lastH + (first + row) * unitBytes, h + row * xhRow, units);
    copyFloats(job.lastC + (first + row) * unitBytes, c + row * cRow, units);
  }
}

/** x of the steps from `begin` to before `end` into xh. */
function copyInputs(job: LstmJob, begin: i32, end: i32): void {
  const time = job.time, inputs = job.inputs, inputBytes = <usize>inputs << 2;
  const xhRow = xhStride(inputs, job.units);
  for (let row: usize = 0; row < <usize>job.rows; row++) {
    const x = job.x + (<usize>job.firstRow + row) * <usize>time * inputBytes;
    for (let t = begin; t < end; t++) {
      const to = job.xh + <usize>t * job.xhStepBytes + row * xhRow;
      copyFloats(to, x + <usize>(job.goBackwards ? time - 1 - t : t) * inputBytes, inputs);
      for (let pad = inputs; pad & 3; pad++) store<f32>(to + (<usize>pad << 2), 0);
    }
  }
}

/** h of the steps from `begin` to before `end` into the sequence. */
function copySequence(job: LstmJob, begin: i32, end: i32): void {
  const units = job.units, unitBytes = <usize>units << 2;
  const xhRow = xhStride(job.inputs, units), hOffset = <usize>roundUp4(job.inputs) << 2;
  for (let row: usize = 0; row < <usize>job.rows; row++) {
    const out = job.sequence + (<usize>job.firstRow + row) * <usize>job.time * unitBytes;
    for (let t = begin; t < end; t++) {
      const h = job.xh + <usize>(t + 1) * job.xhStepBytes + row * xhRow + hOffset;
      copyFloats(out + <usize>t * unitBytes, h, units);
    }
  }
}

/**
 * Backward over all steps of one shard, after a forward that kept its activations.
 */
export function lstmBackward(pointer: usize): void {
  const job = changetype<LstmJob>(pointer);
  const time = job.time, inputs = job.inputs, units = job.units, rows = job.rows;
  const padded = roundUp4(units), depth = roundUp4(inputs) + padded;
  const columns = padded << 2, dColumns = outColumns(inputs, units);
  const xhRow = xhStride(inputs, units), zRow = gateStride(units), cRow = <usize>padded << 2;
  const dRow = <usize>dColumns << 2, hOffset = <usize>roundUp4(inputs) << 2;
  const unitBytes = <usize>units << 2, inputBytes = <usize>inputs << 2;
  const first = <usize>job.firstRow;

  memory.fill(job.dPanels, 0, <usize>(columns * depth) << 2);
  if (job.words) clearWords(changetype<LstmWords>(job.words));
  else memory.fill(job.dBias, 0, <usize>columns << 2);
  memory.fill(job.dxh, 0, <usize>rows * dRow);
  memory.fill(job.dc, 0, <usize>rows * cRow);
  for (let row: usize = 0; row < <usize>rows; row++) {
    if (job.dLastH) copyFloats(job.dxh + row * dRow + hOffset, job.dLastH + (first + row) * unitBytes, units);
    if (job.dLastC) copyFloats(job.dc + row * cRow, job.dLastC + (first + row) * unitBytes, units);
  }

  const outerSteps = max(1, OUTER_ROWS / rows);
  const dzStep = <usize>rows * zRow;
  let pending = 0;
  for (let t = time - 1; t >= 0; t--) {
    const xh = job.xh + <usize>t * job.xhStepBytes, xhNext = xh + job.xhStepBytes;
    const z = job.gates + <usize>t * job.gatesStepBytes;
    const c = job.c + <usize>t * job.cStepBytes, cNext = c + job.cStepBytes;
    const at = <usize>(job.goBackwards ? time - 1 - t : t);
    const mask = job.mask ? job.mask + first * <usize>time + at : 0;
    // Filled from the end, since time runs backwards here and forwards in xh.
    pending++;
    const slot = t % STEPS_TOGETHER;
    if (job.dSequence && (slot == STEPS_TOGETHER - 1 || t == time - 1)) readGradients(job, t - slot, t + 1);
    const dz = job.dGates + <usize>(outerSteps - pending) * dzStep;

    for (let row: usize = 0; row < <usize>rows; row++) {
      const dh = job.dxh + row * dRow + hOffset;
      if (job.dSequence) {
        addFloats(dh, job.dSequenceSteps + (<usize>(slot * rows) + row) * unitBytes, units);
      }
      if (mask && !load<u8>(mask + row * <usize>time)) {
        memory.fill(dz + row * zRow, 0, <usize>columns << 2);
        memory.copy(job.dhKept + row * cRow, dh, cRow);
      } else if (job.hardSigmoid) {
        stepHardBackward(padded, z + row * zRow, dz + row * zRow, c + row * cRow, cNext + row * cRow, dh, job.dc + row * cRow);
      } else {
        stepBackward(padded, z + row * zRow, dz + row * zRow, c + row * cRow, xhNext + row * xhRow + hOffset, dh, job.dc + row * cRow);
      }
    }

    multiply(rows, dColumns, columns, dz, zRow, job.transposedPanels, <usize>columns << 5, 0, 0, job.dxh, dRow);

    if (mask) {
      for (let row: usize = 0; row < <usize>rows; row++) {
        if (!load<u8>(mask + row * <usize>time)) {
          memory.copy(job.dxh + row * dRow + hOffset, job.dhKept + row * cRow, cRow);
        }
      }
    }
    if (job.dx) {
      let to = job.dxSteps + <usize>(slot * rows) * inputBytes, from = job.dxh;
      for (let row = 0; row < rows; row++) {
        copyFloats(to, from, inputs);
        to += inputBytes;
        from += dRow;
      }
      if (slot == 0) writeGradients(job, t, min(time, t + STEPS_TOGETHER));
    }

    // Shards are contiguous in time, so several steps are one taller matrix.
    if (pending == outerSteps || t == 0) {
      accumulateOuter(pending * rows, columns, depth, xh, xhRow, dz, zRow, job.dPanels, job.outerCopy);
      if (job.words) accumulateWords(changetype<LstmWords>(job.words), t, t + pending, dz, zRow);
      else accumulateColumns(pending * rows, columns, dz, zRow, job.dBias);
      pending = 0;
    }
  }
  if (job.words) finishWords(changetype<LstmWords>(job.words));

  for (let row: usize = 0; row < <usize>rows; row++) {
    if (job.dInitialH) copyFloats(job.dInitialH + (first + row) * unitBytes, job.dxh + row * dRow + hOffset, units);
    if (job.dInitialC) copyFloats(job.dInitialC + (first + row) * unitBytes, job.dc + row * cRow, units);
  }
}

/** The gradients of the outputs of the steps from `begin` to before `end` into dSequenceSteps. */
function readGradients(job: LstmJob, begin: i32, end: i32): void {
  const rows = job.rows, units = job.units, unitBytes = <usize>units << 2;
  for (let row = 0; row < rows; row++) {
    const from = job.dSequence + <usize>((job.firstRow + row) * job.time) * unitBytes;
    for (let t = begin; t < end; t++) {
      copyFloats(job.dSequenceSteps + <usize>((t - begin) * rows + row) * unitBytes, from + <usize>t * unitBytes, units);
    }
  }
}

/** The gradients of the inputs of the steps from `begin` to before `end` from dxSteps into dx. */
function writeGradients(job: LstmJob, begin: i32, end: i32): void {
  const rows = job.rows, time = job.time, inputs = job.inputs, inputBytes = <usize>inputs << 2;
  for (let row = 0; row < rows; row++) {
    const to = job.dx + <usize>((job.firstRow + row) * time) * inputBytes;
    for (let t = begin; t < end; t++) {
      const at = <usize>(job.goBackwards ? time - 1 - t : t);
      copyFloats(to + at * inputBytes, job.dxSteps + <usize>((t - begin) * rows + row) * inputBytes, inputs);
    }
  }
}
