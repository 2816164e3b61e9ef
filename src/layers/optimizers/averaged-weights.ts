/** Weights averaged over the steps, beside those that are trained: `use_ema` of Keras. */
import { reject } from '../../foundation/errors.js';
import { requireDropped, requireKnownOptions } from '../../foundation/option-checks.js';
import { tf } from '../../foundation/tensorflow.js';
import { addScaled, type Sum } from './add-scaled.js';
import { type Gradients, namedGradients } from './named-gradients.js';
import { applyGradients } from './optimizers.js';

/** How {@link withAveragedWeights} averages. */
export interface AveragedWeightsOptions {
  /** How much of the average stays at each step, from 0 up to, not including, 1. Default: 0.99. */
  momentum?: number | undefined;
}

/** As optimizers of TensorFlow.js keep what they gather, so that checkpoints hold it, too. */
interface Averaging {
  averagedWeights: { originalName: string; variable: tf.Variable }[];
}

const WHERE = 'withAveragedWeights';
const momenta = new WeakMap<tf.Optimizer, number>();

/** The momentum of an optimizer's averages; undefined if it has none. */
export function averageMomentumOf(optimizer: tf.Optimizer): number | undefined {
  return momenta.get(optimizer);
}

/** The averages of the weights in the order in which the optimizer is given them; none before the first step. */
export function averagesOf(optimizer: tf.Optimizer): tf.Variable[] {
  const { averagedWeights = [] } = optimizer as unknown as Partial<Averaging>;
  return averagedWeights.map(({ variable }) => variable);
}

/**
 * An optimizer that keeps a running mean of the weights beside them: after each step
 * `average = momentum · average + (1 − momentum) · weight`, beginning with the weights after the first
 * one, as `use_ema` and `ema_momentum` of Keras. The callback `averagedWeights` puts the means in the
 * place of the weights. `adam` has the option `useEma` for it.
 *
 * @param optimizer Any optimizer of TensorFlow.js; changed.
 * @returns The same optimizer. A saved model names its class `…WithAveragedWeights`, which
 *   `tf.loadLayersModel` does not compile with.
 * @throws RecurrentError for a momentum that is out of its range, and for an optimizer that averages already.
 * @see Polyak & Juditsky 1992; with a momentum, as here, Kingma & Ba 2015, section 7.2.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import * as tfl from '@tensorflow/tfjs-layers';
 * import { averagedWeights, withAveragedWeights } from 'tfjs-recurrent';
 *
 * const model = tfl.sequential();
 * model.add(tfl.layers.dense({ units: 1, inputShape: [1], useBias: false, kernelInitializer: 'ones' }));
 * const optimizer = withAveragedWeights(tf.train.sgd(0.5), { momentum: 0.5 });
 * model.compile({ optimizer, loss: 'meanSquaredError' });
 * const [x, y] = [tf.ones([1, 1]), tf.zeros([1, 1])];
 * // The loss is weight², so that a step of 0.5 takes the weight to 0 at once.
 * await model.fit(x, y, { epochs: 2, callbacks: averagedWeights() });
 * console.log(model.getWeights()[0]!.dataSync()[0]);
 * // 0
 * ```
 */
export function withAveragedWeights<Optimizer extends tf.Optimizer>(
  optimizer: Optimizer,
  options: AveragedWeightsOptions = {},
): Optimizer {
  requireKnownOptions(WHERE, options, ['momentum']);
  const { momentum = 0.99 } = options;
  requireDropped(WHERE, 'momentum', momentum);
  if (momenta.has(optimizer)) {
    reject({
      where: WHERE,
      expected: 'the optimizer averages its weights already',
      remedy: 'Use that optimizer as it is.',
      see: 'unsuitable-optimizer',
    });
  }
  momenta.set(optimizer, momentum);
  const { applyGradients: apply, dispose } = optimizer;
  const className = optimizer.getClassName();
  const settings = optimizer.getConfig.bind(optimizer);
  const averaging = optimizer as unknown as Averaging;
  averaging.averagedWeights = [];
  optimizer.applyGradients = (gradients) => {
    applyGradients(optimizer, gradients as Gradients, apply);
    average(averaging, gradients as Gradients, momentum);
  };
  optimizer.dispose = () => {
    dispose.call(optimizer);
    tf.dispose(averagesOf(optimizer));
  };
  optimizer.getClassName = () => `${className}WithAveragedWeights`;
  optimizer.getConfig = () => ({ ...settings(), useEma: true, emaMomentum: momentum });
  return optimizer;
}

function average({ averagedWeights }: Averaging, gradients: Gradients, momentum: number): void {
  const moving: Sum[] = [];
  namedGradients(gradients).forEach(({ name, variable }, i) => {
    const kept = averagedWeights[i];
    if (kept) moving.push([kept.variable, variable]);
    else {
      averagedWeights[i] = {
        originalName: `${name}/average`,
        variable: tf.tidy(() => tf.variable(variable, false)),
      };
    }
  });
  addScaled(
    moving.map(([kept]) => [kept, kept]),
    momentum - 1,
  );
  addScaled(moving, 1 - momentum);
}
