/**
 * The one door to TensorFlow.js: every other file imports it from here.
 *
 * tfjs-core without the union package lacks the chained operations that
 * tfjs-layers' orthogonal initializer calls (tfjs#7721); they are defined on
 * the way in. Two copies of tfjs-core would each have their own tensors and
 * backends, which fails far from the cause; `requireOneCopy` says it plainly.
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

let opened = false;

/** Defines the chained operations that are missing. Called by whatever builds layers. */
export function openDoor(): void {
  if (opened) return;
  opened = true;
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
