/** Losses of tfjs-layers by their names, and what comes back from them. */
import { tf, tfl } from '../../../src/foundation/tensorflow.js';

export type Loss = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

/** The loss of that name in tfjs-layers, which only a compiled model hands out. */
export function stockLoss(name: string): Loss {
  const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1] })] });
  model.compile({ optimizer: 'sgd', loss: name });
  return (model as unknown as { model: tfl.LayersModel }).model.lossFunctions[0]!;
}

/** The losses of all samples, and what comes back from their sum by random weights. */
export function lossAndGradient(loss: Loss, yTrue: tf.Tensor, yPred: tf.Tensor) {
  return tf.tidy(() => {
    const weights = tf.randomNormal(yPred.shape.slice(0, -1), 0, 1, 'float32', 5);
    const weighted = (x: tf.Tensor) => tf.sum(tf.mul(loss(yTrue, x), weights)) as tf.Scalar;
    return {
      losses: loss(yTrue, yPred).dataSync<'float32'>(),
      gradient: tf.grad(weighted)(yPred).dataSync<'float32'>(),
    };
  });
}
