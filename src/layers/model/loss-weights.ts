/** What the losses of several outputs count in the total, which TensorFlow.js has no setting for. */
import type { tfl } from '../../foundation/tensorflow.js';

type Losses = tfl.LayersModel['lossFunctions'];

// By what a model was compiled with, so that compiling it again takes them away.
const weights = new WeakMap<Losses, readonly number[]>();

/**
 * Weighs the losses of a compiled model until it is compiled again: `loss_weights` of Keras.
 *
 * @param model Itself, not the Sequential around it.
 * @param each One number an output.
 */
export function setLossWeights(model: tfl.LayersModel, each: readonly number[]): void {
  if (each.some((weight) => weight !== 1)) weights.set(model.lossFunctions, each);
}

/** The weights of a model's losses; undefined if all are 1. */
export function lossWeightsOf(model: tfl.LayersModel): readonly number[] | undefined {
  return model.lossFunctions && weights.get(model.lossFunctions);
}
