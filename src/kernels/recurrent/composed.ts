/**
 * The twin of recurrent.ts in plain operations: what runs on webgl and webgpu, what covers the
 * settings that the fused kernels do not, and what they are tested against. The steps are the cells'.
 */
import { tf } from '../../foundation/tensorflow.js';
import type { Dropping } from '../dropout/dropout-jobs.js';
import type { Cell, CellActivations } from './cell.js';
import type {
  RecurrentInputs,
  RecurrentOutputs,
  RecurrentSettings,
  SequenceSettings,
} from './inputs.js';
import { sequenceMask } from './sequence-dropout.js';

/** How the composed layer computes: any activations. */
export interface ComposedSettings
  extends SequenceSettings,
    CellActivations,
    Pick<RecurrentSettings, 'dropout' | 'recurrentDropout'> {}

/** Runs a cell step by step. */
export function composed(
  cell: Cell,
  inputs: RecurrentInputs,
  settings: ComposedSettings,
): RecurrentOutputs {
  const { kernel, recurrentKernel, bias, vectors, mask, initialH, initialC } = inputs;
  const [batch, time, width] = inputs.x.shape;
  const units = kernel.shape[1] / cell.blocks;
  const { dropout, recurrentDropout } = settings;
  const x = dropout ? tf.mul<tf.Tensor3D>(inputs.x, maskOf(dropout, [batch, 1, width])) : inputs.x;
  const dropped = recurrentDropout && maskOf(recurrentDropout, [batch, units]);
  const projected = projectInputs(cell, { ...inputs, x }); // time × [batch, blocks·units]
  const masks = mask ? splitSteps(tf.cast(mask, 'bool'), time) : null; // time × [batch, 1]
  const step = cell.composed({ recurrentKernel, bias, vectors, units }, settings);

  let states = [initialH, initialC]
    .slice(0, cell.states)
    .map((state) => state ?? tf.zeros<tf.Rank.R2>([batch, units]));
  const sequence: tf.Tensor2D[] = [];
  for (let i = 0; i < time; i++) {
    const at = settings.goBackwards ? time - 1 - i : i;
    const [h, ...others] = states as [tf.Tensor2D, ...tf.Tensor2D[]];
    const next = step(projected[at]!, [dropped ? tf.mul(h, dropped) : h, ...others]);
    states = masks ? next.map((state, k) => tf.where(masks[at]!, state, states[k]!)) : next;
    if (settings.returnSequences) sequence.push(states[0]!);
  }
  const [h, c] = states as [tf.Tensor2D, tf.Tensor2D?];
  return { sequence: sequence.length > 0 ? stackSteps(sequence) : null, h, c };
}

function maskOf({ rate, seed }: Dropping, shape: number[]): tf.Tensor {
  return tf.tensor(sequenceMask(tf.util.sizeFromShape(shape), rate, seed), shape);
}

/** x·W + b for all steps in one product: time × [batch, blocks·units]. */
export function projectInputs(cell: Cell, { x, kernel, bias }: RecurrentInputs): tf.Tensor2D[] {
  const [batch, time, features] = x.shape;
  const flat = tf.matMul(tf.reshape(x, [batch * time, features]), kernel);
  const biased = bias ? tf.add(flat, cell.inputBias(bias)) : flat;
  return splitSteps(tf.reshape(biased, [batch, time, kernel.shape[1]]), time).map((step) =>
    tf.reshape(step, [batch, kernel.shape[1]]),
  );
}

// Slices and concatenations of a kept time axis, because the gradient of
// TensorFlow.js' unstack and stack fails for a single step, as does split's.
/** Steps of [batch, time, …], each with a time of one. */
export function splitSteps(x: tf.Tensor, time: number): tf.Tensor[] {
  return time === 1 ? [x] : tf.split(x, time, 1);
}

function stackSteps(steps: tf.Tensor2D[]): tf.Tensor3D {
  return tf.concat(
    steps.map((step) => tf.expandDims(step, 1) as tf.Tensor3D),
    1,
  );
}
