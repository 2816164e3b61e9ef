/** The forward pass of bidirectional.ts: where each direction writes, and what is left to merge. */
import type { tf } from '../../foundation/tensorflow.js';
import type { Activations } from '../bridge/activations.js';
import { type Call, sizeOf } from '../bridge/call.js';
import type { BidirectionalSettings, DirectionSettings } from './bidirectional-inputs.js';
import type { CellFacts } from './cell.js';
import { beginForward, forwardPass } from './forward.js';
import { inference } from './inference.js';
import type { Kept, OutputPlace } from './jobs.js';
import { type Merge, merge, scaleOf } from '../merging/merge.js';

/** What a forward pass leaves for its gradient. */
export interface BothKept {
  directions: readonly [Kept, Kept];
  /** Addresses of the outputs before they were merged, where the gradient reads them. */
  unmerged: readonly [number, number];
}

type Tensors = Record<string, tf.TensorInfo>;

/** How both are merged, and where what a gradient needs is kept. */
export type PassesSettings = BidirectionalSettings & { activations: Activations<BothKept> | null };
type Pair = [number, number];

/** Runs both directions: what is merged, then the states that are asked for. */
export function mergedForward(
  call: Call,
  cell: CellFacts,
  inputs: Tensors,
  settings: PassesSettings,
): tf.TensorInfo[] {
  const { mergeMode: mode, returnSequences, returnState, activations, directions } = settings;
  const [batch, time] = inputs.x!.shape as [number, number, number];
  const units = inputs.kernel0!.shape[1]! / cell.blocks;
  const { memory } = call.runtime;
  const allocate = (bytes: number) => activations?.allocate(memory, bytes) ?? call.scratch(bytes);

  const width = mode === 'concat' ? 2 * units : units;
  const shape = returnSequences ? [batch, time, width] : [batch, width];
  const merged = Array.from({ length: mode === null ? 2 : 1 }, () => call.output(shape));
  const states = [0, 1].map(() => stateOutputs(call, cell, [batch, units], returnState));
  const size = 4 * batch * units;
  // States that are returned besides are tensors of their own, from which outputs are copied.
  const isCopied = !returnSequences && (returnState || isMerge(mode));
  const isMerged = returnSequences && isMerge(mode);
  const apart = (i: number) => {
    if (isMerged) return mode === 'mul' || i > 0 ? allocate(size * time) : merged[0]!.address;
    return mode === 'concat' ? merged[0]!.address + 4 * units * i : merged[i]!.address;
  };
  const outputs = [0, 1].map((i) => (isCopied ? allocate(size) : apart(i))) as Pair;
  const places = outputs.map((output, i): OutputPlace => {
    const { h, c } = states[i]!;
    return {
      sequence: returnSequences ? output : 0,
      sequenceStride: width,
      reversed: i,
      zeroMasked: Number(settings.zeroMasked),
      lastH: returnSequences ? (h?.address ?? call.scratch(size)) : output,
      lastStride: returnSequences || isCopied ? units : width,
      lastC: cell.states === 2 ? (c?.address ?? call.scratch(size)) : 0,
    };
  });

  const kept = runBoth(call, cell, inputs, directions, places, activations);
  if (isMerged) {
    const count = batch * time * units;
    merge(call, mode as Merge, count, outputs[0], outputs[1], merged[0]!.address);
  }
  if (isCopied) {
    call.runtime.finish();
    const values = outputs.map((address) => memory.floats(address, batch * units));
    mergeStates(memory, mode, units, values, merged);
    states.forEach(({ h }, i) => {
      if (h) memory.floats(h.address, batch * units).set(values[i]!);
    });
  }
  if (kept) activations!.set({ directions: kept, unmerged: outputs });
  const ofStates = states.flatMap(({ h, c }) => [h, c]);
  return [...merged, ...ofStates].flatMap((output) => output?.tensor ?? []);
}

/** What the passes leave for a gradient, where one is recorded. */
function runBoth(
  call: Call,
  cell: CellFacts,
  inputs: Tensors,
  directions: readonly DirectionSettings[],
  places: readonly OutputPlace[],
  activations: Activations<BothKept> | null,
): [Kept, Kept] | null {
  const own = [0, 1].map((i) => directionOf(inputs, i));
  if (!activations) {
    const predict = own.map((tensors, i) =>
      inference(call, cell, tensors, directions[i]!, places[i]!.sequence !== 0),
    );
    if (predict.every((one) => one !== null)) {
      const jobs = predict.flatMap((jobsFor, i) => jobsFor(places[i]!));
      call.runtime.run('recurrentInference', jobs);
      return null;
    }
  }
  const pass = (i: number, other?: Kept) =>
    forwardPass(call, cell, own[i]!, directions[i]!, places[i]!, activations, 2, other);
  const first = pass(0);
  const both: [Kept, Kept] = [first, pass(1, first)];
  beginForward(call, both);
  return activations && both;
}

const isMerge = (mode: BidirectionalSettings['mergeMode']): mode is Merge =>
  mode !== null && mode !== 'concat';

/** The tensors of a direction by their names. */
function directionOf(inputs: Tensors, i: number): Record<string, tf.TensorInfo | undefined> {
  const { x, mask } = inputs;
  const [kernel, recurrentKernel] = [inputs[`kernel${i}`], inputs[`recurrentKernel${i}`]];
  const [bias, vectors] = [inputs[`bias${i}`], inputs[`vectors${i}`]];
  const [initialH, initialC] = [inputs[`initialH${i}`], inputs[`initialC${i}`]];
  return { x, mask, kernel, recurrentKernel, bias, vectors, initialH, initialC };
}

function stateOutputs(call: Call, cell: CellFacts, shape: number[], areReturned: boolean) {
  const state = () => (areReturned ? call.output(shape) : null);
  return { h: state(), c: cell.states === 2 ? state() : null };
}

type Output = ReturnType<Call['output']>;

/** Last outputs from those of both directions [batch, units], which are few. */
function mergeStates(
  memory: Call['runtime']['memory'],
  mode: BidirectionalSettings['mergeMode'],
  units: number,
  [a, b]: readonly Float32Array[],
  merged: readonly Output[],
): void {
  const to = merged.map(({ tensor, address }) => memory.floats(address, sizeOf(tensor.shape)));
  if (mode === null) {
    to[0]!.set(a!);
    to[1]!.set(b!);
  } else if (mode === 'concat') {
    for (let i = 0; i < a!.length; i += units) {
      to[0]!.set(a!.subarray(i, i + units), 2 * i);
      to[0]!.set(b!.subarray(i, i + units), 2 * i + units);
    }
  } else {
    const scale = scaleOf(mode);
    for (let i = 0; i < a!.length; i++) {
      to[0]![i] = mode === 'mul' ? a![i]! * b![i]! : (a![i]! + b![i]!) * scale;
    }
  }
}
