/** Back through time, step by step: the gradient of every state of a recurrent layer. */
import { tf } from '../../foundation/tensorflow.js';
import { record } from '../../kernels/bridge/small-tape.js';
import type { CellActivations } from '../../kernels/recurrent/cell.js';
import { projectInputs, splitSteps } from '../../kernels/recurrent/composed.js';
import type { RecurrentInputs } from '../../kernels/recurrent/inputs.js';
import { recurrentWithGradients } from '../../kernels/recurrent/recurrent.js';
import { cellObstacle, type KnownCell } from '../../layers/recurrent/run-cell.js';

/** A pass over a sequence. */
export interface Pass {
  known: KnownCell;
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

/** h and, where there is one, c [batch, units]. */
type States = tf.Tensor2D[];

/** A step that has been taken, and the way back over it. */
interface Step {
  states: States;
  /** From what comes back to the states behind it to what comes back to those before it. */
  back(d: States): States;
}

/**
 * ∂loss/∂h of every step, along every path: from what reads the output of the step, and from the step
 * behind it. By the recursion ∂loss/∂s(t) = flowing(t) + (∂s(t+1)/∂s(t))ᵀ·∂loss/∂s(t+1) for the states
 * s = (h, c). A step is a sequence of one for the layer's kernel, or its composed twin.
 *
 * @returns By the places of the inputs, each [batch, units].
 * @see Werbos 1990, "Backpropagation through time: what it does and how to do it".
 */
export function gradientsThroughTime(pass: Pass, flowing: Flowing): tf.Tensor2D[] {
  const { known, inputs, goBackwards } = pass;
  const [batch, time] = inputs.x.shape;
  const units = inputs.kernel.shape[1] / known.cell.blocks;
  const ofCell = (given: readonly (tf.Tensor | null | undefined)[]): States =>
    given
      .slice(0, known.cell.states)
      .map((state) => (state ?? tf.zeros([batch, units])) as tf.Tensor2D);
  const takeStep = cellObstacle(known) === null ? fusedSteps(pass) : composedSteps(pass);
  const steps: Step[] = [];
  let states = ofCell([inputs.initialH, inputs.initialC]);
  for (let i = 0; i < time; i++) {
    const step = takeStep(goBackwards ? time - 1 - i : i, states);
    steps.push(step);
    states = step.states;
  }

  const read = flowing.sequence && splitSteps(flowing.sequence, time); // time × [batch, 1, units]
  const gradients: tf.Tensor2D[] = new Array(time);
  let d = ofCell([flowing.h, flowing.c]);
  for (let i = time - 1; i >= 0; i--) {
    const place = goBackwards ? time - 1 - i : i;
    const [dh, ...others] = d as [tf.Tensor2D, ...tf.Tensor2D[]];
    if (read) d = [tf.add(dh, tf.reshape(read[place]!, dh.shape)), ...others];
    gradients[place] = d[0]!;
    d = steps[i]!.back(d);
  }
  return gradients;
}

function fusedSteps({ known, inputs }: Pass): (place: number, before: States) => Step {
  const { x, mask, ...weights } = inputs;
  const time = x.shape[1];
  const steps = splitSteps(x, time) as tf.Tensor3D[]; // time × [batch, 1, inputs]
  const masks = mask && (splitSteps(mask, time) as tf.Tensor2D[]); // time × [batch, 1]
  const settings = {
    ...{ goBackwards: false, returnSequences: false },
    setting: known.setting as number,
  };
  return (place, [initialH, initialC]) => {
    const { outputs, gradients } = recurrentWithGradients(
      known.cell,
      { ...weights, x: steps[place]!, mask: masks?.[place], initialH, initialC },
      settings,
    );
    return {
      states: outputs.c ? [outputs.h, outputs.c] : [outputs.h],
      back([h, c]) {
        const { initialH, initialC } = gradients({ h: h!, ...(c && { c }) });
        return (c ? [initialH, initialC] : [initialH]) as States;
      },
    };
  };
}

function composedSteps({ known, inputs, activations }: Pass) {
  const { cell } = known;
  const { mask, kernel, recurrentKernel, bias, vectors } = inputs;
  const units = kernel.shape[1] / cell.blocks;
  const next = cell.composed({ recurrentKernel, bias, vectors, units }, activations);
  const projected = projectInputs(cell, inputs); // time × [batch, blocks·units]
  const masks = mask && splitSteps(tf.cast(mask, 'bool'), inputs.x.shape[1]); // time × [batch, 1]
  return (place: number, before: States): Step => {
    const { outputs: states, gradients } = record(() => {
      const after = next(projected[place]!, before);
      const counts = masks?.[place];
      return counts ? after.map((state, k) => tf.where(counts, state, before[k]!)) : after;
    });
    return {
      states,
      back: (d) =>
        gradients(
          states.map((state, k) => [state, d[k]!]),
          before,
        ).map((gradient, k) => (gradient ?? tf.zerosLike(before[k]!)) as tf.Tensor2D),
    };
  };
}
