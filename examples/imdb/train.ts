import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { appendHistory, fitWithSeed, type TrainingHistory } from 'tfjs-recurrent';
import { checkpoint, progressBar, resume } from 'tfjs-recurrent/node';
import type { Samples } from './data.js';
import type { Settings } from './options.js';

/** What training leaves besides the weights. */
export interface Trained {
  /** All epochs, with those before the interruption when the run was resumed. */
  history: TrainingHistory;
  /** Wall time of each epoch that ran now. */
  secondsPerEpoch: number[];
}

/**
 * Trains to the end of the settings' epochs, with a checkpoint after each.
 *
 * @param model A compiled model with its first weights.
 * @param parts What to learn from and what to check on.
 * @param out The run's folder, with its checkpoints.
 * @param resumed Whether to go on from the last checkpoint.
 */
export async function train(
  model: LayersModel,
  parts: { train: Samples; validation: Samples },
  settings: Settings,
  out: string,
  resumed: boolean,
): Promise<Trained> {
  const checkpoints = join(out, 'checkpoints');
  const last = resumed ? await resume(checkpoints, model) : null;
  if (resumed) {
    const from =
      last === null ? 'No checkpoint yet: starting' : `Going on after epoch ${last.epoch}`;
    console.log(`${from}.`);
  }

  const history: TrainingHistory = last?.history ?? { epoch: [], history: {} };
  const secondsPerEpoch: number[] = [];
  let begun = 0;
  const stopwatch = {
    onEpochBegin: async () => {
      begun = performance.now();
    },
    onEpochEnd: async () => {
      secondsPerEpoch.push((performance.now() - begun) / 1000);
    },
  };
  const ran = await fitWithSeed(model, parts.train.x, parts.train.y, {
    batchSize: settings.batchSize,
    epochs: settings.epochs,
    initialEpoch: last?.epoch ?? 0,
    seed: settings.seed,
    validationData: [parts.validation.x, parts.validation.y],
    callbacks: [stopwatch, progressBar(), checkpoint(checkpoints, { every: 1, keep: 2 })],
  });
  return { history: appendHistory(history, ran), secondsPerEpoch };
}

/** Trains a model that was saved and loaded for one more epoch: the article's increment. */
export async function trainOn(
  model: LayersModel,
  samples: Samples,
  settings: Settings,
): Promise<void> {
  await fitWithSeed(model, samples.x, samples.y, {
    batchSize: settings.batchSize,
    initialEpoch: settings.epochs,
    epochs: settings.epochs + 1,
    seed: settings.seed,
    callbacks: [progressBar()],
  });
}
