/** The job of a shard. Source: assembly/recurrent/job.ts. */
import { JobFields } from '../bridge/jobs.js';
import type { WordBatch } from './words.js';

// The fields of RecurrentJob there, in its order.
// biome-ignore format: one line a group
export const FORWARD_FIELDS = new JobFields([
  'cell', 'time', 'inputs', 'width', 'units', 'firstRow', 'rows', 'goBackwards', 'setting',
  'x', 'words', 'mask', 'initialH', 'initialC', 'panels', 'bias', 'jointBias', 'stateBias',
  'xh', 'xhStepBytes', 'gates', 'gatesStepBytes', 'c', 'cStepBytes', 'late', 'lateStepBytes', 'lateStarts',
  'h', 'hStepBytes', 'inputMask', 'stateMask',
  'sequence', 'sequenceStride', 'reversed', 'zeroMasked', 'lastH', 'lastStride', 'lastC',
]);
// biome-ignore format: one line a group
export const BACKWARD_FIELDS = new JobFields([
  ...FORWARD_FIELDS.names,
  'transposedState', 'transposedInputs', 'dSequence', 'dLastH', 'dLastC', 'dh', 'dhStarts', 'dc', 'dhKept', 'dLate',
  'dGates', 'outerCopy', 'dxRows', 'dSequenceSteps', 'dPanels', 'dBias', 'dx', 'dInitialH', 'dInitialC',
]);

/** Steps of a row that are read or written together, as there. */
export const STEPS_TOGETHER = 8;

export type ForwardJob = Record<(typeof FORWARD_FIELDS)['names'][number], number>;

/** Where a pass writes what comes out, and how; addresses. */
export interface OutputPlace {
  /** [batch, time, units], `sequenceStride` floats from one step to the next; or 0 */
  sequence: number;
  sequenceStride: number;
  /** Whether the last step comes first in the sequence: 1 or 0. */
  reversed: number;
  /** Whether masked steps of the sequence are zeros: 1 or 0. */
  zeroMasked: number;
  /** [batch, units], `lastStride` floats from one row to the next */
  lastH: number;
  lastStride: number;
  /** [batch, units], or 0 */
  lastC: number;
}

/** The place of outputs that nobody shares. */
export function placeOf(
  units: number,
  h: { address: number },
  c: { address: number } | null,
  sequence: { address: number } | null,
): OutputPlace {
  return {
    sequence: sequence?.address ?? 0,
    sequenceStride: units,
    reversed: 0,
    zeroMasked: 0,
    lastH: h.address,
    lastStride: units,
    lastC: c?.address ?? 0,
  };
}

/** What a forward pass leaves for its gradient. */
export interface Kept {
  jobs: ForwardJob[];
  shape: [batch: number, time: number];
  /** The shapes of the bias and the vectors, if there were some, and which states were given. */
  has: { bias: number[] | null; vectors: number[] | null; initialH: boolean; initialC: boolean };
  /** Where the inputs were taken by words. */
  words: WordBatch | null;
  /** Whether the pass is work enough for more than one thread. */
  worthThreads: boolean;
}
