/** The gradients that an optimizer is given, in either form. */
import { tf } from '../../foundation/tensorflow.js';

/** What `optimizer.applyGradients` takes. */
export type Gradients = Parameters<tf.AdamOptimizer['applyGradients']>[0];

/** A variable and its gradient, if it has one. */
export interface NamedGradient {
  name: string;
  variable: tf.Variable;
  gradient: tf.Tensor | null;
}

/** Each variable with its gradient, in the order in which optimizers number them. */
export function namedGradients(gradients: Gradients): NamedGradient[] {
  const named: [string, tf.Tensor | null | undefined][] = Array.isArray(gradients)
    ? gradients.map(({ name, tensor }) => [name, tensor])
    : Object.entries(gradients);
  return named.map(([name, gradient]) => ({
    name,
    variable: tf.engine().registeredVariables[name]!,
    gradient: gradient ?? null,
  }));
}
