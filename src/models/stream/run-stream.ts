/** A chunk of steps through a model by its layers, on any backend. */
import { reject } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';
import { castInput } from '../../layers/model/cast-input.js';
import { type Mask, masksOfOutputs } from '../../layers/model/masks.js';
import { type Masked, runCall } from '../../layers/model/run-graph.js';
import { knownCell, type RnnCell, stackOf } from '../../layers/recurrent/cells.js';
import type { CallArguments, StockRecurrent } from '../../layers/stock.js';
import type { StreamStep, StreamSteps } from './stream-steps.js';

/** What a chunk gives, and the states behind it. */
export interface Advance {
  outputs: tf.Tensor[];
  states: tf.Tensor[];
}

/**
 * Runs the steps of a chunk. Nothing that it is given is disposed of.
 *
 * @param values The inputs, [batch, time, …].
 * @param states As many as `steps.states`.
 */
export function runStream(
  steps: StreamSteps,
  values: readonly tf.Tensor[],
  states: readonly tf.Tensor[],
): Advance {
  const known: tf.Tensor[] = new Array(steps.size);
  const masks: Mask[] = new Array(steps.size).fill(null);
  steps.inputs.forEach(({ tensor, dtype }, i) => {
    known[tensor] = castInput(values[i]!, dtype);
  });
  const next = [...states];
  for (const step of steps.steps) runStep(step, known, masks, next);
  return { outputs: steps.outputs.map((i) => known[i]!), states: next };
}

/** Runs a step of the model, from and to the tensors that are known. */
export function runStep(
  step: StreamSteps['steps'][number],
  known: tf.Tensor[],
  masks: Mask[],
  states: tf.Tensor[],
): void {
  if ('cast' in step) {
    known[step.to] = castInput(known[step.from]!, step.cast);
    masks[step.to] = step.isMasked ? masks[step.from]! : null;
    return;
  }
  const given = {
    values: step.inputs.map((i) => known[i]!),
    masks: step.inputs.map((i) => masks[i]!),
  };
  const made = advance(step, given, states);
  step.outputs.forEach((i, n) => {
    known[i] = made.values[n]!;
    masks[i] = made.masks[n] ?? null;
  });
}

function advance(step: StreamStep, given: Masked, states: tf.Tensor[]): Masked {
  switch (step.carries) {
    case 'nothing':
      return runCall(step.call, given, {});
    case 'steps':
      return convolve(step, given, states);
    case 'states':
      return recur(step, given, states);
  }
}

/** A layer whose settings are exchanged for the time of a call. */
type Recurrent = StockRecurrent & {
  name: string;
  zeroOutputForMask?: unknown;
  /** What `stateful` reads. */
  _stateful: boolean;
};

function recur({ call, shapes, firstState }: StreamStep, given: Masked, states: tf.Tensor[]) {
  const { layer } = call;
  const recurrent = layer as unknown as Recurrent;
  const [x] = given.values as [tf.Tensor];
  const mask = call.isMasked ? given.masks[0]! : null;
  if (mask) requireKnownOutput(recurrent);
  const initialState = states.slice(firstState, firstState + shapes.length);
  const [output, ...next] = withStates(recurrent, () =>
    recurrent.call(x, {
      initialState,
      training: call.training ?? false,
      ...(mask && { mask }),
    } as CallArguments),
  ) as [tf.Tensor, ...tf.Tensor[]];
  next.forEach((state, i) => {
    states[firstState + i] = state;
  });
  const values = recurrent.returnState ? [output, ...next] : [output];
  return { values, masks: masksOfOutputs(layer, given.values, given.masks, values) };
}

/** Has a layer give its states, without touching those that it keeps itself. */
function withStates(layer: Recurrent, call: () => tf.Tensor | tf.Tensor[]): tf.Tensor[] {
  const { returnState, _stateful, zeroOutputForMask } = layer;
  layer.returnState = true;
  layer._stateful = false;
  // States begin with zeros, and go on unchanged until a step counts: so do the outputs.
  if (zeroOutputForMask === 'untilFirst') layer.zeroOutputForMask = false;
  try {
    return [call()].flat();
  } finally {
    Object.assign(layer, { returnState, _stateful });
    if (zeroOutputForMask !== undefined) layer.zeroOutputForMask = zeroOutputForMask;
  }
}

/** A masked step repeats the output before it, which is the first state of every cell that we know. */
function requireKnownOutput({ cell, name }: Recurrent): void {
  const one = cell as unknown as RnnCell;
  if ((stackOf(one) ?? [one]).every((each) => knownCell(each) !== null)) return;
  reject({
    where: 'stream',
    expected: `the layer ${name} has a cell of its own and masked steps, which repeat an output that is no state`,
    remedy: 'Push the steps that count, and no padding.',
    see: 'unsuitable-model',
  });
}

/** A causal convolution over the steps of before and those of the chunk. */
function convolve({ call, shapes, firstState }: StreamStep, given: Masked, states: tf.Tensor[]) {
  const { layer } = call;
  const [x] = given.values as [tf.Tensor3D];
  const { masks } = given;
  if (shapes.length === 0) return runCall(call, given, {});
  const [before] = shapes[0]!;
  const seen = tf.concat([states[firstState] as tf.Tensor3D, x], 1);
  const all = runCall(call, { values: [seen], masks: [null] }, {}).values[0] as tf.Tensor3D;
  const [batch, time, channels] = all.shape;
  const output = tf.slice(all, [0, before!, 0], [batch, time - before!, channels]);
  const width = seen.shape[2];
  states[firstState] = tf.slice(seen, [0, seen.shape[1] - before!, 0], [batch, before!, width]);
  return { values: [output], masks: masksOfOutputs(layer, [x], masks, [output]) };
}
