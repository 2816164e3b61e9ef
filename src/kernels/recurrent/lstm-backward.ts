/** The gradient of an LSTM as a kernel of TensorFlow.js. Source: assembly/recurrent/lstm.ts. */
import { tf } from '../../foundation/tensorflow.js';
import type { Activations } from '../bridge/activations.js';
import { JobFields, runJobs } from '../bridge/jobs.js';
import { layout, OUTER_ROWS } from './lstm-jobs.js';
import type { WordBatch } from './lstm-words.js';
import {
  inputWeights,
  NO_SUMS,
  wordBackwardJob,
  wordGradients,
  type WordSums,
  wordSums,
} from './lstm-words-backward.js';
import { rejectSecondDerivative } from '../bridge/register.js';
import type { KernelCall, Workplace } from '../bridge/tensors.js';
import { WordGradient, WordGradientSource } from '../embedding/word-gradient.js';

// The fields of LstmJob in assembly/recurrent/lstm.ts, in its order.
// biome-ignore format: one line a group
export const FORWARD_FIELDS = new JobFields([
  'time', 'inputs', 'units', 'firstRow', 'rows', 'goBackwards', 'hardSigmoid',
  'x', 'words', 'mask', 'initialH', 'initialC', 'panels', 'bias',
  'xh', 'xhStepBytes', 'gates', 'gatesStepBytes', 'c', 'cStepBytes',
  'sequence', 'lastH', 'lastC',
]);
// biome-ignore format: one line a group
const BACKWARD_FIELDS = new JobFields([
  ...FORWARD_FIELDS.names,
  'transposedPanels', 'dSequence', 'dLastH', 'dLastC', 'dxh', 'dc', 'dhKept',
  'dGates', 'outerCopy', 'dxSteps', 'dSequenceSteps', 'dPanels', 'dBias', 'dx', 'dInitialH', 'dInitialC',
]);

const STEPS_TOGETHER = 8; // as in assembly/recurrent/lstm.ts

export type ForwardJob = Record<(typeof FORWARD_FIELDS)['names'][number], number>;

/** What a forward pass leaves for its gradient. */
export interface Kept {
  jobs: ForwardJob[];
  shape: [batch: number, time: number];
  has: { bias: boolean; initialH: boolean; initialC: boolean };
  /** Where the inputs were taken by words. */
  words: WordBatch | null;
}

/** Addresses of what comes back to the outputs, and of the weights; 0 for none. */
interface Given {
  transposedPanels: number;
  dSequence: number;
  dLastH: number;
  dLastC: number;
}

/** Addresses of the gradients of what each row has; 0 for none. */
interface RowGradients {
  dx: number;
  dInitialH: number;
  dInitialC: number;
}

export function rejectSecondLstmDerivative(): never {
  rejectSecondDerivative('lstm', "build the layer with kernel: 'composed'");
}

/** The gradients of x, the weights, and the initial states if there were any, in this order. */
export function backward(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  { activations }: { activations: Activations<Kept> },
): tf.TensorInfo[] {
  // What the pass reads is released behind it, so there is no second one.
  const kept = activations.take() ?? rejectSecondLstmDerivative();
  const { has, shape, jobs, words } = kept;
  const units = jobs[0]!.units;
  const dInitialH = has.initialH ? call.output([shape[0], units]) : null;
  const dInitialC = has.initialC ? call.output([shape[0], units]) : null;
  const states = { dInitialH: dInitialH?.address ?? 0, dInitialC: dInitialC?.address ?? 0 };
  const gradients = words
    ? byWords(call, inputs, activations, kept, words, states)
    : byRows(call, inputs, activations, kept, states);
  const ofStates = [dInitialH, dInitialC].flatMap((output) => output?.tensor ?? []);
  return [...gradients, ...ofStates];
}

/** dx, dKernel, dRecurrentKernel and, if there is one, dBias. */
function byRows(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  activations: Activations<Kept>,
  kept: Kept,
  states: Omit<RowGradients, 'dx'>,
): tf.TensorInfo[] {
  const { inputs: width, units } = kept.jobs[0]!;
  const { exports } = call.runtime;
  const given = {
    transposedPanels: packTransposed(call, inputs, width, units, (bytes) => call.scratch(bytes)),
    dSequence: call.input(inputs.dSequence),
    dLastH: call.input(inputs.dh),
    dLastC: call.input(inputs.dc),
  };
  const out = outputs(call, kept, width, units);
  const dx = call.output([...kept.shape, width]);
  const shards = runShards(call, kept, given, { ...states, dx: dx.address });
  const sum = addedUp(call, kept, shards);
  const { depth, paddedInputs } = layout(width, units);
  const recurrent = sum.dPanels + 32 * paddedInputs;
  exports.lstmUnpack(width, depth, units, sum.dPanels, out.kernel.address);
  exports.lstmUnpack(units, depth, units, recurrent, out.recurrentKernel.address);
  if (out.bias) exports.lstmUnpackBias(units, sum.dBias, out.bias.address);
  activations.release();
  return tensorsOf(dx.tensor, out);
}

/** The same by words. Where only the table will want dx, that of the table is computed instead. */
function byWords(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  activations: Activations<Kept>,
  kept: Kept,
  words: WordBatch,
  states: Omit<RowGradients, 'dx'>,
): tf.TensorInfo[] {
  const { jobs, shape } = kept;
  const { source, inputs: width, units } = words;
  const { memory } = call.runtime;
  // What dx would be written from stays for as long as somebody may ask for it.
  const keep = (bytes: number) => activations.allocate(memory, bytes);
  const held = [inputs.dSequence, inputs.dh, inputs.dc].map((dy) => dy && call.hold(dy));
  const release = () => {
    activations.release();
    for (const dy of held) dy?.release();
  };
  try {
    const [dSequence, dLastH, dLastC] = held.map((dy) => dy?.address ?? 0);
    const given: Given = {
      transposedPanels: packTransposed(call, inputs, 0, units, keep),
      ...{ dSequence: dSequence!, dLastH: dLastH!, dLastC: dLastC! },
    };
    const weights = inputWeights(call, words, call.input(inputs.kernel), keep);
    const wordJobs = (place: Workplace, sums: readonly WordSums[] | null, dx: number) =>
      jobs.map((job, i) => wordBackwardJob(place, words, job, weights, sums?.[i] ?? NO_SUMS, dx));

    const out = outputs(call, kept, width, units);
    const dx = source.unshared ? null : call.output([...shape, width]);
    const table = dx ? 0 : memory.allocate(4 * tf.util.sizeFromShape(source.table.shape));
    const parts = jobs.map((_, i) => wordSums(call, words, table, i, jobs.length));
    const byWord = wordJobs(call, parts, dx?.address ?? 0);
    // Not waited for, as the calling thread has enough to do that no other can.
    const shards = runShards(call, kept, given, { ...states, dx: 0 }, byWord, 'begin');
    wordGradients(call, words, weights, parts, {
      recurrentPanels: shards.map(({ dPanels }) => dPanels),
      dRecurrentKernel: out.recurrentKernel.address,
      dKernel: out.kernel.address,
      dBias: out.bias?.address ?? 0,
      dTable: table,
    });
    if (dx) {
      release();
      return tensorsOf(dx.tensor, out);
    }
    activations.outliveTape();
    const write = (place: Workplace, address: number) => {
      const alone = { dx: 0, dInitialH: 0, dInitialC: 0 };
      runShards(place, kept, given, alone, wordJobs(place, null, address));
    };
    const gradient = new WordGradient(
      source,
      new WordGradientSource(memory, table, write, release),
    );
    return tensorsOf(call.deferredOutput([...shape, width], gradient), out);
  } catch (error) {
    release();
    throw error;
  }
}

/** What one shard sums up; addresses. */
interface ShardSums {
  dPanels: number;
  dBias: number;
}

/** Runs the shards; `words`: a job for each of them. */
function runShards(
  place: Workplace,
  { jobs }: Kept,
  given: Given,
  gradients: RowGradients,
  words?: readonly number[],
  how: 'run' | 'begin' = 'run',
): ShardSums[] {
  const { inputs, units } = jobs[0]!;
  const bytes = layout(inputs, units);
  const all = jobs.map((job, i) => ({
    words: words?.[i] ?? 0,
    dxh: place.scratch(job.rows * bytes.dxh),
    dc: place.scratch(job.rows * bytes.state),
    dhKept: job.mask === 0 ? 0 : place.scratch(job.rows * bytes.state),
    dGates: place.scratch(bytes.gates * Math.max(job.rows, OUTER_ROWS)),
    outerCopy: place.scratch(64 * Math.max(job.rows, OUTER_ROWS)),
    dxSteps: place.scratch(4 * STEPS_TOGETHER * job.rows * inputs),
    dSequenceSteps:
      given.dSequence === 0 ? 0 : place.scratch(4 * STEPS_TOGETHER * job.rows * units),
    dPanels: place.scratch(bytes.panels),
    dBias: place.scratch(bytes.packedBias),
  }));
  const whole = jobs.map((job, i) => [job, all[i]!, given, gradients] as const);
  runJobs(place, 'lstmBackward', BACKWARD_FIELDS, whole, how);
  return all;
}

/** Adds up what each of the shards has summed. */
function addedUp({ runtime: { exports } }: Workplace, { jobs }: Kept, shards: ShardSums[]) {
  const { inputs, units } = jobs[0]!;
  const bytes = layout(inputs, units);
  const [first, ...others] = shards as [ShardSums, ...ShardSums[]];
  for (const other of others) {
    exports.addFloats(first.dPanels, other.dPanels, bytes.panels / 4);
    exports.addFloats(first.dBias, other.dBias, bytes.packedBias / 4);
  }
  return first;
}

/** The weights of `width` inputs (0 without) and of the units, as a backward pass reads them. */
function packTransposed(
  call: KernelCall,
  { kernel, recurrentKernel }: Record<string, tf.TensorInfo>,
  width: number,
  units: number,
  allocate: (bytes: number) => number,
): number {
  const { exports, memory } = call.runtime;
  const { transposedPanels: bytes, paddedInputs } = layout(width, units);
  const panels = allocate(bytes);
  memory.bytes(panels, bytes).fill(0);
  if (width) exports.lstmPackTransposed(width, units, call.input(kernel), 0, panels);
  exports.lstmPackTransposed(units, units, call.input(recurrentKernel), paddedInputs, panels);
  return panels;
}

function outputs(call: KernelCall, { has }: Kept, width: number, units: number) {
  return {
    kernel: call.output([width, 4 * units]),
    recurrentKernel: call.output([units, 4 * units]),
    bias: has.bias ? call.output([4 * units]) : null,
  };
}

function tensorsOf(dx: tf.TensorInfo, out: ReturnType<typeof outputs>): tf.TensorInfo[] {
  return [
    dx,
    out.kernel.tensor,
    out.recurrentKernel.tensor,
    ...(out.bias ? [out.bias.tensor] : []),
  ];
}
