/** A run of training that is a call of model.fit an epoch, each on samples of its own. */
import { tf, type tfl } from '../foundation/tensorflow.js';
import { withTrainingKernels } from '../layers/model/train-by-kernels.js';
import { RunRelay } from './callbacks.js';
import { appendHistory, type TrainingHistory } from './history.js';
import type { Samples } from './set-aside.js';

/** How {@link fitEpochs} runs. */
interface Epochs {
  /** The epoch to stop before. */
  epochs: number;
  initialEpoch: number;
  /** They get the events of one run. */
  callbacks: tfl.CallbackList;
  /** What an epoch is trained on, in its order; disposed of behind it unless `isKept`. */
  samplesOf(epoch: number): { samples: Samples; isKept: boolean };
  /** Calls model.fit with `args`, which say which epoch it is and that nothing is shuffled. */
  fit(samples: Samples, args: tfl.ModelFitArgs): Promise<tfl.History>;
}

/** Trains until the last epoch, or until `model.stopTraining`. */
export async function fitEpochs(
  model: tfl.LayersModel,
  { epochs, initialEpoch, callbacks, samplesOf, fit }: Epochs,
): Promise<TrainingHistory> {
  const relay = new RunRelay(callbacks, { epochs, initialEpoch });
  const merged: TrainingHistory = { epoch: [], history: {} };
  // One call even when no epoch is left, for the events and checks of model.fit.
  let epoch = initialEpoch;
  do {
    const { samples, isKept } = samplesOf(epoch);
    try {
      const only = { initialEpoch: epoch, epochs: Math.min(epoch + 1, epochs) };
      const args = { ...only, callbacks: [relay], shuffle: false };
      appendHistory(merged, await withTrainingKernels(model, () => fit(samples, args)));
    } finally {
      if (!isKept) tf.dispose(Object.values(samples));
    }
    epoch++;
  } while (epoch < epochs && !model.stopTraining);
  await relay.finish();
  return merged;
}
