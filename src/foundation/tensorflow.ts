/**
 * The one door to TensorFlow.js: every other file imports it from here.
 *
 * tfjs-core without the union package lacks the chained operations that
 * tfjs-layers' orthogonal initializer calls (tfjs#7721); they are defined on
 * the way in. Two of its gradients fail for a single output, which is what a
 * sequence of one step unstacks to; they are exchanged. Two copies of tfjs-core
 * would each have their own tensors and backends, which fails far from the
 * cause; `requireOneCopy` says it plainly.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { RecurrentError } from './errors.js';

export { tf, tfl };

const CHAINED = {
  flatten(this: tf.Tensor) {
    return tf.reshape(this, [this.size]);
  },
  reshape(this: tf.Tensor, shape: number[]) {
    return tf.reshape(this, shape);
  },
  sign(this: tf.Tensor) {
    return tf.sign(this);
  },
  stridedSlice(this: tf.Tensor, begin: number[], end: number[], strides: number[]) {
    return tf.stridedSlice(this, begin, end, strides);
  },
  transpose(this: tf.Tensor, permutation?: number[]) {
    return tf.transpose(this, permutation);
  },
};

// The tape hands a gradient the list of what flows back to a kernel's outputs, but a lone one as a
// bare tensor, which those of unstack and split in TensorFlow.js take for the list. Layers such as
// tf.layers.timeDistributed unstack their steps.
const LIST_GRADIENTS: Record<string, tf.GradFunc> = {
  Unpack: (dy, _saved, { axis }) => ({
    value: () => tf.stack([dy].flat(), axis as unknown as number),
  }),
  SplitV: (dy, _saved, { axis }) => ({
    x: () => tf.concat([dy].flat(), axis as unknown as number),
  }),
};

let opened = false;

/**
 * Defines the chained operations that are missing, and gradients that fail. Called by whatever
 * builds layers.
 */
export function openDoor(): void {
  if (opened) return;
  opened = true;
  for (const [kernelName, gradFunc] of Object.entries(LIST_GRADIENTS)) {
    tf.registerGradient({ kernelName, gradFunc });
  }
  const prototype = tf.Tensor.prototype as unknown as Record<string, unknown>;
  for (const [name, operation] of Object.entries(CHAINED)) prototype[name] ??= operation;
}

/**
 * Throws when `model` was made by another copy of TensorFlow.js than ours.
 *
 * @param where The function that was given the model.
 * @param model Anything that should be a model of the tfjs-layers we import.
 */
export function requireOneCopy(where: string, model: object): void {
  if (model instanceof tfl.LayersModel) return;
  const name = model.constructor?.name ?? 'object';
  throw new RecurrentError(
    `${where}: expected a model of tf.layers, received a ${name}. ` +
      'If it is one, two copies of @tensorflow/tfjs-layers are installed: run ' +
      '`npm ls @tensorflow/tfjs-layers` and keep a single version.',
  );
}
