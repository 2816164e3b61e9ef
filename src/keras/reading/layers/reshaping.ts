/** The layers of Keras that move values or repeat them. */
import { tfl } from '../../../foundation/tensorflow.js';
import { endsLayer, upSampling1d } from '../../../layers/keras-only.js';
import type { LayerConfig } from '../layer-config.js';
import type { LayerReader } from '../layer-plan.js';

const weights = () => [];
const CHANNELS_LAST = ['channels_last', null];

const isSize = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

export const readReshape: LayerReader = (config, common) => {
  const written = config.raw('target_shape') as unknown[];
  const fits = (size: unknown) => size === -1 || size === null || (isSize(size) && size > 0);
  if (!Array.isArray(written) || written.length > 5 || !written.every(fits)) {
    config.refuse({ expected: 'must have a shape as target_shape', received: written });
  }
  const targetShape = written.map((size) => (size ?? -1) as number);
  if (targetShape.filter((size) => size === -1).length > 1) {
    config.refuse({ expected: 'can leave one size of its target_shape open', received: written });
  }
  const reshape = (shape: number[]) => tfl.layers.reshape({ ...common, targetShape: [...shape] });
  return {
    masks: 'ignores',
    make: () => reshape(targetShape),
    // TensorFlow.js leaves a size open that follows from the others.
    makeInstead([, ...sizes]) {
      const known = targetShape.filter((size) => size > 0).reduce((all, size) => all * size, 1);
      if (!targetShape.includes(-1) || sizes.includes(null)) return undefined;
      const open = (sizes as number[]).reduce((all, size) => all * size, 1) / known;
      const isWhole = Number.isInteger(open);
      return isWhole ? reshape(targetShape.map((size) => (size < 0 ? open : size))) : undefined;
    },
    weights,
  };
};

export const readPermute: LayerReader = (config, common) => {
  const dims = config.raw('dims') as number[];
  const isOrder =
    Array.isArray(dims) && [...dims].sort((a, b) => a - b).every((axis, i) => axis === i + 1);
  if (!isOrder) config.refuse({ expected: 'must have an order of axes as dims', received: dims });
  return { masks: 'ignores', make: () => tfl.layers.permute({ ...common, dims }), weights };
};

/** A number for both ends, or one for each. */
function endsOf(config: LayerConfig, key: string): [number, number] {
  const written = config.raw(key) ?? 1;
  const ends = Array.isArray(written) ? written : [written, written];
  if (ends.length !== 2 || !ends.every(isSize)) {
    config.refuse({ expected: `must have one or two numbers as ${key}`, received: written });
  }
  return ends as [number, number];
}

export const readZeroPadding1d: LayerReader = (config, common) => {
  config.only('data_format', CHANNELS_LAST);
  const ends = endsOf(config, 'padding');
  return { masks: 'ignores', make: () => endsLayer('ZeroPadding1D', common, ends), weights };
};

export const readCropping1d: LayerReader = (config, common) => {
  const ends = endsOf(config, 'cropping');
  return { masks: 'ignores', make: () => endsLayer('Cropping1D', common, ends), weights };
};

export const readUpSampling1d: LayerReader = (config, common) => {
  const size = config.countOrList('size', 2);
  return { masks: 'ignores', make: () => upSampling1d(common, size), weights };
};
