/** Training on pieces of texts that are drawn anew for each epoch. */
import type { tf, tfl } from '../../foundation/tensorflow.js';
import { type Callbacks, toCallbackList } from '../../training/callbacks.js';
import { fitEpochs } from '../../training/fit-epochs.js';
import type { TrainingHistory } from '../../training/history.js';

/** What the learning rate is multiplied by in the last of several epochs. */
const LAST_RATE = 0.25;

/** Rows for each piece, and the labels of their texts. */
export interface Samples {
  x: tf.Tensor;
  y: tf.Tensor;
}

interface Settings {
  epochs: number;
  batchSize: number;
  callbacks: Callbacks | undefined;
  validationData?: [tf.Tensor, tf.Tensor] | undefined;
}

/**
 * Trains a model on other samples in each epoch, in the order in which they are given, and at a smaller
 * learning rate in the last one.
 *
 * @param samplesOf Called once an epoch; its tensors are disposed of behind it.
 */
export async function trainOnPieces(
  model: tfl.LayersModel,
  samplesOf: (epoch: number) => Samples,
  { epochs, batchSize, callbacks, validationData }: Settings,
): Promise<TrainingHistory> {
  const given = [callbacks ?? []].flat();
  const slower = {
    onEpochBegin: async (epoch: number) => {
      if (epoch === 0 || epoch < epochs - 1) return;
      const rated = model.optimizer as unknown as { learningRate: number };
      rated.learningRate *= LAST_RATE;
    },
  };
  return fitEpochs(model, {
    ...{ epochs, initialEpoch: 0 },
    callbacks: toCallbackList('TextClassifier.train', [...given, slower], 'auto'),
    samplesOf: (epoch) => ({ samples: { ...samplesOf(epoch) }, isKept: false }),
    fit: ({ x, y }, ofEpoch) =>
      model.fit(x as tf.Tensor, y as tf.Tensor, {
        ...{ batchSize, verbose: 0 },
        ...(validationData && { validationData }),
        ...ofEpoch,
      }),
  });
}
