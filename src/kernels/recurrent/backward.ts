/** The gradient of a recurrent layer as a kernel of TensorFlow.js. Source: assembly/recurrent/backward.ts. */
import { tf } from '../../foundation/tensorflow.js';
import type { Activations } from '../bridge/activations.js';
import { runJobs } from '../bridge/jobs.js';
import { rejectSecondDerivative } from '../bridge/register.js';
import type { KernelCall, Workplace } from '../bridge/tensors.js';
import { WordGradient, WordGradientSource } from '../embedding/word-gradient.js';
import type { Cell } from './cell.js';
import { BACKWARD_FIELDS, type Kept, STEPS_TOGETHER } from './jobs.js';
import { layout, OUTER_ROWS } from './layout.js';
import { transposeWeights, unpackGradients } from './weights.js';
import type { WordBatch } from './words.js';
import {
  inputWeights,
  NO_SUMS,
  wordBackwardJob,
  wordGradients,
  type WordSums,
  wordSums,
} from './words-backward.js';

/** Addresses of what comes back to the outputs, and of the recurrent kernel; 0 for none. */
interface Given {
  transposedState: number;
  dSequence: number;
  dLastH: number;
  dLastC: number;
}

/** Addresses of the gradients of what each row has, and of what that of x needs; 0 for none. */
interface RowGradients {
  dx: number;
  transposedInputs: number;
  dInitialH: number;
  dInitialC: number;
}

/** Refuses a second derivative. */
export function rejectSecond({ name }: Cell): never {
  rejectSecondDerivative(name, "build the layer with kernel: 'composed'");
}

/** The gradients of x, the weights, and the initial states if there were any, in this order. */
export function backward(
  call: KernelCall,
  cell: Cell,
  inputs: Record<string, tf.TensorInfo>,
  activations: Activations<Kept>,
): tf.TensorInfo[] {
  // What the pass reads is released behind it, so there is no second one.
  const kept = activations.take() ?? rejectSecond(cell);
  const { has, shape, jobs, words } = kept;
  const units = jobs[0]!.units;
  const dInitialH = has.initialH ? call.output([shape[0], units]) : null;
  const dInitialC = has.initialC ? call.output([shape[0], units]) : null;
  const states = { dInitialH: dInitialH?.address ?? 0, dInitialC: dInitialC?.address ?? 0 };
  const gradients = words
    ? byWords(call, cell, inputs, activations, kept, words, states)
    : byRows(call, cell, inputs, activations, kept, states);
  const ofStates = [dInitialH, dInitialC].flatMap((output) => output?.tensor ?? []);
  return [...gradients, ...ofStates];
}

type StateGradients = Pick<RowGradients, 'dInitialH' | 'dInitialC'>;

/** dx and the gradients of the weights. */
function byRows(
  call: KernelCall,
  cell: Cell,
  inputs: Record<string, tf.TensorInfo>,
  activations: Activations<Kept>,
  kept: Kept,
  states: StateGradients,
): tf.TensorInfo[] {
  const { width, units } = kept.jobs[0]!;
  const sizes = { inputs: width, units };
  const bytes = layout(cell, width, units);
  const [inputPanels, statePanels] = [bytes.transposedInputs, bytes.transposedState].map((size) =>
    call.scratch(size),
  ) as [number, number];
  transposeWeights(call, cell, sizes, weightsOf(call, inputs), { inputPanels, statePanels });
  const given = {
    transposedState: statePanels,
    dSequence: call.input(inputs.dSequence),
    dLastH: call.input(inputs.dh),
    dLastC: call.input(inputs.dc),
  };
  const out = outputs(call, inputs, kept);
  const dx = call.output([...kept.shape, width]);
  const shards = runShards(call, cell, kept, given, {
    ...states,
    dx: dx.address,
    transposedInputs: inputPanels,
  });
  const { dPanels, dBias } = addedUp(call, cell, kept, shards);
  unpackGradients(call, cell, sizes, { panels: dPanels, packedBias: dBias }, addressesOf(out));
  activations.release();
  return [dx.tensor, ...tensorsOf(out)];
}

/** The same by words. Where only the table will want dx, that of the table is computed instead. */
function byWords(
  call: KernelCall,
  cell: Cell,
  inputs: Record<string, tf.TensorInfo>,
  activations: Activations<Kept>,
  kept: Kept,
  words: WordBatch,
  states: StateGradients,
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
    const { kernel, recurrentKernel } = weightsOf(call, inputs);
    const statePanels = keep(layout(cell, 0, units).transposedState);
    const ofState = { kernel: 0, recurrentKernel };
    transposeWeights(call, cell, { inputs: 0, units }, ofState, { inputPanels: 0, statePanels });
    const given: Given = {
      transposedState: statePanels,
      ...{ dSequence: dSequence!, dLastH: dLastH!, dLastC: dLastC! },
    };
    const weights = inputWeights(call, words, kernel, keep);
    const { transposedInputs } = weights;
    const wordJobs = (place: Workplace, sums: readonly WordSums[] | null) =>
      jobs.map((job, i) => wordBackwardJob(place, words, job, weights, sums?.[i] ?? NO_SUMS));

    const out = outputs(call, inputs, kept);
    const dx = source.unshared ? null : call.output([...shape, width]);
    const table = dx ? 0 : memory.allocate(4 * tf.util.sizeFromShape(source.table.shape));
    const parts = jobs.map((_, i) => wordSums(call, words, table, i, jobs.length));
    const gradients = { ...states, dx: dx?.address ?? 0, transposedInputs };
    // Not waited for, as the calling thread has enough to do that no other can.
    const shards = runShards(call, cell, kept, given, gradients, wordJobs(call, parts), 'begin');
    wordGradients(call, words, weights, parts, {
      recurrentPanels: shards.map(({ dPanels }) => dPanels),
      ...addressesOf(out),
      dTable: table,
    });
    if (dx) {
      release();
      return [dx.tensor, ...tensorsOf(out)];
    }
    activations.outliveTape();
    const write = (place: Workplace, address: number) => {
      const alone = { dx: address, transposedInputs, dInitialH: 0, dInitialC: 0 };
      runShards(place, cell, kept, given, alone, wordJobs(place, null));
    };
    const gradient = new WordGradient(
      source,
      new WordGradientSource(memory, table, write, release),
    );
    return [call.deferredOutput([...shape, width], gradient), ...tensorsOf(out)];
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
  cell: Cell,
  { jobs }: Kept,
  given: Given,
  gradients: RowGradients,
  words?: readonly number[],
  how: 'run' | 'begin' = 'run',
): ShardSums[] {
  const { inputs, width, units } = jobs[0]!;
  const bytes = layout(cell, inputs, units);
  const { wideInputs } = layout(cell, width, units);
  const all = jobs.map(({ rows, mask }, i) => {
    const scratch = (wanted: boolean, size: number) => (wanted ? place.scratch(size) : 0);
    const outerRows = Math.max(rows, OUTER_ROWS);
    return {
      words: words?.[i] ?? 0,
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
  const whole = jobs.map((job, i) => [job, all[i]!, given, gradients] as const);
  runJobs(place, 'recurrentBackward', BACKWARD_FIELDS, whole, how);
  return all;
}

/** Adds up what each of the shards has summed. */
function addedUp(
  { runtime: { exports } }: Workplace,
  cell: Cell,
  { jobs }: Kept,
  shards: ShardSums[],
): ShardSums {
  const { inputs, units } = jobs[0]!;
  const bytes = layout(cell, inputs, units);
  const [first, ...others] = shards as [ShardSums, ...ShardSums[]];
  for (const other of others) {
    exports.addFloats(first.dPanels, other.dPanels, bytes.panels / 4);
    exports.addFloats(first.dBias, other.dBias, bytes.packedBias / 4);
  }
  return first;
}

function weightsOf(call: KernelCall, inputs: Record<string, tf.TensorInfo>) {
  return {
    kernel: call.input(inputs.kernel),
    recurrentKernel: call.input(inputs.recurrentKernel),
  };
}

type Output = ReturnType<KernelCall['output']>;

/** Room for the gradients of the weights, of the shapes that these have. */
function outputs(
  call: KernelCall,
  { kernel, recurrentKernel }: Record<string, tf.TensorInfo>,
  { has }: Kept,
) {
  const like = (weight: tf.TensorInfo) => call.output(weight.shape);
  return {
    kernel: like(kernel!),
    recurrentKernel: recurrentKernel ? like(recurrentKernel) : null,
    bias: has.bias ? call.output(has.bias) : null,
  };
}

function addressesOf(out: ReturnType<typeof outputs>) {
  return {
    dKernel: out.kernel.address,
    dRecurrentKernel: out.recurrentKernel?.address ?? 0,
    dBias: out.bias?.address ?? 0,
  };
}

function tensorsOf({ kernel, recurrentKernel, bias }: ReturnType<typeof outputs>): tf.TensorInfo[] {
  const all: (Output | null)[] = [kernel, recurrentKernel, bias];
  return all.flatMap((output) => output?.tensor ?? []);
}
