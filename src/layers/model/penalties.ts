/** What regularizers add to the loss of a model. */
import { withSlopeOfAbs } from '../../foundation/slope-of-abs.js';
import { type tf, tfl } from '../../foundation/tensorflow.js';
import { fusedAvailable } from '../../kernels/bridge/register.js';
import { penaltyOf } from '../../kernels/losses/penalty.js';
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
  return withSlopeOfAbs(() => withKernel(() => penalties.map((penalty) => penalty() as tf.Scalar)));
}

/** The regularizers of TensorFlow.js, as far as we look into them. */
interface Regularizer {
  l1: number;
  l2: number;
  apply(weights: tf.Tensor): tf.Scalar;
}

/**
 * Runs what may apply regularizers of TensorFlow.js, by our kernel where there is one. A penalty is a function
 * that does not say which regularizer it applies, hence their class is another one meanwhile.
 */
function withKernel<T>(body: () => T): T {
  if (!fusedAvailable()) return body();
  const stock = Object.getPrototypeOf(tfl.regularizers.l1l2()) as Regularizer;
  const { apply } = stock;
  stock.apply = function (weights) {
    return penaltyOf(weights, this);
  };
  try {
    return body();
  } finally {
    stock.apply = apply;
  }
}
