/** The layers of Keras that join several inputs, but for Concatenate. */
import { tfl } from '../../../foundation/tensorflow.js';
import { type FollowerName, maskFollower } from '../../../layers/mask-rule.js';
import type { LayerReader } from '../layer-plan.js';

const weights = () => [];

const merge =
  (name: FollowerName): LayerReader =>
  (_config, common) => ({ masks: 'joins', make: () => maskFollower(name, common), weights });

export const readAdd = merge('Add');
export const readAverage = merge('Average');
export const readMaximum = merge('Maximum');
export const readMinimum = merge('Minimum');
export const readMultiply = merge('Multiply');

export const readSubtract = merge('Subtract');

export const readDot: LayerReader = (config, common) => {
  const written = config.raw('axes');
  const axes = Array.isArray(written) ? written : [written, written];
  const isAxis = (axis: unknown) => Number.isSafeInteger(axis) && axis !== 0;
  if (axes.length !== 2 || !axes.every(isAxis)) {
    config.refuse({ expected: 'must have one or two axes behind the batch', received: written });
  }
  const normalize = config.flag('normalize', false);
  const make = () => tfl.layers.dot({ ...common, axes: axes as [number, number], normalize });
  return { masks: 'refuses', make, weights };
};
