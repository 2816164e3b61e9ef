/** What Dense and convolutions share. */
import type { LayerConfig } from '../settings/layer-config.js';
import { given } from '../architecture/layer-plan.js';
import { activation } from '../settings/activations.js';
import { isScaled, scaledGates } from './hard-sigmoid.js';

/** The order of axes that is read: TensorFlow.js computes others in part. */
export const CHANNELS_LAST = ['channels_last', null];

/**
 * The settings of a weighted sum with a bias and an activation.
 *
 * @param hasKernel False for sums of several kernels, which have settings of their own.
 */
export function readWeighted(config: LayerConfig, hasKernel = true) {
  config.only('activity_regularizer', [null]);
  const name = activation(config, 'activation', 'linear', hasKernel);
  const kernel = hasKernel
    ? {
        kernelInitializer: config.maker.initializer(config, 'kernel_initializer'),
        kernelRegularizer: config.maker.regularizer(config, 'kernel_regularizer'),
        kernelConstraint: config.maker.constraint(config, 'kernel_constraint'),
      }
    : {};
  return {
    useBias: config.flag('use_bias', true),
    hardSigmoid: scaledGates(config, 1, isScaled(config, name) ? [0] : []),
    args: {
      activation: name,
      ...given({
        ...kernel,
        biasInitializer: config.maker.initializer(config, 'bias_initializer'),
        biasRegularizer: config.maker.regularizer(config, 'bias_regularizer'),
        biasConstraint: config.maker.constraint(config, 'bias_constraint'),
      }),
    },
  };
}
