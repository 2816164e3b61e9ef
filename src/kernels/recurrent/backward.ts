/**
 * The gradient of one layer, or of two that read the same inputs, as jobs of one run. Source:
 * assembly/recurrent/backward.ts. Where the inputs are taken by words: backward-by-words.ts.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { rejectSecondDerivative } from '../bridge/register.js';
import type { Workplace } from '../bridge/call.js';
import type { KernelCall } from '../bridge/tensors.js';
import {
  addInputs,
  type Direction,
  type Room,
  runBack,
  type Shared,
  type ShardSums,
  shardsBack,
  weightsOf,
} from './backward-jobs.js';
import { byWords } from './backward-by-words.js';
import type { Cell } from './cell.js';
import type { Kept } from './jobs.js';
import { layout } from './layout.js';
import { merge } from '../merging/merge.js';
import { transposeWeights, unpackGradients } from './weights.js';

/** Gradients of the inputs, and by direction of the weights and of the initial states that there were. */
export interface InputGradients {
  dx: tf.TensorInfo;
  others: tf.TensorInfo[][];
}

/** Refuses a second derivative. */
export function rejectSecond({ name }: Cell): never {
  rejectSecondDerivative(name, "build the layer with kernel: 'composed'");
}

/** Runs the pass and gives back what it has read. */
export function backward(
  call: KernelCall,
  directions: readonly Direction[],
  shared: Shared,
): InputGradients {
  const { activations, held } = shared;
  const release = () => {
    activations.release();
    for (const one of held) one?.release();
  };
  try {
    const states = directions.map((direction) => stateGradients(call, direction));
    const outputs = directions.map((direction) => weightGradients(call, direction));
    const { words } = directions[0]!.kept;
    const dx = words
      ? byWords(call, directions, shared, { states, outputs, release })
      : byRows(call, directions, shared, { states, outputs });
    if (!words) release();
    const others = outputs.map(({ tensors }, i) => [...tensors, ...states[i]!.tensors]);
    return { dx, others };
  } catch (error) {
    release();
    throw error;
  }
}

function byRows(
  call: KernelCall,
  directions: readonly Direction[],
  { cell }: Shared,
  { states, outputs }: Room,
): tf.TensorInfo {
  const { shape, jobs } = directions[0]!.kept;
  const { width, units } = jobs[0]!;
  const sizes = { inputs: width, units };
  const bytes = layout(cell, width, units);
  const dx = call.output([...shape, width]);
  const all = directions.map((direction, i) => {
    const inputPanels = call.scratch(bytes.transposedInputs);
    const statePanels = bytes.transposedState && call.scratch(bytes.transposedState);
    const weights = weightsOf(call, direction);
    transposeWeights(call, cell, sizes, weights, { inputPanels, statePanels });
    return shardsBack(call, cell, direction, statePanels, {
      ...states[i]!,
      dx: i === 0 ? dx.address : call.scratch(4 * shape[0] * shape[1] * width),
      transposedInputs: inputPanels,
    });
  });
  runBack(call, all);
  all.forEach(({ sums }, i) => {
    const { dPanels, dBias } = addedUp(call, cell, directions[i]!.kept, sums);
    unpackGradients(call, cell, sizes, { panels: dPanels, packedBias: dBias }, outputs[i]!);
  });
  addInputs(call, directions, all);
  return dx.tensor;
}

/** Adds up what each of the shards has summed. */
function addedUp(place: Workplace, cell: Cell, { jobs }: Kept, shards: ShardSums[]): ShardSums {
  const { inputs, units } = jobs[0]!;
  const bytes = layout(cell, inputs, units);
  const [first, ...others] = shards as [ShardSums, ...ShardSums[]];
  for (const other of others) {
    merge(place, 'sum', bytes.panels / 4, first.dPanels, other.dPanels, first.dPanels);
    merge(place, 'sum', bytes.packedBias / 4, first.dBias, other.dBias, first.dBias);
  }
  return first;
}

function stateGradients(call: KernelCall, { kept: { has, shape, jobs } }: Direction) {
  const units = jobs[0]!.units;
  const dInitialH = has.initialH ? call.output([shape[0], units]) : null;
  const dInitialC = has.initialC ? call.output([shape[0], units]) : null;
  return {
    dInitialH: dInitialH?.address ?? 0,
    dInitialC: dInitialC?.address ?? 0,
    tensors: [dInitialH, dInitialC].flatMap((output) => output?.tensor ?? []),
  };
}

function weightGradients(call: KernelCall, { kernel, recurrentKernel, kept: { has } }: Direction) {
  const dKernel = call.output(kernel.shape);
  const dRecurrentKernel = recurrentKernel ? call.output(recurrentKernel.shape) : null;
  const dBias = has.bias ? call.output(has.bias) : null;
  const dVectors = has.vectors ? call.output(has.vectors) : null;
  return {
    dKernel: dKernel.address,
    dRecurrentKernel: dRecurrentKernel?.address ?? 0,
    dBias: dBias?.address ?? 0,
    dVectors: dVectors?.address ?? 0,
    tensors: [dKernel, dRecurrentKernel, dBias, dVectors].flatMap((output) => output?.tensor ?? []),
  };
}
