/** earlyStopping: ends a run that no longer gets better, and keeps its best weights. */
import { reject } from '../foundation/errors.js';
import {
  requireBoolean,
  requireInteger,
  requireKnownOptions,
  requireOneOf,
  requireString,
} from '../foundation/option-checks.js';
import { tf, tfl } from '../foundation/tensorflow.js';
import { type KeptWeights, keepWeights } from './averaged-weights.js';
import type { BaseCallback } from './callbacks.js';

/** The options of {@link earlyStopping}. */
export interface EarlyStoppingOptions {
  /** What is watched, by its name in the logs: `'val_loss'`, `'val_acc'`, `'loss'`, …. Default: `'val_loss'`. */
  monitor?: string | undefined;
  /** How many epochs may pass without a better one. Default: 0. */
  patience?: number | undefined;
  /** By how much an epoch must be better than the best so far to count as such. Default: 0. */
  minDelta?: number | undefined;
  /**
   * Whether less is better, or more. Default: `'auto'`: more for accuracies (`acc` in the name), AUC,
   * precision and recall, less for losses and errors.
   */
  mode?: 'auto' | 'min' | 'max' | undefined;
  /** Whether the model has the weights of its best epoch in the end. Default: `false`. */
  restoreBestWeights?: boolean | undefined;
}

const WHERE = 'earlyStopping';
const OPTIONS = ['monitor', 'patience', 'minDelta', 'mode', 'restoreBestWeights'];

const MORE_IS_BETTER = /acc|auc|precision|recall/i;
const LESS_IS_BETTER = /loss|error|mse|mae|mape|msle|entropy|hinge|divergence|poisson/i;

/**
 * A callback that stops training when a quantity no longer gets better, as `EarlyStopping` of Keras, with
 * its `restore_best_weights`, which `tf.callbacks.earlyStopping` lacks.
 *
 * With `restoreBestWeights` the model has the weights of the best epoch at the end of the run, also when it
 * was not stopped. The optimizer goes on from where it was. Beside the callback `averagedWeights`, the
 * averages of the best epoch are kept.
 *
 * @returns A callback for `model.fit`, `fitWithSeed` or `fitDataset`, for one run at a time.
 * @throws RecurrentError for an option that does not exist or is out of its range; while training, when
 *   what is watched is not in the logs, or `mode: 'auto'` cannot tell which way is better.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import * as tfl from '@tensorflow/tfjs-layers';
 * import { earlyStopping } from 'tfjs-recurrent';
 *
 * const model = tfl.sequential();
 * model.add(tfl.layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' }));
 * // With so large a rate the loss grows.
 * model.compile({ optimizer: tf.train.sgd(2), loss: 'meanSquaredError' });
 * const stop = earlyStopping({ monitor: 'loss', patience: 2, restoreBestWeights: true });
 * const { epoch } = await model.fit(tf.ones([4, 1]), tf.ones([4, 1]), { epochs: 50, callbacks: stop });
 * console.log(epoch.length);
 * // 3
 * ```
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): BaseCallback {
  requireKnownOptions(WHERE, options, OPTIONS);
  const { monitor = 'val_loss', patience = 0, minDelta = 0, mode = 'auto' } = options;
  const { restoreBestWeights = false } = options;
  requireString(WHERE, 'monitor', monitor);
  requireInteger(WHERE, 'patience', patience, 0);
  if (!(typeof minDelta === 'number' && Number.isFinite(minDelta) && minDelta >= 0)) {
    reject({
      where: WHERE,
      expected: 'minDelta must be a number of at least 0',
      received: minDelta,
    });
  }
  requireOneOf(WHERE, 'mode', mode, ['auto', 'min', 'max']);
  requireBoolean(WHERE, 'restoreBestWeights', restoreBestWeights);
  const sign = mode === 'auto' ? signOf(monitor) : mode === 'max' ? 1 : -1;
  return new EarlyStopping({ monitor, patience, minDelta, restoreBestWeights }, sign);
}

function signOf(monitor: string): 1 | -1 {
  if (MORE_IS_BETTER.test(monitor)) return 1;
  if (LESS_IS_BETTER.test(monitor)) return -1;
  return reject({
    where: WHERE,
    expected: `mode must be given for ${monitor}, whose name does not say whether more is better`,
    received: 'auto',
    remedy: "Write mode: 'min' or mode: 'max'.",
  });
}

type Settings = Required<Omit<EarlyStoppingOptions, 'mode'>>;

class EarlyStopping extends tfl.Callback {
  private best = Number.NEGATIVE_INFINITY;
  private epochsWithout = 0;
  private bestWeights: KeptWeights | null = null;

  constructor(
    private readonly settings: { [Key in keyof Settings]: NonNullable<Settings[Key]> },
    /** 1 where more is better, -1 where less is. */
    private readonly sign: 1 | -1,
  ) {
    super();
  }

  override async onTrainBegin(): Promise<void> {
    this.forget();
  }

  override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
    const { monitor, patience, minDelta, restoreBestWeights } = this.settings;
    const value = this.sign * (await this.read(monitor, logs));
    if (restoreBestWeights && this.bestWeights === null) this.keepWeights();
    this.epochsWithout++;
    if (value - minDelta > this.best) {
      this.best = value;
      this.epochsWithout = 0;
      if (restoreBestWeights) this.keepWeights();
      return;
    }
    // An epoch has passed by then, as in Keras: patience 0 stops at the first that is no better.
    if (this.epochsWithout >= patience && epoch > 0) this.fitted.stopTraining = true;
  }

  override async onTrainEnd(): Promise<void> {
    this.bestWeights?.restore();
    this.forget();
  }

  private get fitted(): tfl.LayersModel {
    return this.model as unknown as tfl.LayersModel;
  }

  private keepWeights(): void {
    this.bestWeights?.dispose();
    this.bestWeights = keepWeights(this.fitted);
  }

  private forget(): void {
    this.bestWeights?.dispose();
    this.bestWeights = null;
    this.best = Number.NEGATIVE_INFINITY;
    this.epochsWithout = 0;
  }

  private async read(monitor: string, logs: Logs): Promise<number> {
    const value = logs?.[monitor];
    if (value instanceof tf.Tensor) return (await value.data())[0]!;
    if (typeof value === 'number') return value;
    return reject({
      where: WHERE,
      expected: `monitor must be one of what the run logs, ${Object.keys(logs ?? {}).join(', ')}`,
      received: monitor,
      remedy: 'Names that begin with val_ need validationData or validationSplit.',
    });
  }
}

type Logs = Parameters<BaseCallback['onEpochEnd']>[1];
