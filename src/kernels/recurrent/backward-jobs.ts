/** Jobs of a way back, for one layer or for two that read the same inputs. Source: assembly/recurrent/backward.ts. */
import type { tf } from '../../foundation/tensorflow.js';
import type { Activations } from '../bridge/activations.js';
import { writeJob } from '../bridge/jobs.js';
import type { Held, Workplace } from '../bridge/call.js';
import type { KernelCall } from '../bridge/tensors.js';
import type { Cell } from './cell.js';
import { inRuns } from './forward.js';
import { BACKWARD_FIELDS, type Kept, STEPS_TOGETHER } from './jobs.js';
import { layout, OUTER_ROWS } from './layout.js';
import { merge } from '../merging/merge.js';
import type { WeightGradients } from './weights.js';

/** A layer on its way back: what its forward pass has left, its weights, and what comes back. */
export interface Direction {
  kept: Kept;
  kernel: tf.TensorInfo;
  recurrentKernel: tf.TensorInfo | undefined;
  /** Addresses, 0 for none. */
  given: { dSequence: number; dLastH: number; dLastC: number };
}

/** What directions share. */
export interface Shared {
  cell: Cell;
  /** Where what they have kept is. */
  activations: Activations<unknown>;
  /** What is read until the gradient of the inputs is written. */
  held: readonly (Held | undefined)[];
}

/** Room for what each direction finds besides the gradient of the inputs. */
export interface Room {
  states: readonly { dInitialH: number; dInitialC: number }[];
  outputs: readonly WeightGradients[];
}

/** Addresses of the gradients of what each row has, and of what that of x needs; 0 for none. */
export interface RowGradients {
  dx: number;
  transposedInputs: number;
  dInitialH: number;
  dInitialC: number;
}

/** What one shard sums up; addresses. */
export interface ShardSums {
  dPanels: number;
  dBias: number;
}

/** The shards of a direction. */
export interface ShardsBack {
  kept: Kept;
  dx: number;
  jobs: number[];
  sums: ShardSums[];
}

/**
 * Prepares the shards of a direction.
 *
 * @param transposedState The address of its recurrent kernel, transposed.
 * @param words By words: a job for each of them.
 */
export function shardsBack(
  place: Workplace,
  cell: Cell,
  { kept, given }: Direction,
  transposedState: number,
  gradients: RowGradients,
  words?: readonly number[],
): ShardsBack {
  const { jobs } = kept;
  const { inputs, width, units } = jobs[0]!;
  const bytes = layout(cell, inputs, units);
  const { wideInputs } = layout(cell, width, units);
  const all = jobs.map(({ rows, mask }, i) => {
    const scratch = (wanted: boolean, size: number) => (wanted ? place.scratch(size) : 0);
    const outerRows = Math.max(rows, OUTER_ROWS);
    return {
      words: words?.[i] ?? 0,
      transposedState,
      dh: place.scratch(rows * bytes.dh),
      dhStarts: scratch(cell.direct, 4 * rows),
      dc: scratch(cell.states === 2, rows * bytes.state),
      dhKept: scratch(mask !== 0, rows * bytes.state),
      dLate: scratch(cell.late, rows * bytes.dh),
      dGates: place.scratch(outerRows * bytes.gates),
      outerCopy: place.scratch(64 * outerRows),
      dxRows: scratch(gradients.dx !== 0, outerRows * wideInputs),
      dSequenceSteps: scratch(given.dSequence !== 0, 4 * STEPS_TOGETHER * rows * units),
      dPanels: place.scratch(bytes.panels),
      dBias: place.scratch(bytes.packedBias),
    };
  });
  return {
    kept,
    dx: gradients.dx,
    jobs: jobs.map((job, i) => writeJob(place, BACKWARD_FIELDS, [job, all[i]!, given, gradients])),
    sums: all,
  };
}

/** Runs the shards of all directions. */
export function runBack({ runtime }: Workplace, directions: readonly ShardsBack[]): void {
  const jobs = directions.flatMap((direction) => direction.jobs);
  for (const some of inRuns(jobs, directions[0]!.kept)) runtime.begin('recurrentBackward', some);
}

/** Adds the gradient of the inputs that a second direction has found to that of the first. */
export function addInputs(
  place: Workplace,
  directions: readonly Direction[],
  [first, second]: readonly ShardsBack[],
): void {
  if (!second || !first!.dx) return;
  const { shape, jobs } = directions[0]!.kept;
  merge(place, 'sum', shape[0] * shape[1] * jobs[0]!.width, first!.dx, second.dx, first!.dx);
}

/** The addresses of the weights of a direction. */
export function weightsOf(call: KernelCall, { kernel, recurrentKernel }: Direction) {
  return { kernel: call.input(kernel), recurrentKernel: call.input(recurrentKernel) };
}
