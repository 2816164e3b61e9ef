/** The losses of a compiled Keras model. */
import * as byKernel from '../../../layers/losses/smoothed.js';
import { type CrossentropyOptions, smoothingOf } from '../../../layers/losses/smoothed.js';
import * as ours from '../../compile/losses.js';
import { describe } from '../../compile/descriptions.js';
import type { Json } from '../../writing/write-objects.js';
import { cannotHave, numberOf, plainName, readObject, requireNothingElse } from './compile-part.js';
import { type JsonObject, property } from '../read-json.js';

/** A loss: one that TensorFlow.js has by that name, or one of ours. */
export interface LossPlan {
  /** Its name in TensorFlow.js; of one of ours that of the loss that takes the same labels. */
  stock?: string | undefined;
  ours?: ours.Loss | undefined;
}

interface Maker {
  /** The class of Keras that computes it. */
  className: string;
  make(settings: JsonObject, what: string, kerasVersion: number): LossPlan;
}

const stock = (className: string, name: string): Maker => ({
  className,
  make: () => ({ stock: name }),
});

const own = (className: string, loss: ours.Loss): Maker => ({
  className,
  make: () => ({ ours: loss }),
});

/** TensorFlow's Keras and Keras 3 take labels of 0 and 1 for -1 and 1. */
const hinge = (className: string, name: string, loss: ours.Loss): Maker => ({
  className,
  make: (_settings, _what, kerasVersion) => (kerasVersion > 2 ? { ours: loss } : { stock: name }),
});

const crossentropy = (
  className: string,
  name: string,
  loss: (settings: ours.CrossentropySettings) => ours.Loss,
  ofProbabilities: (options: CrossentropyOptions) => ours.Loss,
): Maker => ({
  className,
  make(settings, what) {
    const fromLogits = property(settings, 'from_logits') === true;
    const labelSmoothing = numberOf(what, settings, 'label_smoothing', 0);
    if (!fromLogits && labelSmoothing === 0) return { stock: name };
    if (!fromLogits && labelSmoothing < 1) return { ours: ofProbabilities({ labelSmoothing }) };
    return { ours: loss({ fromLogits, labelSmoothing }) };
  },
});

const SPARSE: Maker = {
  className: 'SparseCategoricalCrossentropy',
  make: (settings) => ({
    stock: 'sparseCategoricalCrossentropy',
    ...(property(settings, 'from_logits') === true && {
      ours: ours.sparseCategoricalCrossentropy(true),
    }),
  }),
};

const HUBER: Maker = {
  className: 'Huber',
  make: (settings, what) => ({ ours: ours.huber(numberOf(what, settings, 'delta', 1)) }),
};

const BINARY = crossentropy(
  'BinaryCrossentropy',
  'binaryCrossentropy',
  ours.binaryCrossentropy,
  byKernel.binaryCrossentropy,
);
const KLD = stock('KLDivergence', 'kullbackLeiblerDivergence');
const MAE = stock('MeanAbsoluteError', 'meanAbsoluteError');
const MAPE = stock('MeanAbsolutePercentageError', 'meanAbsolutePercentageError');
const MSE = stock('MeanSquaredError', 'meanSquaredError');
const MSLE = stock('MeanSquaredLogarithmicError', 'meanSquaredLogarithmicError');
const COSINE = own('CosineSimilarity', ours.negative(ours.cosineSimilarity));

/** By names without underscores and in small letters, so that classes have them too. */
const LOSSES: Readonly<Record<string, Maker>> = {
  bce: BINARY,
  binarycrossentropy: BINARY,
  categoricalcrossentropy: crossentropy(
    'CategoricalCrossentropy',
    'categoricalCrossentropy',
    ours.categoricalCrossentropy,
    byKernel.categoricalCrossentropy,
  ),
  categoricalhinge: stock('CategoricalHinge', 'categoricalHinge'),
  cosineproximity: COSINE,
  cosinesimilarity: COSINE,
  hinge: hinge('Hinge', 'hinge', ours.hinge),
  huber: HUBER,
  huberloss: HUBER,
  kld: KLD,
  kldivergence: KLD,
  kullbackleiblerdivergence: KLD,
  logcosh: stock('LogCosh', 'logcosh'),
  mae: MAE,
  mape: MAPE,
  meanabsoluteerror: MAE,
  meanabsolutepercentageerror: MAPE,
  meansquarederror: MSE,
  meansquaredlogarithmicerror: MSLE,
  mse: MSE,
  msle: MSLE,
  poisson: stock('Poisson', 'poisson'),
  sparsecategoricalcrossentropy: SPARSE,
  squaredhinge: hinge('SquaredHinge', 'squaredHinge', ours.squaredHinge),
};

const READ = ['name', 'fn', 'dtype', 'reduction', 'from_logits', 'label_smoothing', 'delta'];
const AVERAGED = ['auto', 'sum_over_batch_size', 'mean', 'mean_with_sample_weight'];

/**
 * Reads the loss of one output.
 *
 * @throws CompileError for one that cannot be had.
 */
export function readLoss(written: unknown, kerasVersion: number): LossPlan {
  const { name, settings } = readObject(written);
  const maker = property(LOSSES, plainName(name)) as Maker | undefined;
  if (maker === undefined)
    return cannotHave("the loss must be one of Keras's that can be had here", name);
  const what = `the loss ${name}`;
  requireNothingElse(what, settings, READ, { axis: [-1] });
  const plan = maker.make(settings, what, kerasVersion);
  const reduction = property(settings, 'reduction');
  if (reduction === undefined || AVERAGED.includes(reduction as string)) {
    return described(plan, maker.className, settings);
  }
  if (reduction !== 'sum') cannotHave(`${what} must be averaged or summed over samples`, reduction);
  const loss = plan.ours ?? cannotHave(`${what} must be averaged over samples`, reduction);
  return described({ ...plan, ours: ours.summed(loss) }, maker.className, settings);
}

const KEPT = ['reduction', 'from_logits', 'label_smoothing', 'delta'];

function described(plan: LossPlan, className: string, settings: JsonObject): LossPlan {
  const { ours: compute } = plan;
  // What has a kernel stays itself, so that the kernel is found.
  if (compute === undefined || smoothingOf(compute)) return plan;
  const config = Object.fromEntries(
    KEPT.filter((key) => (settings[key] ?? 'auto') !== 'auto').map((key) => [key, settings[key]]),
  ) as { [key: string]: Json };
  const loss: ours.Loss = (yTrue, yPred) => compute(yTrue, yPred);
  return { ...plan, ours: describe(loss, { className, config }) };
}
