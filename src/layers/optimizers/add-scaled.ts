/** Sums of variables and multiples of tensors, for what optimizers do besides their step. */
import { tf } from '../../foundation/tensorflow.js';
import { fusedAvailable } from '../../kernels/bridge/register.js';
import { optimizerStep } from '../../kernels/optimizers/step.js';

/** A variable, and what is added to it. */
export type Sum = readonly [to: tf.Variable, added: tf.Tensor];

/** Adds `factor · added` to each variable: by the kernel of SGD, whose step that is, where there is one. */
export function addScaled(sums: readonly Sum[], factor: number): void {
  tf.tidy(() => {
    if (!fusedAvailable()) {
      for (const [to, added] of sums) to.assign(tf.add(to, tf.mul(added, factor)));
      return;
    }
    const steps = sums.map(([weights, gradient]) => ({ weights, gradient, slots: [] }));
    optimizerStep('sgd', steps, [factor]).forEach((next, i) => {
      sums[i]![0].assign(next.weights);
    });
  });
}
