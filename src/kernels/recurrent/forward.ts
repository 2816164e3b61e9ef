/** The forward pass of a recurrent layer. Source: assembly/recurrent/forward.ts. */
import type { tf } from '../../foundation/tensorflow.js';
import type { Activations } from '../bridge/activations.js';
import { writeJob } from '../bridge/jobs.js';
import type { Call } from '../bridge/call.js';
import type { CellFacts } from './cell.js';
import type { RecurrentSettings } from './inputs.js';
import { FORWARD_FIELDS, type ForwardJob, type Kept, type OutputPlace } from './jobs.js';
import { isWorthThreads, layout, shardsOf, workOfAStep } from './layout.js';
import { writeMask } from './sequence-dropout.js';
import { packedUntilChanged } from './packed.js';
import { packWeights } from './weights.js';
import { sameWords, wordBatch, wordJobs } from './words.js';

/** What a pass heeds of a layer's settings. */
export type PassSettings = Omit<RecurrentSettings, 'returnSequences'>;

/**
 * Prepares the pass, whose jobs are still to run.
 *
 * @param activations Where what the backward pass needs is kept, or null.
 * @param other The pass over the same inputs by a layer that runs with this one, prepared before.
 */
export function forwardPass(
  call: Call,
  cell: CellFacts,
  inputs: Record<string, tf.TensorInfo | undefined>,
  settings: PassSettings,
  out: OutputPlace,
  activations: Activations<unknown> | null,
  directions: number,
  other?: Kept,
): Kept {
  const [batch, time, width] = inputs.x!.shape as [number, number, number];
  const units = inputs.kernel!.shape[1]! / cell.blocks;
  const { memory } = call.runtime;
  const allocate = (size: number) => activations?.allocate(memory, size) ?? call.scratch(size);
  const { goBackwards, setting, dropout, recurrentDropout } = settings;
  const inputMask = dropout ? writeMask(call, dropout, batch, width, width, allocate) : 0;
  const masked = dropout ? { mask: inputMask, rate: dropout.rate } : null;
  const words =
    activations &&
    (other
      ? other.words && sameWords(call, other.words, batch, goBackwards, inputMask, allocate)
      : wordBatch(call, cell, inputs.x!, units, goBackwards, masked, allocate));
  const sizes = { inputs: words ? 0 : width, units };
  const bytes = layout(cell, sizes.inputs, units);

  const weights = {
    kernel: call.input(inputs.kernel),
    recurrentKernel: call.input(inputs.recurrentKernel),
    bias: call.input(inputs.bias),
    vectors: call.input(inputs.vectors),
    setting,
  };
  const { panels, bias } = activations
    ? packWeights(call, cell, sizes, weights)
    : packedUntilChanged(call, cell, sizes, inputs, weights);
  const stateMask = recurrentDropout
    ? writeMask(call, recurrentDropout, batch, units, bytes.state / 4, allocate)
    : 0;
  const given = other?.jobs[0];
  const x = words ? 0 : (given?.x ?? call.input(inputs.x));
  const initialH = call.input(inputs.initialH);
  const initialC = call.input(inputs.initialC);
  const mask = given?.mask ?? maskOf(call, inputs.mask, activations && allocate);

  const work = batch * time * workOfAStep(bytes.depth, bytes.columns);
  const shards = shardsOf(batch, call.runtime.threads, work, directions);
  const jobsByWords = words && wordJobs(call, words, weights, shards);
  const keptSteps = activations ? 1 : 0;
  const gateSteps = cell.keepsGates ? keptSteps : 0;
  const hasC = cell.states === 2;
  const jobs = shards.map(({ firstRow, rows }, i): ForwardJob => {
    const room = (rowBytes: number, steps: number) =>
      allocate(Math.max(steps, 1) * rows * rowBytes);
    return {
      cell: cell.number,
      time,
      inputs: sizes.inputs,
      width,
      units,
      firstRow,
      rows,
      goBackwards: Number(goBackwards),
      setting,
      x,
      words: jobsByWords?.[i] ?? 0,
      mask,
      initialH,
      initialC,
      panels,
      bias,
      jointBias: bias + bytes.jointBias,
      stateBias: bias + bytes.stateBias,
      xh: room(bytes.xh, keptSteps * time + 1),
      xhStepBytes: keptSteps * rows * bytes.xh,
      gates: room(bytes.gates, gateSteps * time),
      gatesStepBytes: gateSteps * rows * bytes.gates,
      c: hasC ? room(bytes.state, keptSteps * time + 1) : 0,
      cStepBytes: hasC ? keptSteps * rows * bytes.state : 0,
      late: cell.late ? room(bytes.state, keptSteps * time) : 0,
      lateStepBytes: cell.late ? keptSteps * rows * bytes.state : 0,
      lateStarts: cell.late ? call.scratch(4 * rows) : 0,
      h: stateMask ? room(bytes.state, keptSteps * time + 1) : 0,
      hStepBytes: stateMask ? keptSteps * rows * bytes.state : 0,
      inputMask,
      stateMask,
      sequence: out.sequence,
      sequenceStride: out.sequenceStride,
      reversed: out.reversed,
      zeroMasked: out.zeroMasked,
      lastH: out.lastH,
      lastStride: out.lastStride,
      lastC: out.lastC,
    };
  });
  return {
    jobs,
    shape: [batch, time],
    has: {
      bias: inputs.bias?.shape ?? null,
      vectors: inputs.vectors?.shape ?? null,
      initialH: inputs.initialH !== undefined,
      initialC: inputs.initialC !== undefined,
    },
    words,
    worthThreads: isWorthThreads(directions * work),
  };
}

/** Runs passes, each behind what was begun before it; who reads what they write waits for them. */
export function beginForward(call: Call, passes: readonly Kept[]): void {
  const jobs = passes.flatMap(({ jobs }) =>
    jobs.map((job) => writeJob(call, FORWARD_FIELDS, [job])),
  );
  for (const some of inRuns(jobs, passes[0]!)) call.runtime.begin('recurrentForward', some);
}

/** Jobs that are worth threads are one run; others follow each other, and nobody is woken for them. */
export function inRuns(jobs: readonly number[], { worthThreads }: Kept): (readonly number[])[] {
  return worthThreads ? [jobs] : jobs.map((job) => [job]);
}

/** The address of a mask, in memory of its own where it is to be kept. */
function maskOf(
  call: Call,
  tensor: tf.TensorInfo | undefined,
  keep: ((bytes: number) => number) | null,
): number {
  const mask = call.input(tensor);
  if (!tensor || !keep) return mask;
  const [batch, time] = tensor.shape as [number, number];
  const copy = keep(batch * time);
  const { memory } = call.runtime;
  memory.bytes(copy, batch * time).set(memory.bytes(mask, batch * time));
  return copy;
}
