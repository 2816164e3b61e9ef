/** The models of kill.test.ts, which the processes that it kills build as well. */
import { tf, tfl } from '../../src/foundation/tensorflow.js';

/** A model of 130,000 weights that all have one value, so that a mixture of two would show. */
export function uniformModel(value: number): tfl.Sequential {
  const kernelInitializer = tfl.initializers.constant({ value });
  return tfl.sequential({
    layers: [
      tfl.layers.dense({
        units: 256,
        inputShape: [512],
        kernelInitializer,
        biasInitializer: kernelInitializer,
      }),
    ],
  });
}

/** The model that is trained; its weights begin the same in every process. */
export function buildRun(): tfl.Sequential {
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({
        units: 16,
        activation: 'tanh',
        inputShape: [8],
        kernelInitializer: tfl.initializers.glorotUniform({ seed: 1 }),
      }),
      tfl.layers.dense({
        units: 1,
        activation: 'sigmoid',
        kernelInitializer: tfl.initializers.glorotUniform({ seed: 2 }),
      }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'binaryCrossentropy' });
  return model;
}

/** Trains on 32 samples that are the same every time, in one order. */
export async function trainRun(
  model: tfl.LayersModel,
  initialEpoch: number,
  epochs: number,
  callbacks: (tfl.Callback | tfl.CustomCallback)[] = [],
): Promise<void> {
  const x = tf.randomNormal([32, 8], 0, 1, 'float32', 7);
  const y = tf.cast(tf.greater(tf.sum(x, 1, true), 0), 'float32');
  await model.fit(x, y, {
    initialEpoch,
    epochs,
    batchSize: 8,
    shuffle: false,
    callbacks: callbacks as tfl.Callback[],
  });
}
