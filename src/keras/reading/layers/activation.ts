/** The layers of Keras that are an activation, but for Activation, and those that add noise. */
import { tfl } from '../../../foundation/tensorflow.js';
import { elu } from '../../../layers/keras-only.js';
import type { LayerConfig } from '../layer-config.js';
import { type LayerReader, numbered } from '../layer-plan.js';
import { constraint, initializer, regularizer } from '../objects.js';
import { given } from './recurrent.js';

const noWeights = () => [];

/** By the first of some names that is there: Keras 3 renamed settings. */
function first(config: LayerConfig, keys: readonly string[], byDefault: number): number {
  const key = keys.find((name) => config.has(name)) ?? keys[0]!;
  return config.number(key, byDefault);
}

export const readLeakyReLU: LayerReader = (config, common) => {
  const alpha = first(config, ['negative_slope', 'alpha'], 0.3);
  return {
    masks: 'passes',
    make: () => tfl.layers.leakyReLU({ ...common, alpha }),
    weights: noWeights,
  };
};

export const readELU: LayerReader = (config, common) => {
  const alpha = config.number('alpha', 1);
  return { masks: 'passes', make: () => elu(common, alpha), weights: noWeights };
};

export const readReLU: LayerReader = (config, common) => {
  for (const key of ['negative_slope', 'threshold']) config.only(key, [0, null]);
  const written = config.raw('max_value');
  const maxValue =
    written === null || written === undefined ? undefined : config.number('max_value');
  const args = { ...common, ...given({ maxValue }) };
  return { masks: 'passes', make: () => tfl.layers.reLU(args), weights: noWeights };
};

export const readThresholdedReLU: LayerReader = (config, common) => {
  const theta = config.number('theta', 1);
  const make = () => tfl.layers.thresholdedReLU({ ...common, theta });
  return { masks: 'passes', make, weights: noWeights };
};

export const readSoftmax: LayerReader = (config, common) => {
  // Keras leaves masked values out of the sum.
  const written = config.raw('axis') ?? -1;
  const [axis] = Array.isArray(written) && written.length === 1 ? written : [written];
  if (axis !== -1) {
    config.refuse({
      expected: 'must have a softmax over the last axis, the only one that TensorFlow.js has',
      received: written,
    });
  }
  return {
    masks: 'refuses',
    make: () => tfl.layers.softmax({ ...common, axis: -1 }),
    weights: noWeights,
  };
};

export const readPReLU: LayerReader = (config, common) => {
  const written = config.raw('shared_axes') ?? [];
  const sharedAxes = (Array.isArray(written) ? written : [written]) as number[];
  if (!sharedAxes.every((axis) => Number.isSafeInteger(axis) && axis > 0)) {
    config.refuse({ expected: 'must have shared_axes behind the batch', received: written });
  }
  const args = given({
    alphaInitializer: initializer(config, 'alpha_initializer'),
    alphaRegularizer: regularizer(config, 'alpha_regularizer'),
    alphaConstraint: constraint(config, 'alpha_constraint'),
  });
  return {
    masks: 'passes',
    make: () => tfl.layers.prelu({ ...common, ...args, sharedAxes }),
    weights(inputShape) {
      const shape = inputShape.slice(1).map((size, i) => (sharedAxes.includes(i + 1) ? 1 : size));
      const known = shape.every((size) => size !== null);
      if (!known) {
        config.refuse({ expected: 'must know the sizes of its weights', received: inputShape });
      }
      return numbered([{ name: 'alpha', shape: shape as number[] }]);
    },
  };
};

export const readGaussianNoise: LayerReader = (config, common) => {
  const stddev = config.number('stddev');
  const make = () => tfl.layers.gaussianNoise({ ...common, stddev });
  return { masks: 'passes', make, weights: noWeights };
};

export const readGaussianDropout: LayerReader = (config, common) => {
  const rate = config.rate('rate');
  const make = () => tfl.layers.gaussianDropout({ ...common, rate });
  return { masks: 'passes', make, weights: noWeights };
};

export const readAlphaDropout: LayerReader = (config, common) => {
  const rate = config.rate('rate');
  config.only('noise_shape', [null]);
  const make = () => tfl.layers.alphaDropout({ ...common, rate });
  return { masks: 'passes', make, weights: noWeights };
};
