/** The layers of Keras that every model has, and those that arrange values anew. */
import {
  features,
  given,
  type LayerReader,
  noWeights,
  numbered,
} from '../architecture/layer-plan.js';
import { CHANNELS_LAST, readWeighted } from './weighted.js';

export const readDense: LayerReader = (config, common) => {
  const units = config.count('units');
  const { args, useBias, hardSigmoid } = readWeighted(config);
  return {
    masks: 'passes',
    make: () => config.maker.layer('Dense', { ...common, ...args, units, useBias }),
    weights: (inputShape) =>
      numbered([
        { name: 'kernel', shape: [features(config, inputShape), units], hardSigmoid },
        useBias && { name: 'bias', shape: [units], hardSigmoid },
      ]),
  };
};

export const readEmbedding: LayerReader = (config, common) => {
  config.only('activity_regularizer', [null]);
  const inputDim = config.count('input_dim');
  const outputDim = config.count('output_dim');
  const maskZero = config.flag('mask_zero', false);
  const args = given({
    embeddingsInitializer: config.maker.initializer(config, 'embeddings_initializer'),
    embeddingsRegularizer: config.maker.regularizer(config, 'embeddings_regularizer'),
    embeddingsConstraint: config.maker.constraint(config, 'embeddings_constraint'),
  });
  return {
    masks: maskZero ? 'makes' : 'ignores',
    maskValue: 0,
    make: () =>
      config.maker.layer('Embedding', { ...common, ...args, inputDim, outputDim, maskZero }),
    weights: () => numbered([{ name: 'embeddings', shape: [inputDim, outputDim] }]),
  };
};

export const readMasking: LayerReader = (config, common) => {
  const maskValue = config.number('mask_value', 0);
  const make = () => config.maker.layer('Masking', { ...common, maskValue });
  return { masks: 'makes', maskValue, make, weights: noWeights };
};

export const readFlatten: LayerReader = (config, common) => {
  config.only('data_format', CHANNELS_LAST);
  return {
    masks: 'ignores',
    make: () => config.maker.layer('Flatten', common),
    weights: noWeights,
  };
};

export const readRepeatVector: LayerReader = (config, common) => {
  const n = config.count('n');
  return {
    masks: 'ignores',
    make: () => config.maker.layer('RepeatVector', { ...common, n }),
    weights: noWeights,
  };
};

const MOST_DIMENSIONS = 6;

export const readReshape: LayerReader = (config, common) => {
  const written = config.raw('target_shape');
  const isSize = (size: unknown) =>
    size === -1 || size === null || (Number.isSafeInteger(size) && Number(size) > 0);
  const sizes: unknown[] = Array.isArray(written) ? written : [];
  if (!Array.isArray(written) || sizes.length >= MOST_DIMENSIONS || !sizes.every(isSize)) {
    config.refuse({ expected: 'must have a shape as target_shape', received: written });
  }
  const targetShape = sizes.map((size) => (size === -1 ? null : (size as number | null)));
  if (targetShape.indexOf(null) !== targetShape.lastIndexOf(null)) {
    config.refuse({ expected: 'can leave one size of its target_shape open', received: written });
  }
  const make = () => config.maker.layer('Reshape', { ...common, targetShape });
  return { masks: 'ignores', make, weights: noWeights };
};

export const readPermute: LayerReader = (config, common) => {
  const dims = config.raw('dims') as number[];
  const isOrder =
    Array.isArray(dims) && [...dims].sort((a, b) => a - b).every((axis, i) => axis === i + 1);
  if (!isOrder) config.refuse({ expected: 'must have an order of axes as dims', received: dims });
  return {
    masks: 'ignores',
    make: () => config.maker.layer('Permute', { ...common, dims }),
    weights: noWeights,
  };
};

export const readRescaling: LayerReader = (config, common) => {
  const args = { ...common, scale: config.number('scale'), offset: config.number('offset', 0) };
  return { masks: 'passes', make: () => config.maker.layer('Rescaling', args), weights: noWeights };
};
