/**
 * Which layers and models are ours. A model with a layer of ours anywhere inside, and one that this
 * library made or loaded, is run by our own code; every other is left to TensorFlow.js.
 */
import { tfl } from '../../foundation/tensorflow.js';

type Layer = tfl.layers.Layer;

// By its name, since a program can have two copies of this module.
const OURS = Symbol.for('tfjs-recurrent.ours');

interface Marked {
  [OURS]?: true;
}

/** Where layers keep the layers inside them. */
interface Inside {
  layers?: unknown; // of a model
  forwardLayer?: unknown; // of a Bidirectional, whose `layer` is but the pattern for the two
  backwardLayer?: unknown;
  layer?: unknown; // of any other wrapper
  cell?: unknown; // of a recurrent layer
  cells?: unknown; // of stacked cells
}

/** The layers and cells inside a layer that compute for it. */
export function innerLayers(layer: Layer): Layer[] {
  const { layers, forwardLayer, backwardLayer, layer: wrapped, cell, cells } = layer as Inside;
  const inner = forwardLayer ? [forwardLayer, backwardLayer] : [layers, wrapped, cell, cells];
  return inner.flat().filter((one): one is Layer => one instanceof tfl.layers.Layer);
}

/** Makes a layer or a model one of ours, and all that is inside; or, of a class's prototype, its layers. */
export function markAsOurs(layer: Layer): void {
  if ((layer as Marked)[OURS]) return;
  Object.defineProperty(layer, OURS, { value: true });
  for (const inner of innerLayers(layer)) markAsOurs(inner);
}

/** Whether a layer or model is ours, or has one of ours inside. */
export function isOurs(layer: Layer): boolean {
  if ((layer as Marked)[OURS]) return true;
  if (!innerLayers(layer).some(isOurs)) return false;
  markAsOurs(layer);
  return true;
}
