/** The layers of Keras that take the largest or the mean of a window, or of everything. */
import { type LayerReader, noWeights } from '../architecture/layer-plan.js';
import { CHANNELS_LAST } from './weighted.js';

const pooling1d =
  (className: string): LayerReader =>
  (config, common) => {
    config.only('data_format', CHANNELS_LAST);
    const poolSize = config.countOrList('pool_size', 2);
    const strides =
      config.raw('strides') === null ? poolSize : config.countOrList('strides', poolSize);
    const padding = config.choice('padding', ['valid', 'same'], 'valid');
    const make = () => config.maker.layer(className, { ...common, poolSize, strides, padding });
    return { masks: 'ignores', make, weights: noWeights };
  };

export const readMaxPooling1d = pooling1d('MaxPooling1D');
export const readAveragePooling1d = pooling1d('AveragePooling1D');

const globalPooling1d =
  (className: string, masks: 'ignores' | 'averages'): LayerReader =>
  (config, common) => {
    config.only('data_format', CHANNELS_LAST);
    return { masks, make: () => config.maker.layer(className, common), weights: noWeights };
  };

export const readGlobalMaxPooling1d = globalPooling1d('GlobalMaxPooling1D', 'ignores');
export const readGlobalAveragePooling1d = globalPooling1d('GlobalAveragePooling1D', 'averages');

const pooling2d =
  (className: string): LayerReader =>
  (config, common) => {
    config.only('data_format', CHANNELS_LAST);
    const poolSize = config.pair('pool_size', [2, 2]);
    const strides = config.pair('strides', poolSize);
    const padding = config.choice('padding', ['valid', 'same'], 'valid');
    const args = { ...common, poolSize, strides, padding };
    return {
      masks: 'ignores',
      make: () => config.maker.layer(className, args),
      weights: noWeights,
    };
  };

export const readMaxPooling2d = pooling2d('MaxPooling2D');
export const readAveragePooling2d = pooling2d('AveragePooling2D');

const globalPooling2d =
  (className: string): LayerReader =>
  (config, common) => {
    config.only('data_format', CHANNELS_LAST);
    const make = () => config.maker.layer(className, { ...common, dataFormat: 'channelsLast' });
    return { masks: 'ignores', make, weights: noWeights };
  };

export const readGlobalMaxPooling2d = globalPooling2d('GlobalMaxPooling2D');
export const readGlobalAveragePooling2d = globalPooling2d('GlobalAveragePooling2D');
