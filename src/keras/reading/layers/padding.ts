/** The layers of Keras that pad, crop and repeat along the axes behind the batch. */
import type { Ends } from '../../../layers/keras-only/steps.js';
import type { LayerConfig } from '../settings/layer-config.js';
import { type LayerReader, noWeights } from '../architecture/layer-plan.js';
import { CHANNELS_LAST } from './weighted.js';

const isSize = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;

/** A number for both ends, or one for each. */
function ends(config: LayerConfig, key: string): Ends {
  const written = config.raw(key) ?? 1;
  const both = Array.isArray(written) ? written : [written, written];
  if (both.length !== 2 || !both.every(isSize)) {
    config.refuse({ expected: `must have one or two numbers as ${key}`, received: written });
  }
  return both as Ends;
}

export const readZeroPadding1d: LayerReader = (config, common) => {
  config.only('data_format', CHANNELS_LAST);
  const padding = ends(config, 'padding');
  const make = () => config.maker.layer('ZeroPadding1D', { ...common, padding });
  return { masks: 'ignores', make, weights: noWeights };
};

export const readCropping1d: LayerReader = (config, common) => {
  const cropping = ends(config, 'cropping');
  const make = () => config.maker.layer('Cropping1D', { ...common, cropping });
  return { masks: 'ignores', make, weights: noWeights };
};

export const readUpSampling1d: LayerReader = (config, common) => {
  const size = config.countOrList('size', 2);
  const make = () => config.maker.layer('UpSampling1D', { ...common, size });
  return { masks: 'ignores', make, weights: noWeights };
};

/** One number, one for each axis, or one for each end of each. */
function edges(config: LayerConfig, key: string, byDefault: number): [Ends, Ends] {
  const written = config.raw(key) ?? byDefault;
  const axes: unknown[] = Array.isArray(written) ? written : [written, written];
  const both = axes.map((axis) => (Array.isArray(axis) ? axis : [axis, axis]));
  if (both.length !== 2 || !both.every((axis) => axis.length === 2 && axis.every(isSize))) {
    config.refuse({ expected: `must have up to four numbers as ${key}`, received: written });
  }
  return both as [Ends, Ends];
}

export const readZeroPadding2d: LayerReader = (config, common) => {
  config.only('data_format', CHANNELS_LAST);
  const padding = edges(config, 'padding', 1);
  const make = () => config.maker.layer('ZeroPadding2D', { ...common, padding });
  return { masks: 'ignores', make, weights: noWeights };
};

export const readCropping2d: LayerReader = (config, common) => {
  config.only('data_format', CHANNELS_LAST);
  const cropping = edges(config, 'cropping', 0);
  const make = () => config.maker.layer('Cropping2D', { ...common, cropping });
  return { masks: 'ignores', make, weights: noWeights };
};

export const readUpSampling2d: LayerReader = (config, common) => {
  config.only('data_format', CHANNELS_LAST);
  // Keras places the pixels in between elsewhere than TensorFlow.js.
  config.only('interpolation', ['nearest']);
  const size = config.pair('size', [2, 2]);
  const make = () => config.maker.layer('UpSampling2D', { ...common, size });
  return { masks: 'ignores', make, weights: noWeights };
};
