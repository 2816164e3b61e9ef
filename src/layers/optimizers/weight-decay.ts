/** Weights that decay at each step apart from their gradients, as by AdamW and `weight_decay` of Keras. */
import { tf } from '../../foundation/tensorflow.js';
import { applyGradients } from './optimizers.js';

type Gradients = Parameters<typeof applyGradients>[1];

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
    tf.tidy(() => {
      for (const name of withGradient(gradients as Gradients)) {
        const weights = tf.engine().registeredVariables[name]!;
        weights.assign(tf.mul(weights, 1 - decay * learningRate));
      }
      applyGradients(optimizer, gradients as Gradients, apply);
    });
  };
  optimizer.getClassName = () => `${className}WithWeightDecay`;
  optimizer.getConfig = () => ({ ...settings(), weightDecay: decay });
  return optimizer;
}

function withGradient(gradients: Gradients): string[] {
  const named: [string, tf.Tensor | null][] = Array.isArray(gradients)
    ? gradients.map(({ name, tensor }) => [name, tensor])
    : Object.entries(gradients);
  return named.filter(([, gradient]) => gradient).map(([name]) => name);
}
