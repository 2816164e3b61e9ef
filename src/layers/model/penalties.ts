/** What regularizers add to the loss of a model. */
import { withSlopeOfAbs } from '../../foundation/slope-of-abs.js';
import type { tf, tfl } from '../../foundation/tensorflow.js';
import { innerLayers } from './ours.js';

type Layer = tfl.layers.Layer;
/** What one regularizer adds. */
export type Penalty = Layer['losses'][number];

/**
 * The penalties of all layers inside, each once, however often a layer is called. Those of cells and
 * of the two layers of a Bidirectional, which TensorFlow.js forgets, are among them; those of frozen
 * layers, which Keras leaves out, are not.
 */
export function penaltiesOf(layer: Layer): Penalty[] {
  return [...new Set(collect(layer))];
}

function collect(layer: Layer): Penalty[] {
  const isFrozen = layer.weights.length > 0 && layer.trainableWeights.length === 0;
  if (isFrozen) return [];
  // A wrapper also lists those of the layer inside.
  return [...layer.losses, ...innerLayers(layer).flatMap(collect)];
}

/** The penalties of a model as they are now. */
export function calculatePenalties(model: tfl.LayersModel): tf.Scalar[] {
  return calculate(penaltiesOf(model));
}

/** What penalties are now. */
export function calculate(penalties: readonly Penalty[]): tf.Scalar[] {
  return withSlopeOfAbs(() => penalties.map((penalty) => penalty() as tf.Scalar));
}
