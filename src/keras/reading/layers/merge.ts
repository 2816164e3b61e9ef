/** The layers of Keras that join several inputs. */
import { type LayerReader, noWeights } from '../architecture/layer-plan.js';

const merge =
  (className: string): LayerReader =>
  (config, common) => ({
    masks: 'joins',
    make: () => config.maker.layer(className, common),
    weights: noWeights,
  });

export const readAdd = merge('Add');
export const readAverage = merge('Average');
export const readMaximum = merge('Maximum');
export const readMinimum = merge('Minimum');
export const readMultiply = merge('Multiply');
export const readSubtract = merge('Subtract');

export const readConcatenate: LayerReader = (config, common) => {
  const axis = config.number('axis', -1);
  const make = () => config.maker.layer('Concatenate', { ...common, axis });
  return { masks: 'joins', joinAxis: axis, make, weights: noWeights };
};

export const readDot: LayerReader = (config, common) => {
  const written = config.raw('axes');
  const axes = Array.isArray(written) ? written : [written, written];
  if (axes.length !== 2 || !axes.every((axis) => Number.isSafeInteger(axis) && axis !== 0)) {
    config.refuse({ expected: 'must have one or two axes behind the batch', received: written });
  }
  const normalize = config.flag('normalize', false);
  const make = () => config.maker.layer('Dot', { ...common, axes, normalize });
  // Keras gives its output none.
  return { masks: 'ignores', make, weights: noWeights };
};
