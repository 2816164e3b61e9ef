import { reject } from '../foundation/errors.js';
import { requireBoolean, requireKnownOptions } from '../foundation/option-checks.js';
import { requireOneCopy, tf, type tfl } from '../foundation/tensorflow.js';
import { type Callbacks, toCallbackList, type YieldEvery } from './callbacks.js';
import { type FitData, requireSamples } from './fit-data.js';
import { fitEpochs } from './fit-epochs.js';
import type { TrainingHistory } from './history.js';
import { everyLayer } from './layer-state.js';
import { permutation } from './permutation.js';
import { requireSeed } from '../foundation/random.js';
import { takeRows } from './rows.js';
import { requireSampleWeights, withSampleWeights } from './sample-weights.js';
import { mapSamples, type Samples, setAside } from './set-aside.js';

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
   * Weights of the samples in the loss: [samples], or [samples, time] for outputs that are sequences;
   * for several outputs one tensor for all, a list, or by name. Those of the samples that
   * `validationSplit` sets aside weigh their loss, as in Keras. With `classWeight`, both count.
   */
  sampleWeight?: FitData;
  /**
   * Whether each epoch mixes the samples; true when left out. For a stateful model it is false, since
   * there a batch goes on where the one before has ended.
   */
  shuffle?: boolean;
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

const KNOWN = [
  ...[
    'batchSize',
    'epochs',
    'initialEpoch',
    'seed',
    'shuffle',
    'validationData',
    'validationSplit',
  ],
  ...['callbacks', 'classWeight', 'sampleWeight', 'yieldEvery', 'verbose'],
];

// What model.fit of TensorFlow.js has in its types, and does not do either.
const STEPS = 'Samples that are all in memory are gone through whole: leave it out.';
const REMEDIES = {
  stepsPerEpoch: STEPS,
  steps_per_epoch: STEPS,
  validationSteps: STEPS,
  validation_steps: STEPS,
};

/**
 * Trains like `model.fit`, in an order of samples that a seed repeats.
 *
 * `model.fit` shuffles with Math.random: no two runs are alike, and a resumed run
 * is another run. Here the order of an epoch is `permutation(samples, seed, epoch)`,
 * so that epochs 3 to 9 of a resumed run see what they would have seen without
 * the pause. Callbacks get the events of a single `model.fit`, and
 * `model.stopTraining` works. Initial weights and dropout have seeds of their own. Unlike `model.fit`,
 * it takes `sampleWeight`.
 *
 * @param model A compiled model of tf.layers.
 * @param x Samples along the first axis of each tensor; left as it is.
 * @param y Labels, as many as samples; left as it is.
 * @returns The epochs that ran and what they logged, read from their tensors.
 * @throws RecurrentError when the model is not compiled, when samples and labels differ in number,
 *   are none or not finite, or when an option does not exist or is out of its range.
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
  requireFitOptions(WHERE, options);
  const { batchSize = 32, epochs = 1, initialEpoch = 0, seed = 0, verbose = 0 } = options;
  const { callbacks, classWeight, sampleWeight, yieldEvery = 'auto' } = options;
  requireTrainable(WHERE, model);
  const shuffle = shuffleOption(model, options.shuffle);
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
  if (sampleWeight !== undefined) requireSampleWeights(WHERE, model, sampleWeight, samples);
  const list = toCallbackList(WHERE, callbacks, yieldEvery);
  const whole = { x, y, ...(sampleWeight && { sampleWeight }) };
  const parts = setAside(WHERE, whole, samples, options);

  const args = {
    batchSize,
    validationData: parts.validationData as tfl.ModelFitArgs['validationData'],
    ...(classWeight === undefined ? {} : { classWeight }),
    verbose,
  };
  try {
    return await fitEpochs(model, {
      ...{ epochs, initialEpoch, callbacks: list },
      samplesOf(epoch) {
        if (!shuffle) return { samples: parts.training, isKept: true };
        const order = permutation(parts.samples, seed, epoch);
        const samples = mapSamples(parts.training, (tensor) => takeRows(tensor, order));
        return { samples, isKept: false };
      },
      fit: (samples, ofEpoch) =>
        fitWeighted(model, samples, parts.validationWeight, { ...args, ...ofEpoch }),
    });
  } finally {
    tf.dispose(parts.owned);
  }
}

function fitWeighted(
  model: tfl.LayersModel,
  { x, y, sampleWeight }: Samples,
  validationWeight: FitData | undefined,
  args: tfl.ModelFitArgs,
): Promise<tfl.History> {
  if (sampleWeight === undefined) return model.fit(x, y, args);
  // Its types want a tensor, and it would refuse any.
  const weighted = { ...args, sampleWeight: sampleWeight as tf.Tensor };
  return withSampleWeights(WHERE, model, validationWeight, () => model.fit(x, y, weighted));
}

/** Whether to mix the samples, which a stateful model cannot bear. */
function shuffleOption(model: tfl.LayersModel, shuffle: boolean | undefined): boolean {
  // A model with such a layer inside counts as stateful itself: the last is the layer.
  const stateful = everyLayer(model)
    .filter(({ layer }) => layer.stateful === true)
    .at(-1);
  if (shuffle === undefined) return stateful === undefined;
  requireBoolean(WHERE, 'shuffle', shuffle);
  if (!shuffle || stateful === undefined) return shuffle;
  return reject({
    where: WHERE,
    expected: `shuffle must be false, since ${stateful.path} is stateful: a batch goes on where the one before has ended`,
    received: shuffle,
    remedy: 'Leave it out to keep the order of the samples.',
  });
}

/** Throws for an option that there is not. */
export function requireFitOptions(where: string, options: object): void {
  requireKnownOptions(where, options, KNOWN, REMEDIES);
}

/** Throws unless a value is a model that is compiled. */
export function requireTrainable(where: string, model: tfl.LayersModel): void {
  requireOneCopy(where, model);
  if (model.optimizer != null) return;
  reject({
    where,
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
