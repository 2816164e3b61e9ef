/**
 * The twin of lstm.ts in plain operations: what runs on webgl and webgpu, what
 * covers the settings that the fused kernel does not, and what it is tested
 * against. c' = f·c + i·g, h' = o·activation(c'), as Keras' LSTMCell.
 */
import { tf } from '../../foundation/tensorflow.js';
import type { LstmInputs, LstmOutputs } from './lstm-inputs.js';

/** How the composed LSTM computes: any activation, and recurrent dropout. */
export interface ComposedLstmSettings {
  goBackwards: boolean;
  returnSequences: boolean;
  activation: (x: tf.Tensor) => tf.Tensor;
  recurrentActivation: (x: tf.Tensor) => tf.Tensor;
  /** [batch, units], multiplies h before it meets the recurrent kernel */
  recurrentDropoutMask?: tf.Tensor | undefined;
}

/** Runs the LSTM step by step. */
export function lstmComposed(inputs: LstmInputs, settings: ComposedLstmSettings): LstmOutputs {
  const { x, recurrentKernel, mask } = inputs;
  const [batch, time] = x.shape;
  const units = recurrentKernel.shape[0];
  const projected = projectInputs(inputs); // time × [batch, 4·units]
  const masks = mask ? splitSteps(tf.cast(mask, 'bool'), time) : null; // time × [batch, 1]

  let h = inputs.initialH ?? tf.zeros<tf.Rank.R2>([batch, units]);
  let c = inputs.initialC ?? tf.zeros<tf.Rank.R2>([batch, units]);
  const sequence: tf.Tensor2D[] = [];
  for (let step = 0; step < time; step++) {
    const at = settings.goBackwards ? time - 1 - step : step;
    const next = stepComposed(projected[at]!, h, c, recurrentKernel, settings);
    if (masks) {
      const keeps = masks[at]!;
      h = tf.where(keeps, next.h, h);
      c = tf.where(keeps, next.c, c);
    } else ({ h, c } = next);
    if (settings.returnSequences) sequence.push(h);
  }
  return { sequence: sequence.length > 0 ? stackSteps(sequence) : null, h, c };
}

function stepComposed(
  projected: tf.Tensor2D,
  h: tf.Tensor2D,
  c: tf.Tensor2D,
  recurrentKernel: tf.Tensor2D,
  settings: ComposedLstmSettings,
): { h: tf.Tensor2D; c: tf.Tensor2D } {
  const { activation, recurrentActivation, recurrentDropoutMask } = settings;
  const hDropped = recurrentDropoutMask ? tf.mul(h, recurrentDropoutMask) : h;
  const z = tf.add(projected, tf.matMul(hDropped as tf.Tensor2D, recurrentKernel));
  const [i, f, g, o] = tf.split(z, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const cNext = tf.add(
    tf.mul(recurrentActivation(f), c),
    tf.mul(recurrentActivation(i), activation(g)),
  );
  const hNext = tf.mul(recurrentActivation(o), activation(cNext));
  return { h: hNext as tf.Tensor2D, c: cNext as tf.Tensor2D };
}

/** x·W + b for all steps in one product. */
function projectInputs({ x, kernel, bias }: LstmInputs): tf.Tensor2D[] {
  const [batch, time, features] = x.shape;
  const flat = tf.matMul(tf.reshape(x, [batch * time, features]), kernel);
  const biased = bias ? tf.add(flat, bias) : flat;
  return splitSteps(tf.reshape(biased, [batch, time, kernel.shape[1]]), time).map((step) =>
    tf.reshape(step, [batch, kernel.shape[1]]),
  );
}

// Slices and concatenations of a kept time axis, because the gradient of
// TensorFlow.js' unstack and stack fails for a single step, as does split's.
function splitSteps(x: tf.Tensor, time: number): tf.Tensor[] {
  return time === 1 ? [x] : tf.split(x, time, 1);
}

function stackSteps(steps: tf.Tensor2D[]): tf.Tensor3D {
  return tf.concat(
    steps.map((step) => tf.expandDims(step, 1) as tf.Tensor3D),
    1,
  );
}
