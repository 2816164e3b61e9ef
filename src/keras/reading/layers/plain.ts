/** The layers of Keras that are neither recurrent nor around another layer. */
import { tfl } from '../../../foundation/tensorflow.js';
import { dense } from '../../../layers/dense.js';
import { dropout } from '../../../layers/dropout.js';
import { embedding } from '../../../layers/embedding.js';
import { maskFollower } from '../../../layers/mask-rule.js';
import type { LayerConfig } from '../layer-config.js';
import { features, type LayerReader, numbered } from '../layer-plan.js';
import { activation, constraint, initializer, regularizer } from '../objects.js';
import { given, isScaled, scaledGates } from './recurrent.js';

const CHANNELS_LAST = ['channels_last', null];
const noWeights = () => [];

/** What Dense and convolutions share. */
export function readWeighted(config: LayerConfig) {
  config.only('activity_regularizer', [null]);
  const name = activation(config, 'activation', 'linear', true);
  return {
    useBias: config.flag('use_bias', true),
    hardSigmoid: scaledGates(config, 1, isScaled(config, name) ? [0] : []),
    args: {
      activation: name,
      ...given({
        kernelInitializer: initializer(config, 'kernel_initializer'),
        biasInitializer: initializer(config, 'bias_initializer'),
        kernelRegularizer: regularizer(config, 'kernel_regularizer'),
        biasRegularizer: regularizer(config, 'bias_regularizer'),
        kernelConstraint: constraint(config, 'kernel_constraint'),
        biasConstraint: constraint(config, 'bias_constraint'),
      }),
    },
  };
}

export const readDense: LayerReader = (config, common) => {
  const units = config.count('units');
  const { args, useBias, hardSigmoid } = readWeighted(config);
  return {
    masks: 'passes',
    make: () => dense({ ...common, ...args, units, useBias }),
    weights: (inputShape) =>
      numbered([
        { name: 'kernel', shape: [features(config, inputShape), units], hardSigmoid },
        useBias && { name: 'bias', shape: [units], hardSigmoid },
      ]),
  };
};

export const readConv1d: LayerReader = (config, common) => {
  config.only('data_format', CHANNELS_LAST);
  config.only('groups', [1]);
  const filters = config.count('filters');
  const kernelSize = config.countOrList('kernel_size');
  const { args, useBias, hardSigmoid } = readWeighted(config);
  const window = {
    filters,
    kernelSize,
    strides: config.countOrList('strides', 1),
    padding: config.choice('padding', ['valid', 'same'], 'valid'),
    dilationRate: config.countOrList('dilation_rate', 1),
  };
  return {
    masks: 'ignores',
    make: () => tfl.layers.conv1d({ ...common, ...args, ...window, useBias }),
    weights: (inputShape) =>
      numbered([
        { name: 'kernel', shape: [kernelSize, features(config, inputShape), filters], hardSigmoid },
        useBias && { name: 'bias', shape: [filters], hardSigmoid },
      ]),
  };
};

const pooling =
  (pool: (args: Parameters<typeof tfl.layers.maxPooling1d>[0]) => tfl.layers.Layer): LayerReader =>
  (config, common) => {
    config.only('data_format', CHANNELS_LAST);
    const poolSize = config.countOrList('pool_size', 2);
    const strides =
      config.raw('strides') === null ? poolSize : config.countOrList('strides', poolSize);
    const padding = config.choice('padding', ['valid', 'same'], 'valid');
    const make = () => pool({ ...common, poolSize, strides, padding });
    return { masks: 'ignores', make, weights: noWeights };
  };

export const readMaxPooling1d = pooling(tfl.layers.maxPooling1d);
export const readAveragePooling1d = pooling(tfl.layers.averagePooling1d);

const globalPooling =
  (pool: (args: object) => tfl.layers.Layer, masks: 'ignores' | 'averages'): LayerReader =>
  (config, common) => {
    config.only('data_format', CHANNELS_LAST);
    return { masks, make: () => pool(common), weights: noWeights };
  };

export const readGlobalMaxPooling1d = globalPooling(tfl.layers.globalMaxPooling1d, 'ignores');
export const readGlobalAveragePooling1d = globalPooling(
  (args) => maskFollower('GlobalAveragePooling1D', args),
  'averages',
);

export const readEmbedding: LayerReader = (config, common) => {
  config.only('activity_regularizer', [null]);
  const inputDim = config.count('input_dim');
  const outputDim = config.count('output_dim');
  const maskZero = config.flag('mask_zero', false);
  const args = given({
    embeddingsInitializer: initializer(config, 'embeddings_initializer'),
    embeddingsRegularizer: regularizer(config, 'embeddings_regularizer'),
    embeddingsConstraint: constraint(config, 'embeddings_constraint'),
  });
  return {
    masks: maskZero ? 'makes' : 'ignores',
    maskValue: 0,
    make: () => embedding({ ...common, ...args, inputDim, outputDim, maskZero }),
    weights: () => numbered([{ name: 'embeddings', shape: [inputDim, outputDim] }]),
  };
};

export const readMasking: LayerReader = (config, common) => {
  const maskValue = config.number('mask_value', 0);
  const make = () => tfl.layers.masking({ ...common, maskValue });
  return { masks: 'makes', maskValue, make, weights: noWeights };
};

export const readDropout: LayerReader = (config, common) => {
  const rate = config.rate('rate');
  const noiseShape = config.raw('noise_shape') ?? undefined;
  const known = (size: unknown) =>
    size === null || (Number.isSafeInteger(size) && Number(size) > 0);
  if (noiseShape !== undefined && !(Array.isArray(noiseShape) && noiseShape.every(known))) {
    config.refuse({ expected: 'must have a shape as noise_shape', received: noiseShape });
  }
  const seed = config.seed();
  const args = { ...common, rate, ...given({ noiseShape: noiseShape as number[], seed }) };
  return { masks: 'passes', make: () => dropout(args), weights: noWeights };
};

export const readSpatialDropout1d: LayerReader = (config, common) => {
  const rate = config.rate('rate');
  const args = { ...common, rate, ...given({ seed: config.seed() }) };
  return { masks: 'passes', make: () => tfl.layers.spatialDropout1d(args), weights: noWeights };
};

export const readActivation: LayerReader = (config, common) => {
  const name = activation(config, 'activation', 'linear', false);
  const make = () => tfl.layers.activation({ ...common, activation: name });
  return { masks: 'passes', make, weights: noWeights };
};

export const readFlatten: LayerReader = (config, common) => {
  config.only('data_format', CHANNELS_LAST);
  // What is flat stays as it is, and TensorFlow.js wants three dimensions.
  const makeInstead = ({ length }: tfl.Shape) =>
    length > 2 ? undefined : tfl.layers.activation({ ...common, activation: 'linear' });
  const make = () => tfl.layers.flatten(common);
  return { masks: 'ignores', make, makeInstead, weights: noWeights };
};

export const readRepeatVector: LayerReader = (config, common) => {
  const n = config.count('n');
  return {
    masks: 'ignores',
    make: () => tfl.layers.repeatVector({ ...common, n }),
    weights: noWeights,
  };
};

export const readConcatenate: LayerReader = (config, common) => {
  const axis = config.number('axis', -1);
  const make = () => maskFollower('Concatenate', { ...common, axis });
  return { masks: 'joins', joinAxis: axis, make, weights: noWeights };
};

/** The only axis, which Keras may write as a list. */
function onlyAxis(config: LayerConfig): number {
  const axis = config.raw('axis') ?? -1;
  const only = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  if (!Number.isInteger(only)) {
    config.refuse({ expected: 'must normalize along a single axis', received: axis });
  }
  return only as number;
}

/** What BatchNormalization and LayerNormalization share. */
function readNormalization(config: LayerConfig) {
  const axis = onlyAxis(config);
  const center = config.flag('center', true);
  const scale = config.flag('scale', true);
  const along = (inputShape: tfl.Shape): number[] => {
    const size = inputShape.at(axis);
    if (typeof size !== 'number') {
      config.refuse({ expected: `must have an input of known size along axis ${axis}` });
    }
    return [size];
  };
  return {
    args: {
      axis,
      center,
      scale,
      epsilon: config.number('epsilon', 1e-3),
      ...given({
        betaInitializer: initializer(config, 'beta_initializer'),
        gammaInitializer: initializer(config, 'gamma_initializer'),
        betaRegularizer: regularizer(config, 'beta_regularizer'),
        gammaRegularizer: regularizer(config, 'gamma_regularizer'),
      }),
    },
    learned: (inputShape: tfl.Shape) => [
      scale && { name: 'gamma', shape: along(inputShape) },
      center && { name: 'beta', shape: along(inputShape) },
    ],
    along,
  };
}

export const readLayerNormalization: LayerReader = (config, common) => {
  config.only('beta_constraint', [null]);
  config.only('gamma_constraint', [null]);
  const { args, learned } = readNormalization(config);
  return {
    masks: 'passes',
    make: () => tfl.layers.layerNormalization({ ...common, ...args } as never),
    weights: (inputShape) => numbered(learned(inputShape)),
  };
};

export const readBatchNormalization: LayerReader = (config, common) => {
  const { args, learned, along } = readNormalization(config);
  const own = given({
    betaConstraint: constraint(config, 'beta_constraint'),
    gammaConstraint: constraint(config, 'gamma_constraint'),
    movingMeanInitializer: initializer(config, 'moving_mean_initializer'),
    movingVarianceInitializer: initializer(config, 'moving_variance_initializer'),
  });
  const momentum = config.number('momentum', 0.99);
  return {
    masks: 'passes',
    make: () => tfl.layers.batchNormalization({ ...common, ...args, ...own, momentum } as never),
    weights: (inputShape) =>
      numbered([
        ...learned(inputShape),
        { name: 'moving_mean', shape: along(inputShape) },
        { name: 'moving_variance', shape: along(inputShape) },
      ]),
  };
};
