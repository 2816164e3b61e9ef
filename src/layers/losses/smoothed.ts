/** Crossentropies of labels that are smoothed, by the kernels of those of labels as they are. */
import { reject } from '../../foundation/errors.js';
import { requireDropped, requireKnownOptions } from '../../foundation/option-checks.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { fusedAvailable } from '../../kernels/bridge/register.js';
import {
  binaryCrossentropy as binaryKernel,
  binaryCrossentropyGradient,
} from '../../kernels/losses/binary-crossentropy.js';
import { crossentropy, crossentropyGradient } from '../../kernels/losses/crossentropy.js';
import type { LossKernel } from './fused-losses.js';

/** A loss for `model.compile`: of each sample or step. */
export type Loss = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

/** The options of a crossentropy. */
export interface CrossentropyOptions {
  /** How far labels are moved from 0 and 1, from 0 up to, not including, 1. Default: 0. */
  labelSmoothing?: number | undefined;
}

/** What Keras calls such a loss. */
export interface Smoothing {
  className: 'BinaryCrossentropy' | 'CategoricalCrossentropy';
  labelSmoothing: number;
}

const known = new WeakMap<object, { kernel: LossKernel; smoothing: Smoothing }>();

/** The kernel of a loss that was made here; undefined for any other. */
export function kernelOfSmoothed(loss: Loss): LossKernel | undefined {
  return known.get(loss)?.kernel;
}

/** What a loss that was made here is in Keras; undefined for any other. */
export function smoothingOf(loss: object): Smoothing | undefined {
  return known.get(loss)?.smoothing;
}

/**
 * The loss `binaryCrossentropy` with labels of 0 and 1 moved towards 1/2:
 * `label · (1 − labelSmoothing) + labelSmoothing / 2`, as `label_smoothing` of Keras. A model so
 * trained is less sure of itself, and bears wrong labels better.
 *
 * @returns A loss for `model.compile`, of probabilities [..., outputs] and labels of that shape.
 * @throws RecurrentError for an option that does not exist or is out of its range; when called, for
 *   labels of another shape.
 * @see Szegedy et al. 2016, section 7.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { losses } from 'tfjs-recurrent';
 *
 * const loss = losses.binaryCrossentropy({ labelSmoothing: 0.2 });
 * // -0.9 · log(0.75) - 0.1 · log(0.25)
 * console.log(loss(tf.tensor2d([[1]]), tf.tensor2d([[0.75]])).dataSync()[0]?.toFixed(4));
 * // 0.3975
 * ```
 */
export function binaryCrossentropy(options: CrossentropyOptions = {}): Loss {
  const labelSmoothing = smoothingOption('losses.binaryCrossentropy', options);
  const smooth = (yTrue: tf.Tensor) =>
    tf.add(tf.mul(yTrue, 1 - labelSmoothing), labelSmoothing / 2);
  return smoothed({ className: 'BinaryCrossentropy', labelSmoothing }, smooth, {
    losses: binaryKernel,
    gradient: binaryCrossentropyGradient,
    stock: tfl.metrics.binaryCrossentropy,
  });
}

/**
 * The loss `categoricalCrossentropy` with one-hot labels moved towards equal shares of all classes:
 * `label · (1 − labelSmoothing) + labelSmoothing / classes`, as `label_smoothing` of Keras.
 *
 * @returns A loss for `model.compile`, of probabilities [..., classes] and labels of that shape.
 * @throws RecurrentError for an option that does not exist or is out of its range; when called, for
 *   labels of another shape.
 * @see Szegedy et al. 2016, section 7.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { losses } from 'tfjs-recurrent';
 *
 * const loss = losses.categoricalCrossentropy({ labelSmoothing: 0.3 });
 * // -0.8 · log(0.5) - 0.1 · log(0.25) - 0.1 · log(0.25)
 * const [each] = loss(tf.tensor2d([[1, 0, 0]]), tf.tensor2d([[0.5, 0.25, 0.25]])).dataSync();
 * console.log(each?.toFixed(4));
 * // 0.8318
 * ```
 */
export function categoricalCrossentropy(options: CrossentropyOptions = {}): Loss {
  const labelSmoothing = smoothingOption('losses.categoricalCrossentropy', options);
  const smooth = (yTrue: tf.Tensor) =>
    tf.add(tf.mul(yTrue, 1 - labelSmoothing), labelSmoothing / yTrue.shape.at(-1)!);
  return smoothed({ className: 'CategoricalCrossentropy', labelSmoothing }, smooth, {
    losses: (yTrue, yPred) => crossentropy(yTrue, yPred, false),
    gradient: (yTrue, yPred, dy) => crossentropyGradient(yTrue, yPred, false, dy),
    stock: tfl.metrics.categoricalCrossentropy,
  });
}

function smoothingOption(where: string, options: CrossentropyOptions): number {
  requireKnownOptions(where, options, ['labelSmoothing']);
  const { labelSmoothing = 0 } = options;
  requireDropped(where, 'labelSmoothing', labelSmoothing);
  return labelSmoothing;
}

/** The same loss of labels that are not smoothed. */
interface Plain {
  losses: Loss;
  gradient(yTrue: tf.Tensor, yPred: tf.Tensor, dy: tf.Tensor | number): tf.Tensor;
  stock: Loss;
}

function smoothed(
  smoothing: Smoothing,
  smooth: (yTrue: tf.Tensor) => tf.Tensor,
  plain: Plain,
): Loss {
  const labelsOf = (yTrue: tf.Tensor, yPred: tf.Tensor) => {
    requireSameShape(smoothing.className, yTrue, yPred);
    return smooth(tf.cast(yTrue, 'float32'));
  };
  const kernel: LossKernel = {
    // Whatever does not fit is refused.
    fits: () => true,
    losses: (yTrue, yPred) => plain.losses(labelsOf(yTrue, yPred), yPred),
    gradient: (yTrue, yPred, dy) => plain.gradient(labelsOf(yTrue, yPred), yPred, dy),
  };
  const loss: Loss = (yTrue, yPred) =>
    tf.tidy(() => {
      const labels = labelsOf(yTrue, yPred);
      return fusedAvailable() ? plain.losses(labels, yPred) : plain.stock(labels, yPred);
    });
  known.set(loss, { kernel, smoothing });
  return loss;
}

function requireSameShape(className: string, yTrue: tf.Tensor, yPred: tf.Tensor): void {
  if (tf.util.arraysEqual(yTrue.shape, yPred.shape)) return;
  reject({
    where: `losses.${className[0]!.toLowerCase()}${className.slice(1)}`,
    expected: `labels must have the shape [${yPred.shape.join(', ')}] of what the model returns`,
    received: yTrue.shape,
    see: 'wrong-shape',
  });
}
