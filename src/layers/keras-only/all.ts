/** All layers for files of Keras that tf.layers lacks or has in part, for the registry. */
import type { tfl } from '../../foundation/tensorflow.js';
import type { LayerClass } from '../stock.js';
import { activationLayers } from './activations.js';
import { convolutionLayers } from './convolution.js';
import { mergeLayers } from './merge.js';
import { reshapeLayers } from './reshape.js';
import { stepsLayers } from './steps.js';

export function kerasOnlyLayers(): LayerClass<never, tfl.layers.Layer>[] {
  const values = [...activationLayers(), ...mergeLayers()];
  return [...values, ...convolutionLayers(), ...reshapeLayers(), ...stepsLayers()];
}
