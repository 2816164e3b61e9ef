import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/** Logistic regression on two features, from known weights. */
export function tinyModel(): tfl.Sequential {
  const model = tfl.sequential();
  model.add(
    tfl.layers.dense({
      units: 1,
      inputShape: [2],
      activation: 'sigmoid',
      kernelInitializer: 'zeros',
    }),
  );
  model.compile({
    optimizer: tf.train.adam(0.1),
    loss: 'binaryCrossentropy',
    metrics: ['accuracy'],
  });
  return model;
}

/** Ten samples of two classes that a line separates but for one. */
export function tinyData(): { x: tf.Tensor2D; y: tf.Tensor2D } {
  const rows = Array.from({ length: 10 }, (_, i) => [Math.sin(i * 3), Math.cos(i * 5)]);
  const labels = rows.map(([a = 0, b = 0], i) => [i === 4 ? 0 : Number(a + b > 0)]);
  return { x: tf.tensor2d(rows), y: tf.tensor2d(labels) };
}

/** The weights of a model as plain numbers. */
export function weightsOf(model: tfl.LayersModel): number[] {
  return model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
}
