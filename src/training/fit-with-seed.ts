import { reject } from '../foundation/errors.js';
import { requireOneCopy, tf, type tfl } from '../foundation/tensorflow.js';
import { withTrainingKernels } from '../layers/train-by-kernels.js';
import { type Callbacks, RunRelay, toCallbackList, type YieldEvery } from './callbacks.js';
import { type FitData, mapTensors, namedTensors, requireSamples } from './fit-data.js';
import { appendHistory, type TrainingHistory } from './history.js';
import { warnOfSingleClass } from './labels.js';
import { permutation } from './permutation.js';
import { requireSeed } from '../foundation/random.js';
import { isFraction, takeRows } from './rows.js';

/** The options of {@link fitWithSeed}: those of `model.fit`, and a seed. */
export interface FitWithSeedOptions {
  /** Samples a step; 32 when left out. */
  batchSize?: number;
  /** The epoch to stop before, counted from 0: the number of epochs when `initialEpoch` is 0. 1 when left out. */
  epochs?: number;
  /** The epoch to start with, which is how many have run before; 0 when left out. */
  initialEpoch?: number;
  /** A whole number from 0 to 2⁵³ − 1, which with the epoch decides the order of samples; 0 when left out. */
  seed?: number;
  /** Samples and labels to evaluate after each epoch, never trained on. */
  validationData?: [FitData, FitData];
  /**
   * The fraction of the last samples to set aside as `validationData`, before
   * anything is shuffled, as in Keras. {@link splitValidation} shuffles first.
   */
  validationSplit?: number;
  /** Callback objects, objects of functions, or a list that mixes them. */
  callbacks?: Callbacks;
  /** Weights of the classes in the loss, as in `model.fit`. */
  classWeight?: tfl.ModelFitArgs['classWeight'];
  /**
   * When to let signals, timers and the page have their turn: `'auto'` (every
   * 125 ms, when left out), `'batch'`, `'epoch'`, `'never'` or milliseconds. A
   * turn takes microseconds, so that there is nothing to win with `'never'`.
   */
  yieldEvery?: YieldEvery;
  /**
   * Passed on to `model.fit`; 0 when left out. It only reaches callbacks that
   * other packages registered, and those would see each epoch as a run of its own.
   */
  verbose?: 0 | 1;
}

const WHERE = 'fitWithSeed';

/**
 * Trains like `model.fit`, in an order of samples that a seed repeats.
 *
 * `model.fit` shuffles with Math.random: no two runs are alike, and a resumed run
 * is another run. Here the order of an epoch is `permutation(samples, seed, epoch)`,
 * so that epochs 3 to 9 of a resumed run see what they would have seen without
 * the pause. Callbacks get the events of a single `model.fit`, and
 * `model.stopTraining` works. Initial weights and dropout have seeds of their own.
 *
 * @param model A compiled model of tf.layers.
 * @param x Samples along the first axis of each tensor; left as it is.
 * @param y Labels, as many as samples; left as it is.
 * @returns The epochs that ran and what they logged, read from their tensors.
 * @throws RecurrentError when the model is not compiled, when samples and labels differ in number,
 *   are none or not finite, or when an option is out of its range.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import * as tfl from '@tensorflow/tfjs-layers';
 * import { fitWithSeed } from 'tfjs-recurrent';
 *
 * const model = tfl.sequential();
 * model.add(tfl.layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' }));
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const x = tf.tensor2d([[1], [2], [3], [4]]);
 * const y = tf.tensor2d([[2], [4], [6], [8]]);
 * const { epoch, history } = await fitWithSeed(model, x, y, { epochs: 3, batchSize: 2, seed: 7 });
 * console.log(epoch.join(' '), '|', history.loss?.map((loss) => loss.toFixed(3)).join(' '));
 * // 0 1 2 | 25.771 12.169 6.400
 * ```
 */
export async function fitWithSeed(
  model: tfl.LayersModel,
  x: FitData,
  y: FitData,
  options: FitWithSeedOptions = {},
): Promise<TrainingHistory> {
  const { batchSize = 32, epochs = 1, initialEpoch = 0, seed = 0, verbose = 0 } = options;
  const { callbacks, classWeight, yieldEvery = 'auto' } = options;
  requireModel(model);
  requireWhole('batchSize', batchSize, 1);
  requireWhole('epochs', epochs, 1);
  requireWhole('initialEpoch', initialEpoch, 0);
  if (initialEpoch > epochs) {
    reject({
      where: WHERE,
      expected: `initialEpoch must not be greater than epochs, ${epochs}`,
      received: initialEpoch,
      remedy: 'epochs counts from the very first epoch, also when a run is resumed.',
    });
  }
  requireSeed(WHERE, seed);
  const samples = requireSamples(WHERE, ['x', x], ['y', y]);
  const list = toCallbackList(WHERE, callbacks, yieldEvery);
  const parts = setAside(x, y, samples, options);

  const relay = new RunRelay(list, { epochs, initialEpoch });
  const merged: TrainingHistory = { epoch: [], history: {} };
  const args = {
    batchSize,
    validationData: parts.validationData as tfl.ModelFitArgs['validationData'],
    ...(classWeight === undefined ? {} : { classWeight }),
    verbose,
    callbacks: [relay],
    shuffle: false,
  };
  try {
    // One call even when no epoch is left, for the events and checks of model.fit.
    let epoch = initialEpoch;
    do {
      const order = permutation(parts.samples, seed, epoch);
      const xEpoch = mapTensors(parts.x, (tensor) => takeRows(tensor, order));
      const yEpoch = mapTensors(parts.y, (tensor) => takeRows(tensor, order));
      try {
        const only = { initialEpoch: epoch, epochs: Math.min(epoch + 1, epochs) };
        const fit = () => model.fit(xEpoch, yEpoch, { ...args, ...only });
        appendHistory(merged, await withTrainingKernels(model, fit));
      } finally {
        tf.dispose([xEpoch, yEpoch]);
      }
      epoch++;
    } while (epoch < epochs && !model.stopTraining);
    await relay.finish();
  } finally {
    tf.dispose(parts.owned);
  }
  return merged;
}

interface Parts {
  x: FitData;
  y: FitData;
  samples: number;
  validationData: [FitData, FitData] | undefined;
  /** Tensors made here, to dispose at the end. */
  owned: FitData[];
}

function setAside(x: FitData, y: FitData, samples: number, options: FitWithSeedOptions): Parts {
  const { validationData, validationSplit } = options;
  if (validationData !== undefined) {
    if (!Array.isArray(validationData) || validationData.length !== 2) {
      reject({
        where: WHERE,
        expected: 'validationData must be a pair [x, y] of tensors',
        received: validationData,
      });
    }
    const [xVal, yVal] = validationData;
    requireSamples(WHERE, ['validationData[0]', xVal], ['validationData[1]', yVal]);
    return { x, y, samples, validationData, owned: [] };
  }
  if (validationSplit === undefined) return { x, y, samples, validationData, owned: [] };

  const splitAt = Math.floor(samples * (1 - validationSplit));
  if (!isFraction(validationSplit) || splitAt === 0 || splitAt === samples) {
    reject({
      where: WHERE,
      expected: `validationSplit must be between 0 and 1 and leave no part of the ${samples} samples empty`,
      received: validationSplit,
    });
  }
  const first = (tensor: tf.Tensor) => tf.slice(tensor, 0, splitAt);
  const last = (tensor: tf.Tensor) => tf.slice(tensor, splitAt);
  const train = [mapTensors(x, first), mapTensors(y, first)] as const;
  const validation: [FitData, FitData] = [mapTensors(x, last), mapTensors(y, last)];
  const remedy =
    'validationSplit takes the last samples as they stand. Use splitValidation, which mixes them ' +
    'first, and pass its parts as x, y and validationData.';
  warnOfLabels('training', train[1], remedy);
  warnOfLabels('validation', validation[1], remedy);
  return {
    x: train[0],
    y: train[1],
    samples: splitAt,
    validationData: validation,
    owned: [...train, ...validation],
  };
}

function requireModel(model: tfl.LayersModel): void {
  requireOneCopy(WHERE, model);
  if (model.optimizer != null) return;
  reject({
    where: WHERE,
    expected: 'the model must be compiled before it is trained',
    remedy: "Call model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' }) first.",
  });
}

function requireWhole(name: string, value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return;
  reject({
    where: WHERE,
    expected: `${name} must be a whole number, at least ${least}`,
    received: value,
  });
}

function warnOfLabels(part: 'training' | 'validation', y: FitData, remedy: string): void {
  for (const [, tensor] of namedTensors(WHERE, 'y', y))
    warnOfSingleClass(WHERE, part, tensor, remedy);
}
