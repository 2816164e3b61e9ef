/** The layers of Keras that are an activation. */
import type { LayerConfig } from '../settings/layer-config.js';
import { given, type LayerReader, noWeights, numbered } from '../architecture/layer-plan.js';
import { activation } from '../settings/activations.js';

export const readActivation: LayerReader = (config, common) => {
  const name = activation(config, 'activation', 'linear', false);
  const make = () => config.maker.layer('Activation', { ...common, activation: name });
  return { masks: 'passes', make, weights: noWeights };
};

/** A number that Keras takes from 0 on alone; null is the default. */
function fromZero(config: LayerConfig, key: string, byDefault: number): number {
  const value = config.number(key, byDefault);
  if (value < 0) config.refuse({ expected: `must have a ${key} of at least 0`, received: value });
  return value;
}

export const readLeakyReLU: LayerReader = (config, common) => {
  // Keras 3 has renamed it.
  const key = config.has('negative_slope') ? 'negative_slope' : 'alpha';
  const alpha = config.number(key, 0.3);
  const make = () => config.maker.layer('LeakyReLU', { ...common, alpha });
  return { masks: 'passes', make, weights: noWeights };
};

export const readELU: LayerReader = (config, common) => {
  const alpha = config.number('alpha', 1);
  const make = () => config.maker.layer('ELU', { ...common, alpha });
  return { masks: 'passes', make, weights: noWeights };
};

export const readReLU: LayerReader = (config, common) => {
  const isOpen = (config.raw('max_value') ?? null) === null;
  const args = {
    ...common,
    ...(!isOpen && { maxValue: fromZero(config, 'max_value', 0) }),
    negativeSlope: fromZero(config, 'negative_slope', 0),
    threshold: fromZero(config, 'threshold', 0),
  };
  return { masks: 'passes', make: () => config.maker.layer('ReLU', args), weights: noWeights };
};

export const readThresholdedReLU: LayerReader = (config, common) => {
  const theta = fromZero(config, 'theta', 1);
  const make = () => config.maker.layer('ThresholdedReLU', { ...common, theta });
  return { masks: 'passes', make, weights: noWeights };
};

export const readSoftmax: LayerReader = (config, common) => {
  const written = config.raw('axis') ?? -1;
  const axes: unknown[] = Array.isArray(written) ? written : [written];
  if (axes.length === 0 || !axes.every((axis) => Number.isSafeInteger(axis) && axis !== 0)) {
    config.refuse({ expected: 'must have axes behind the batch as axis', received: written });
  }
  const axis = axes as number[];
  return {
    // Keras leaves masked values out of the sum.
    masks: 'refuses',
    make: () =>
      config.maker.layer('Softmax', { ...common, axis: axis.length === 1 ? axis[0]! : axis }),
    weights({ length: rank }) {
      const counted = axis.map((one) => (one < 0 ? one + rank : one));
      const fits = counted.every((one, i) => one > 0 && one < rank && counted.indexOf(one) === i);
      if (!fits) config.refuse({ expected: `has an axis that is none of ${rank}`, received: axis });
      return [];
    },
  };
};

export const readPReLU: LayerReader = (config, common) => {
  const written = config.raw('shared_axes') ?? [];
  const sharedAxes = (Array.isArray(written) ? written : [written]) as number[];
  if (!sharedAxes.every((axis) => Number.isSafeInteger(axis) && axis > 0)) {
    config.refuse({ expected: 'must have shared_axes behind the batch', received: written });
  }
  const args = given({
    alphaInitializer: config.maker.initializer(config, 'alpha_initializer'),
    alphaRegularizer: config.maker.regularizer(config, 'alpha_regularizer'),
    alphaConstraint: config.maker.constraint(config, 'alpha_constraint'),
  });
  return {
    masks: 'passes',
    make: () => config.maker.layer('PReLU', { ...common, ...args, sharedAxes }),
    weights(inputShape) {
      const shape = inputShape.slice(1).map((size, i) => (sharedAxes.includes(i + 1) ? 1 : size));
      if (shape.includes(null) || sharedAxes.some((axis) => axis > shape.length)) {
        config.refuse({ expected: 'must know the sizes of its weights', received: inputShape });
      }
      return numbered([{ name: 'alpha', shape: shape as number[] }]);
    },
  };
};
