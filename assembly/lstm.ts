// LSTM over a whole sequence, forward and backward, for the rows of one shard
// of the batch. Hochreiter & Schmidhuber 1997 with the forget gate of Gers et
// al. 2000, as Keras writes it:
//   i, f, o = gate([x, h]·W + b),  g = tanh([x, h]·W + b)
//   c' = f·c + i·g,  h' = o·tanh(c')
//
// Layout, all time-major so that a shard is contiguous:
//   xh    [time + 1][rows][xhStride]    x (inputs, padded to 4), then h (units, padded to 4),
//                                       + 4 floats, as the gates have 8
//   gates [time][rows][gateStride]      i f g o interleaved by four units; + 8 floats so
//                                       that columns do not fall on the same cache sets
//   c     [time + 1][rows][paddedUnits]
// Strides of time are in the job: at zero, nothing is kept and every step
// works in place, which is inference.
import { clip01, sigmoid, tanh, tanhUnscaled } from './activations';
import { gateColumns, gateStride, outColumns, xhStride } from './lstm-weights';
import { multiply } from './multiply';
import { accumulateColumns, accumulateOuter } from './outer';
import { addFloats, copyFloats, flushTiny, madd, roundUp4 } from './simd';

/** Filled in by src/kernels/lstm.ts, field by field in this order. */
@unmanaged
class LstmJob {
  time: i32;
  inputs: i32;
  units: i32;
  firstRow: i32; // of the shard within the batch
  rows: i32; // of the shard
  goBackwards: i32;
  hardSigmoid: i32;
  x: usize; // [batch, time, inputs]
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
  outerCopy: usize; // scratch [max(rows, 256)][8]
  dxSteps: usize; // scratch [8][rows][inputs]
  dSequenceSteps: usize; // scratch [8][rows][units], with dSequence
  dPanels: usize; // out: packed gradient of the weights, of this shard
  dBias: usize; // out: packed, of this shard
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

/** Runs one shard over all steps of time. */
export function lstmForward(pointer: usize): void {
  const job = changetype<LstmJob>(pointer);
  const time = job.time, inputs = job.inputs, units = job.units, rows = job.rows;
  const padded = roundUp4(units), depth = roundUp4(inputs) + padded;
  const xhRow = xhStride(inputs, units), zRow = gateStride(units), cRow = <usize>padded << 2;
  const hOffset = <usize>roundUp4(inputs) << 2;
  const unitBytes = <usize>units << 2, inputBytes = <usize>inputs << 2;
  const first = <usize>job.firstRow;
  const bias = pointer + offsetof<LstmJob>('bias'); // all rows start from it

  memory.fill(job.xh, 0, <usize>rows * xhRow);
  memory.fill(job.c, 0, <usize>rows * cRow);
  for (let row: usize = 0; row < <usize>rows; row++) {
    if (job.initialH) copyFloats(job.xh + row * xhRow + hOffset, job.initialH + (first + row) * unitBytes, units);
    if (job.initialC) copyFloats(job.c + row * cRow, job.initialC + (first + row) * unitBytes, units);
  }

  const together = job.xhStepBytes ? STEPS_TOGETHER : 1;
  for (let t = 0; t < time; t++) {
    const xh = job.xh + <usize>t * job.xhStepBytes, xhNext = xh + job.xhStepBytes;
    const z = job.gates + <usize>t * job.gatesStepBytes;
    const c = job.c + <usize>t * job.cStepBytes, cNext = c + job.cStepBytes;
    const at = <usize>(job.goBackwards ? time - 1 - t : t);

    const slot = t % together;
    if (slot == 0) copyInputs(job, t, min(time, t + together));

    multiply(rows, padded << 2, depth, xh, xhRow, job.panels, <usize>depth << 5, bias, 0, z, zRow);

    const mask = job.mask ? job.mask + first * <usize>time + at : 0;
    for (let row: usize = 0; row < <usize>rows; row++) {
      const h = xh + row * xhRow + hOffset, hTo = xhNext + row * xhRow + hOffset;
      const cFrom = c + row * cRow, cTo = cNext + row * cRow;
      if (mask && !load<u8>(mask + row * <usize>time)) {
        if (hTo != h) memory.copy(hTo, h, cRow);
        if (cTo != cFrom) memory.copy(cTo, cFrom, cRow);
      } else {
        activate(units, job.hardSigmoid, z + row * zRow, cFrom, cTo, hTo);
      }
    }

    if (job.sequence && (slot == together - 1 || t == time - 1)) copySequence(job, t - slot, t + 1);
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

/** One step of one row, from the weighted sums in z. */
// @ts-ignore: decorator
@inline
export function activate(
  units: i32, hardSigmoid: i32, z: usize, c: usize, cTo: usize, h: usize,
): void {
  const padded = roundUp4(units);
  // An infinite input times a weight of zero would leave NaN in the padding.
  if (units & 3) {
    const last = z + (<usize>(padded - 4) << 4);
    for (let lane = units & 3; lane < 4; lane++) {
      const at = last + (<usize>lane << 2);
      store<f32>(at, 0); store<f32>(at, 0, 16); store<f32>(at, 0, 32); store<f32>(at, 0, 48);
    }
  }
  if (hardSigmoid) stepHard(padded, z, c, cTo, h);
  else step(padded, z, c, cTo, h);
}

// Gates first, then cells: in one loop, the long chain from a gate to h would leave
// too few of the next vectors in flight.
function step(units: i32, z: usize, c: usize, cTo: usize, h: usize): void {
  const end = z + (<usize>units << 4);
  for (let gates = z; gates < end; gates += 64) {
    v128.store(gates, sigmoid(v128.load(gates)));
    v128.store(gates, sigmoid(v128.load(gates, 16)), 16);
    v128.store(gates, tanh(v128.load(gates, 32)), 32);
    v128.store(gates, sigmoid(v128.load(gates, 48)), 48);
  }
  stepCells(z, end, c, cTo, h);
}

function stepHard(units: i32, z: usize, c: usize, cTo: usize, h: usize): void {
  const end = z + (<usize>units << 4);
  for (let gates = z; gates < end; gates += 64) {
    v128.store(gates, clip01(v128.load(gates)));
    v128.store(gates, clip01(v128.load(gates, 16)), 16);
    v128.store(gates, tanh(v128.load(gates, 32)), 32);
    v128.store(gates, clip01(v128.load(gates, 48)), 48);
  }
  stepCells(z, end, c, cTo, h);
}

// @ts-ignore: decorator
@inline
function stepCells(z: usize, end: usize, c: usize, cTo: usize, h: usize): void {
  do {
    const i = v128.load(z), f = v128.load(z, 16), g = v128.load(z, 32), o = v128.load(z, 48);
    const cell = madd(f, v128.load(c), f32x4.mul(i, g));
    v128.store(cTo, cell);
    v128.store(h, f32x4.mul(o, tanhUnscaled(cell)));
    z += 64; c += 16; cTo += 16; h += 16;
  } while (z < end);
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
  memory.fill(job.dBias, 0, <usize>columns << 2);
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
      accumulateColumns(pending * rows, columns, dz, zRow, job.dBias);
      pending = 0;
    }
  }

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

// tanh(c') is h'/o: a sigmoid is never zero here, since its argument is clamped.
function stepBackward(units: i32, z: usize, dz: usize, c: usize, h: usize, dh: usize, dc: usize): void {
  const one = f32x4.splat(1);
  const end = c + (<usize>units << 2);
  do {
    const i = v128.load(z), f = v128.load(z, 16), g = v128.load(z, 32), o = v128.load(z, 48);
    const hNext = v128.load(h), dH = flushTiny(v128.load(dh));
    const tanhC = f32x4.div(hNext, o);
    const dC = flushTiny(madd(dH, f32x4.sub(o, f32x4.mul(hNext, tanhC)), v128.load(dc)));
    const ig = f32x4.mul(i, g), dCf = f32x4.mul(dC, f);
    v128.store(dz, f32x4.mul(f32x4.mul(dC, ig), f32x4.sub(one, i)));
    v128.store(dz, f32x4.mul(f32x4.mul(dCf, v128.load(c)), f32x4.sub(one, f)), 16);
    v128.store(dz, f32x4.mul(dC, f32x4.sub(i, f32x4.mul(ig, g))), 32);
    v128.store(dz, f32x4.mul(f32x4.mul(dH, hNext), f32x4.sub(one, o)), 48);
    v128.store(dc, dCf);
    z += 64; dz += 64; c += 16; h += 16; dh += 16; dc += 16;
  } while (c < end);
}

// A hardSigmoid can be zero, so tanh(c') is computed again from c'.
function stepHardBackward(units: i32, z: usize, dz: usize, c: usize, cNext: usize, dh: usize, dc: usize): void {
  const one = f32x4.splat(1);
  const end = c + (<usize>units << 2);
  do {
    const i = v128.load(z), f = v128.load(z, 16), g = v128.load(z, 32), o = v128.load(z, 48);
    const dH = flushTiny(v128.load(dh));
    const tanhC = tanhUnscaled(v128.load(cNext));
    const dTanh = f32x4.sub(one, f32x4.mul(tanhC, tanhC));
    const dC = flushTiny(madd(f32x4.mul(dH, o), dTanh, v128.load(dc)));
    const dCf = f32x4.mul(dC, f);
    v128.store(dz, hardSlope(f32x4.mul(dC, g), i));
    v128.store(dz, hardSlope(f32x4.mul(dC, v128.load(c)), f), 16);
    v128.store(dz, f32x4.mul(f32x4.mul(dC, i), f32x4.sub(one, f32x4.mul(g, g))), 32);
    v128.store(dz, hardSlope(f32x4.mul(dH, tanhC), o), 48);
    v128.store(dc, dCf);
    z += 64; dz += 64; c += 16; cNext += 16; dh += 16; dc += 16;
  } while (c < end);
}

/** 0.2·d inside (0, 1), zero where the gate was clipped. */
// @ts-ignore: decorator
@inline
function hardSlope(d: v128, gate: v128): v128 {
  const inside = v128.and(f32x4.gt(gate, f32x4.splat(0)), f32x4.lt(gate, f32x4.splat(1)));
  return v128.and(f32x4.mul(d, f32x4.splat(0.2)), inside);
}
