/**
 * A recurrent layer that goes on by a few steps, time after time, on what is prepared once: its weights
 * packed and a job with places for everything. Source: assembly/recurrent/forward.ts.
 */
import { writeJob } from '../bridge/jobs.js';
import type { Workplace } from '../bridge/call.js';
import type { CellFacts } from './cell.js';
import { FORWARD_FIELDS, type ForwardJob } from './jobs.js';
import { layout } from './layout.js';
import { packWeights, type Weights } from './weights.js';

/** Where it reads and writes; addresses. */
export interface StepPlaces {
  /** [batch, time, inputs] */
  x: number;
  /** u8 [batch, time], or 0 */
  mask: number;
  /** [batch, units], read and overwritten */
  h: number;
  /** [batch, units], read and overwritten, with a second state */
  c: number;
  /** [batch, time, units], or 0 */
  sequence: number;
}

/** Its sizes. */
export interface StepSizes {
  batch: number;
  time: number;
  inputs: number;
  units: number;
}

/**
 * The job of a call for the kernel recurrentForward.
 *
 * @param place Memory that is kept as long as the job.
 * @param weights Read here, and not by the job.
 */
export function fewStepsJob(
  place: Workplace,
  cell: CellFacts,
  { batch, time, inputs, units }: StepSizes,
  weights: Weights,
  { x, mask, h, c, sequence }: StepPlaces,
): number {
  const bytes = layout(cell, inputs, units);
  const { panels, bias } = packWeights(place, cell, { inputs, units }, weights);
  const job: ForwardJob = {
    cell: cell.number,
    time,
    inputs,
    width: inputs,
    units,
    firstRow: 0,
    rows: batch,
    goBackwards: 0,
    setting: weights.setting,
    x,
    words: 0,
    mask,
    initialH: h,
    initialC: c,
    panels,
    bias,
    jointBias: bias + bytes.jointBias,
    stateBias: bias + bytes.stateBias,
    xh: place.scratch(batch * bytes.xh),
    xhStepBytes: 0,
    gates: place.scratch(batch * bytes.gates),
    gatesStepBytes: 0,
    c: cell.states === 2 ? place.scratch(batch * bytes.state) : 0,
    cStepBytes: 0,
    late: cell.late ? place.scratch(batch * bytes.state) : 0,
    lateStepBytes: 0,
    lateStarts: cell.late ? place.scratch(4 * batch) : 0,
    h: 0,
    hStepBytes: 0,
    inputMask: 0,
    stateMask: 0,
    sequence,
    sequenceStride: units,
    reversed: 0,
    zeroMasked: 0,
    lastH: h,
    lastStride: units,
    lastC: c,
  };
  return writeJob(place, FORWARD_FIELDS, [job]);
}
