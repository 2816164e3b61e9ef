/** adam: tf.train.adam in one kernel. */
import { reject } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';
import { fusedAvailable } from '../../kernels/bridge/register.js';
import { type GradientClipping, requireClipping, withClipping } from './clip-gradients.js';
import { applyAdam } from './optimizers.js';

type Gradients = Parameters<tf.AdamOptimizer['applyGradients']>[0];

/** The class of {@link adam}. */
export class AdamOptimizer extends tf.AdamOptimizer {
  override applyGradients(gradients: Gradients): void {
    if (!fusedAvailable()) {
      super.applyGradients(gradients);
      return;
    }
    applyAdam(this, gradients);
  }
}

/**
 * The Adam optimizer: `tf.train.adam`, the same to the bit, in one kernel
 * instead of a dozen operations a variable. On backends without the fused kernels it is
 * `tf.train.adam`.
 *
 * @param learningRate Default 0.001.
 * @param beta1 Decay of the mean of the gradients. Default 0.9.
 * @param beta2 Decay of the mean of their squares. Default 0.999.
 * @param epsilon Added to the root in the denominator. Default: the backend's, 1e-7 on
 *   `cpu` and `wasm`.
 * @param clipping How gradients are clipped first: `{ clipNorm }` scales the gradient of each weight
 *   down to that norm, `{ globalClipNorm }` all of them together, `{ clipValue }` keeps each value
 *   between that and its negative, as `clipnorm`, `global_clipnorm` and `clipvalue` of Keras.
 *   Default: not at all.
 * @returns An optimizer for `model.compile`; a saved model names it `Adam`, one that clips
 *   `AdamWithClipping`, which `tf.loadLayersModel` does not compile with.
 * @throws RecurrentError for what is no number, for more than one way of clipping, and for one that is no positive number.
 * @see Kingma & Ba 2015.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { adam } from 'tfjs-recurrent';
 *
 * const x = tf.variable(tf.scalar(3));
 * const optimizer = adam(0.1);
 * for (let step = 0; step < 100; step++) optimizer.minimize(() => tf.square(x) as tf.Scalar);
 * console.log(Math.abs(x.dataSync()[0]) < 0.1);
 * // true
 * ```
 */
export function adam(
  learningRate = 0.001,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon?: number,
  clipping?: GradientClipping,
): tf.AdamOptimizer {
  for (const [name, value] of Object.entries({ learningRate, beta1, beta2, epsilon })) {
    if (value == null || Number.isFinite(value)) continue;
    reject({
      where: 'adam',
      expected: `${name} must be a number`,
      received: value,
      remedy: 'The order is adam(learningRate, beta1, beta2, epsilon, clipping).',
    });
  }
  requireClipping('adam', clipping);
  return withClipping(new AdamOptimizer(learningRate, beta1, beta2, epsilon), clipping);
}
