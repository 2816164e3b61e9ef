/** Back through time, step by step: the gradient of every state of a recurrent layer. */
import { tf } from '../../foundation/tensorflow.js';
import { record } from '../../kernels/bridge/small-tape.js';
import type { Cell, CellActivations } from '../../kernels/recurrent/cell.js';
import { projectInputs, splitSteps } from '../../kernels/recurrent/composed.js';
import type { RecurrentInputs } from '../../kernels/recurrent/inputs.js';

/** A pass over a sequence. */
export interface Pass {
  cell: Cell;
  inputs: RecurrentInputs;
  activations: CellActivations;
  goBackwards: boolean;
}

/** What comes back from whatever reads the layer; null where nothing does. */
export interface Flowing {
  /** By the places of the inputs [batch, time, units]. */
  sequence: tf.Tensor | null;
  /** To the states behind the last step [batch, units]. */
  h: tf.Tensor | null;
  c: tf.Tensor | null;
}

type States = tf.Tensor2D[];

/**
 * ∂loss/∂h of every step, along every path: from what reads the output of the step, and from the step
 * behind it. By the recursion ∂loss/∂s(t) = flowing(t) + (∂s(t+1)/∂s(t))ᵀ·∂loss/∂s(t+1) for the states
 * s = (h, c), whose products come from the composed twin of the cell.
 *
 * @returns By the places of the inputs, each [batch, units].
 * @see Werbos 1990, "Backpropagation through time: what it does and how to do it".
 */
export function gradientsThroughTime(pass: Pass, flowing: Flowing): tf.Tensor2D[] {
  const { cell, inputs, activations, goBackwards } = pass;
  const { mask, kernel, recurrentKernel, bias, vectors } = inputs;
  const time = inputs.x.shape[1];
  const units = kernel.shape[1] / cell.blocks;
  const step = cell.composed({ recurrentKernel, bias, vectors, units }, activations);
  const projected = projectInputs(cell, inputs); // time × [batch, blocks·units]
  const masks = mask ? splitSteps(tf.cast(mask, 'bool'), time) : null; // time × [batch, 1]
  const placeOf = (i: number) => (goBackwards ? time - 1 - i : i);
  const before = statesBefore(pass, units, (states, i) => {
    const next = step(projected[placeOf(i)]!, states);
    const kept = masks?.[placeOf(i)];
    return kept ? next.map((state, k) => tf.where(kept, state, states[k]!)) : next;
  });

  const { sequence } = flowing;
  const read = sequence && splitSteps(sequence, time); // time × [batch, 1, units]
  const gradients: tf.Tensor2D[] = new Array(time);
  let d = [flowing.h, flowing.c]
    .slice(0, cell.states)
    .map((gradient) => gradient ?? tf.zeros([inputs.x.shape[0], units])) as States;
  for (let i = time - 1; i >= 0; i--) {
    const place = placeOf(i);
    if (read) d = [tf.add(d[0]!, tf.reshape(read[place]!, d[0]!.shape)), ...d.slice(1)];
    gradients[place] = d[0]!;
    d = tf.tidy(() => {
      const back = backThroughStep((states) => step(projected[place]!, states), before[i]!, d);
      const kept = masks?.[place];
      // Behind a masked step the states are those before it, and so is what comes back.
      return kept ? back.map((gradient, k) => tf.where(kept, gradient, d[k]!)) : back;
    });
  }
  return gradients;
}

/** The states before each step, in the order in which the steps are computed. */
function statesBefore(
  { cell, inputs: { x, initialH, initialC } }: Pass,
  units: number,
  next: (states: States, i: number) => States,
): States[] {
  const [batch, time] = x.shape;
  let states = [initialH, initialC]
    .slice(0, cell.states)
    .map((state) => state ?? tf.zeros<tf.Rank.R2>([batch, units]));
  return Array.from({ length: time }, (_, i) => {
    const before = states;
    if (i < time - 1) states = tf.tidy(() => next(before, i));
    return before;
  });
}

/** What comes back to the states before a step from those behind it. */
function backThroughStep(step: (states: States) => States, before: States, d: States): States {
  const { outputs, gradients } = record(() => step(before));
  return gradients(
    outputs.map((output, k) => [output, d[k]!]),
    before,
  ).map((gradient, k) => (gradient ?? tf.zerosLike(before[k]!)) as tf.Tensor2D);
}
