/** Activations that have kernels, by the names that layers give them. */
import type { tf } from '../../foundation/tensorflow.js';
import { elementwise, elementwiseGradient } from './elementwise.js';
import type { ElementwiseName } from './elementwise-jobs.js';
import { softmax, softmaxGradient } from './softmax.js';

/** An activation and its gradient. */
export interface ActivationKernel {
  apply(x: tf.Tensor): tf.Tensor;
  /** dx from dy and what `apply` returned. */
  gradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor;
}

const single = (name: ElementwiseName): ActivationKernel => ({
  apply: (x) => elementwise(name, x),
  gradient: (dy, y) => elementwiseGradient(name, dy, y),
});

const KERNELS: ReadonlyMap<string, ActivationKernel> = new Map([
  ['linear', { apply: (x: tf.Tensor) => x, gradient: (dy: tf.Tensor) => dy }],
  ['relu', single('relu')],
  ['sigmoid', single('sigmoid')],
  ['tanh', single('tanh')],
  ['softmax', { apply: softmax, gradient: softmaxGradient }],
]);

/** The kernel of an activation; undefined where it has none. */
export function activationKernel(name: string): ActivationKernel | undefined {
  return KERNELS.get(name);
}
