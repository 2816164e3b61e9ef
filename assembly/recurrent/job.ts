// A job of the driver: a shard of the batch, over all steps of time.
//
// Layout, all time-major so that a shard is contiguous:
//   xh    [time + 1][rows][xhStride]    x (inputs, padded to 4), then h (units, padded),
//                                       + 4 floats, as the gates have 8
//   gates [time][rows][gateStride]      the sums of the gates, and what the cell leaves of them
//   c     [time + 1][rows][paddedUnits] with a second state
//   late  [time][rows][paddedUnits]     with a late product
//   h     [time + 1][rows][paddedUnits] with dropout of the state: h as it is, and in xh what is left
//                                       of it
// Strides of time are in the job: at zero, nothing is kept and every step
// works in place, which is inference. Where the inputs are taken by words, x has no part
// in any of this: its share of the gates' sums is what they start from.

/** Filled in by src/kernels/recurrent/jobs.ts, field by field in this order. */
@unmanaged
export class RecurrentJob {
  cell: i32; // its number in cells.ts
  time: i32;
  inputs: i32; // 0 by words
  width: i32; // of the inputs, by words, too
  units: i32;
  firstRow: i32; // of the shard within the batch
  rows: i32; // of the shard
  goBackwards: i32;
  setting: i32; // of the cell
  x: usize; // [batch, time, inputs], or 0
  words: usize; // of class RecurrentWords, or 0
  mask: usize; // u8 [batch, time], or 0
  initialH: usize; // [batch, units], or 0
  initialC: usize; // [batch, units], or 0
  panels: usize; // packed [x | h] weights
  bias: usize; // packed, [columns]
  jointBias: usize; // where in it that of the joint gates begins
  stateBias: usize; // and that of the gates of the state
  xh: usize;
  xhStepBytes: usize;
  gates: usize;
  gatesStepBytes: usize;
  c: usize;
  cStepBytes: usize;
  late: usize;
  lateStepBytes: usize;
  lateStarts: usize; // scratch: addresses [rows]
  h: usize; // or 0
  hStepBytes: usize;
  inputMask: usize; // [batch, width]: what dropout multiplies x with, at every step; or 0
  stateMask: usize; // [batch, paddedUnits]: and h, with `h`
  sequence: usize; // out: [batch, time, units], or 0
  sequenceStride: i32; // floats from one step of it to the next: another layer may have some between them
  reversed: i32; // whether the last step comes first in it
  zeroMasked: i32; // whether masked steps of it are zeros
  lastH: usize; // out: [batch, units]
  lastStride: i32; // floats from one row of it to the next
  lastC: usize; // out: [batch, units]
  // Backward only:
  transposedState: usize; // packed [columns] → [units]: the recurrent kernel
  transposedInputs: usize; // packed [columns of x] → [width, padded to 8], with dx
  dSequence: usize; // as sequence, or 0
  dLastH: usize; // [batch, units], or 0
  dLastC: usize; // [batch, units], or 0
  dh: usize; // scratch [rows][dhStride]
  dhStarts: usize; // scratch: addresses [rows], where the cell is direct
  dc: usize; // scratch [rows][paddedUnits]
  dhKept: usize; // scratch [rows][paddedUnits], with a mask
  dLate: usize; // scratch [rows][dhStride], with a late product
  dGates: usize; // scratch [max(rows, 256)][gateStride]
  outerCopy: usize; // scratch [max(rows, 256)][16]
  dxRows: usize; // scratch [max(rows, 256)][width, padded to 8], with dx
  dSequenceSteps: usize; // scratch [8][rows][units], with dSequence
  dPanels: usize; // out: packed gradient of the weights, of this shard
  dBias: usize; // out: packed, of this shard; 0 by words
  dx: usize; // out: [batch, time, width], or 0
  dInitialH: usize; // out: [batch, units], or 0
  dInitialC: usize; // out: [batch, units], or 0
}

// In [batch, time, …] the rows of one step lie on a page each, which no processor fetches ahead.
// So many steps of a row are read or written together.
export const STEPS_TOGETHER: i32 = 8;

/** Where in time step t reads. */
// @ts-ignore: decorator
@inline
export function placeInTime(job: RecurrentJob, t: i32): i32 {
  return job.goBackwards ? job.time - 1 - t : t;
}

/** Where in the sequence step t is. */
// @ts-ignore: decorator
@inline
export function placeInSequence(job: RecurrentJob, t: i32): i32 {
  return job.reversed ? job.time - 1 - t : t;
}

/** Whether step t of a row of the shard is to be zero in the sequence. */
// @ts-ignore: decorator
@inline
export function isZeroed(job: RecurrentJob, row: usize, t: i32): bool {
  if (!job.zeroMasked || !job.mask) return false;
  return !load<u8>(job.mask + (<usize>job.firstRow + row) * <usize>job.time + <usize>placeInTime(job, t));
}

/** Where the rows of h as it is begin, before step t, of which the row of [x | h] is given. */
// @ts-ignore: decorator
@inline
export function statesAt(job: RecurrentJob, t: i32, xh: usize, hOffset: usize): usize {
  return job.h ? job.h + <usize>t * job.hStepBytes : xh + hOffset;
}
