/** Layers whose inputs after the first are states. */
import { tfl } from '../../foundation/tensorflow.js';

/** Whether a layer is recurrent, or runs a recurrent layer in both directions. */
export function isRecurrent(layer: tfl.layers.Layer): boolean {
  return layer instanceof tfl.RNN || 'forwardLayer' in layer;
}
