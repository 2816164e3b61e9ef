/** The layers of Keras for images and other fields of two dimensions. */
import { tfl } from '../../../foundation/tensorflow.js';
import type { LayerConfig } from '../layer-config.js';
import { features, type LayerReader, numbered } from '../layer-plan.js';
import { readWeighted } from './plain.js';

const noWeights = () => [];
const CHANNELS_LAST = ['channels_last', null];
type Pair = [number, number];

/** Two counts, or one for both. */
function pair(config: LayerConfig, key: string, byDefault?: Pair): Pair {
  const written = config.raw(key) ?? byDefault;
  const counts = Array.isArray(written) ? written : [written, written];
  const fits = counts.length === 2 && counts.every((n) => Number.isSafeInteger(n) && n > 0);
  if (!fits)
    config.refuse({ expected: `must have one or two counts as ${key}`, received: written });
  return counts as Pair;
}

const padding = (config: LayerConfig) => config.choice('padding', ['valid', 'same'], 'valid');

export const readConv2d: LayerReader = (config, common) => {
  config.only('data_format', CHANNELS_LAST);
  config.only('groups', [1]);
  const filters = config.count('filters');
  const kernelSize = pair(config, 'kernel_size');
  const { args, useBias, hardSigmoid } = readWeighted(config);
  const window = {
    filters,
    kernelSize,
    strides: pair(config, 'strides', [1, 1]),
    padding: padding(config),
    dilationRate: pair(config, 'dilation_rate', [1, 1]),
  };
  return {
    masks: 'ignores',
    make: () => tfl.layers.conv2d({ ...common, ...args, ...window, useBias }),
    weights: (inputShape) =>
      numbered([
        {
          name: 'kernel',
          shape: [...kernelSize, features(config, inputShape), filters],
          hardSigmoid,
        },
        useBias && { name: 'bias', shape: [filters], hardSigmoid },
      ]),
  };
};

const pooling =
  (pool: (args: Parameters<typeof tfl.layers.maxPooling2d>[0]) => tfl.layers.Layer): LayerReader =>
  (config, common) => {
    config.only('data_format', CHANNELS_LAST);
    const poolSize = pair(config, 'pool_size', [2, 2]);
    const strides = pair(config, 'strides', poolSize);
    const args = { ...common, poolSize, strides, padding: padding(config) };
    return { masks: 'ignores', make: () => pool(args), weights: noWeights };
  };

export const readMaxPooling2d = pooling(tfl.layers.maxPooling2d);
export const readAveragePooling2d = pooling(tfl.layers.averagePooling2d);

const globalPooling =
  (
    pool: (args: Parameters<typeof tfl.layers.globalMaxPooling2d>[0]) => tfl.layers.Layer,
  ): LayerReader =>
  (config, common) => {
    config.only('data_format', CHANNELS_LAST);
    const make = () => pool({ ...common, dataFormat: 'channelsLast' });
    return { masks: 'ignores', make, weights: noWeights };
  };

export const readGlobalMaxPooling2d = globalPooling(tfl.layers.globalMaxPooling2d);
export const readGlobalAveragePooling2d = globalPooling(tfl.layers.globalAveragePooling2d);

/** One number, one for each axis, or one for each end of each. */
function edges(config: LayerConfig, key: string): [Pair, Pair] {
  const written = config.raw(key) ?? 1;
  const axes = Array.isArray(written) ? written : [written, written];
  const ends = axes.map((axis) => (Array.isArray(axis) ? axis : [axis, axis]));
  const isPair = (axis: unknown[]) =>
    axis.length === 2 && axis.every((n) => Number.isSafeInteger(n) && Number(n) >= 0);
  if (ends.length !== 2 || !ends.every(isPair)) {
    config.refuse({ expected: `must have up to four numbers as ${key}`, received: written });
  }
  return ends as [Pair, Pair];
}

export const readZeroPadding2d: LayerReader = (config, common) => {
  config.only('data_format', CHANNELS_LAST);
  const around = edges(config, 'padding');
  const make = () => tfl.layers.zeroPadding2d({ ...common, padding: around });
  return { masks: 'ignores', make, weights: noWeights };
};

export const readCropping2d: LayerReader = (config, common) => {
  config.only('data_format', CHANNELS_LAST);
  const cropping = edges(config, 'cropping');
  const make = () => tfl.layers.cropping2D({ ...common, cropping });
  return { masks: 'ignores', make, weights: noWeights };
};

export const readUpSampling2d: LayerReader = (config, common) => {
  config.only('data_format', CHANNELS_LAST);
  config.only('interpolation', ['nearest']);
  const size = pair(config, 'size', [2, 2]);
  const make = () => tfl.layers.upSampling2d({ ...common, size });
  return { masks: 'ignores', make, weights: noWeights };
};
