/**
 * Constraints of weights, as Keras keeps them: after each step of training. TensorFlow.js applies them
 * when weights are set, and at no other time.
 */
import type { tf, tfl } from '../../foundation/tensorflow.js';

type Constraint = { apply(weight: tf.Tensor): tf.Tensor };

/** What the types of a weight hide. */
interface Constrained {
  constraint: Constraint | null;
}

/** The weights that a step of training is to leave within their constraints. */
export function constrainedWeights(weights: readonly tfl.LayerVariable[]): tfl.LayerVariable[] {
  return weights.filter((weight) => (weight as unknown as Constrained).constraint != null);
}

/** Brings weights back within their constraints; inside `tf.tidy`. Frozen ones stay as they are. */
export function applyConstraints(weights: readonly tfl.LayerVariable[]): void {
  for (const weight of weights) {
    if (!weight.trainable) continue;
    const variable = weight.read() as tf.Variable;
    const within = (weight as unknown as Constrained).constraint!.apply(variable);
    if (within !== variable) variable.assign(within);
  }
}

/** Runs `write`, which sets weights, without anything being done to their values. */
export function asTheyAre<Result>(
  weights: readonly tfl.LayerVariable[],
  write: () => Result,
): Result {
  const constrained = constrainedWeights(weights) as unknown as Constrained[];
  const constraints = constrained.map(({ constraint }) => constraint);
  for (const weight of constrained) weight.constraint = null;
  try {
    return write();
  } finally {
    constrained.forEach((weight, i) => {
      weight.constraint = constraints[i]!;
    });
  }
}
