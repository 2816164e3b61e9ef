/** Weights that decay at each step apart from their gradients, as by AdamW and `weight_decay` of Keras. */
import type { tf } from '../../foundation/tensorflow.js';
import { addScaled, type Sum } from './add-scaled.js';
import { type Gradients, namedGradients } from './named-gradients.js';
import { applyGradients } from './optimizers.js';

const decays = new WeakMap<tf.Optimizer, number>();

/** The share of the learning rate by which an optimizer's weights decay; undefined if they do not. */
export function weightDecayOf(optimizer: tf.Optimizer): number | undefined {
  return decays.get(optimizer);
}

/**
 * The optimizer, before whose steps each weight loses `decay` times the learning rate of itself.
 * Models that are saved with it name another class, so that nobody trains on without it unknowingly.
 */
export function withWeightDecay<Optimizer extends tf.Optimizer>(
  optimizer: Optimizer,
  decay: number,
): Optimizer {
  if (decay === 0) return optimizer;
  const { applyGradients: apply } = optimizer;
  const className = optimizer.getClassName();
  const settings = optimizer.getConfig.bind(optimizer);
  decays.set(optimizer, decay);
  optimizer.applyGradients = (gradients) => {
    const { learningRate } = optimizer as unknown as { learningRate: number };
    const decaying = namedGradients(gradients as Gradients)
      .filter(({ gradient }) => gradient)
      .map(({ variable }): Sum => [variable, variable]);
    addScaled(decaying, -decay * learningRate);
    applyGradients(optimizer, gradients as Gradients, apply);
  };
  optimizer.getClassName = () => `${className}WithWeightDecay`;
  optimizer.getConfig = () => ({ ...settings(), weightDecay: decay });
  return optimizer;
}
