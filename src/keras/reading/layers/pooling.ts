/** The layers of Keras that take the largest or the mean of a window, or of everything. */
import { tfl } from '../../../foundation/tensorflow.js';
import { maskFollower } from '../../../layers/masks/mask-rule.js';
import { type LayerReader, noWeights } from '../layer-plan.js';
import { CHANNELS_LAST } from './weighted.js';

const pooling1d =
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

export const readMaxPooling1d = pooling1d(tfl.layers.maxPooling1d);
export const readAveragePooling1d = pooling1d(tfl.layers.averagePooling1d);

const globalPooling1d =
  (pool: (args: object) => tfl.layers.Layer, masks: 'ignores' | 'averages'): LayerReader =>
  (config, common) => {
    config.only('data_format', CHANNELS_LAST);
    return { masks, make: () => pool(common), weights: noWeights };
  };

export const readGlobalMaxPooling1d = globalPooling1d(tfl.layers.globalMaxPooling1d, 'ignores');
export const readGlobalAveragePooling1d = globalPooling1d(
  (args) => maskFollower('GlobalAveragePooling1D', args),
  'averages',
);

const pooling2d =
  (pool: (args: Parameters<typeof tfl.layers.maxPooling2d>[0]) => tfl.layers.Layer): LayerReader =>
  (config, common) => {
    config.only('data_format', CHANNELS_LAST);
    const poolSize = config.pair('pool_size', [2, 2]);
    const strides = config.pair('strides', poolSize);
    const padding = config.choice('padding', ['valid', 'same'], 'valid');
    const args = { ...common, poolSize, strides, padding };
    return { masks: 'ignores', make: () => pool(args), weights: noWeights };
  };

export const readMaxPooling2d = pooling2d(tfl.layers.maxPooling2d);
export const readAveragePooling2d = pooling2d(tfl.layers.averagePooling2d);

const globalPooling2d =
  (
    pool: (args: Parameters<typeof tfl.layers.globalMaxPooling2d>[0]) => tfl.layers.Layer,
  ): LayerReader =>
  (config, common) => {
    config.only('data_format', CHANNELS_LAST);
    const make = () => pool({ ...common, dataFormat: 'channelsLast' });
    return { masks: 'ignores', make, weights: noWeights };
  };

export const readGlobalMaxPooling2d = globalPooling2d(tfl.layers.globalMaxPooling2d);
export const readGlobalAveragePooling2d = globalPooling2d(tfl.layers.globalAveragePooling2d);
