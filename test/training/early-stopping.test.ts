/** earlyStopping stops where Keras stops, with the weights that Keras restores. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { earlyStopping, fitWithSeed } from '../../src/index.js';
import { trainingBlocks } from '../golden/training-blocks.js';
import { tinyData, tinyModel, weightsOf } from './models.js';

type Case = (typeof trainingBlocks.stops)[number];

/** Logs values in the place of what was measured, and counts the epochs in the weights. */
class Replayed extends tfl.Callback {
  constructor(private readonly values: readonly number[]) {
    super();
  }

  override async onEpochEnd(epoch: number, logs: Record<string, number>): Promise<void> {
    logs.val_loss = this.values[epoch]!;
    const model = this.model as unknown as tfl.LayersModel;
    tf.tidy(() => model.setWeights([tf.tensor2d([[epoch]])]));
  }
}

function counter(): tfl.Sequential {
  const model = tfl.sequential();
  model.add(tfl.layers.dense({ units: 1, inputShape: [1], useBias: false }));
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return model;
}

const optionsOf = ({ settings }: Case) => ({
  monitor: settings.monitor,
  mode: settings.mode,
  patience: settings.patience,
  minDelta: settings.min_delta,
  restoreBestWeights: settings.restore_best_weights,
});

describe('early stopping as in Keras:', () => {
  test.each(
    trainingBlocks.stops.map(
      (one) => [`${one.values}`, JSON.stringify(one.settings), one] as const,
    ),
  )('%s with %s', async (_, __, one) => {
    const callbacks = [new Replayed(one.values), earlyStopping(optionsOf(one))];
    const data = [tf.zeros([1, 1]), tf.zeros([1, 1])] as const;
    for (const fit of [
      (model: tfl.Sequential) =>
        model.fit(...data, { epochs: one.values.length, callbacks: callbacks as never }),
      (model: tfl.Sequential) =>
        fitWithSeed(model, ...data, { epochs: one.values.length, callbacks }),
    ]) {
      const model = counter();
      const { epoch } = await fit(model);
      expect([epoch.length, ...weightsOf(model)]).toEqual([one.epochs, one.weights_of_epoch]);
    }
  });
});

describe('earlyStopping', () => {
  test('watches what a run logs, and leaves no tensor behind', async () => {
    const { x, y } = tinyData();
    const model = tinyModel();
    const run = () =>
      fitWithSeed(model, x, y, {
        ...{ epochs: 30, validationData: [x, y] },
        callbacks: earlyStopping({ monitor: 'val_acc', patience: 3, restoreBestWeights: true }),
      });
    const { history } = await run();
    const { numTensors } = tf.memory();
    await run();
    expect(tf.memory().numTensors).toBe(numTensors);
    const best = Math.max(...history.val_acc!);
    const first = history.val_acc!.indexOf(best);
    expect(history.val_acc!.length).toBe(first + 4);
  });

  test.each<[string, object, string]>([
    ['another option', { restore_best_weights: true }, 'there is no option restore_best_weights.'],
    [
      'patience that is none',
      { patience: -1 },
      'patience must be a non-negative integer, received',
    ],
    ['minDelta below 0', { minDelta: -0.1 }, 'minDelta must be a number of at least 0, received'],
    [
      'a mode that there is not',
      { mode: 'least' },
      'mode must be "auto", "min" or "max", received',
    ],
    [
      'auto for what nobody knows',
      { monitor: 'val_bleu' },
      `mode must be given for val_bleu, whose name does not say whether more is better, received "auto". Write mode: 'min' or mode: 'max'.`,
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => earlyStopping(options)).toThrow(`earlyStopping: ${message}`);
  });

  test('refuses to watch what is not logged', async () => {
    const { x, y } = tinyData();
    const run = fitWithSeed(tinyModel(), x, y, { callbacks: earlyStopping() });
    await expect(run).rejects.toThrow(
      'earlyStopping: monitor must be one of what the run logs, loss, acc, received "val_loss". ' +
        'Names that begin with val_ need validationData or validationSplit.',
    );
  });
});
