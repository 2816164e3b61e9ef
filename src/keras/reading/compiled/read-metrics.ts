/** The metrics of a compiled Keras model. */
import { areaUnderCurve, evenThresholds } from '../../compile/area-under-curve.js';
import { describe } from '../../compile/descriptions.js';
import * as losses from '../../compile/losses.js';
import * as metrics from '../../compile/metrics.js';
import { wholePassMetric } from '../../compile/whole-passes.js';
import type { Json } from '../../writing/write-objects.js';
import {
  cannotHave,
  numberOf,
  plainName,
  readObject,
  requireNothingElse,
  type WrittenObject,
} from './compile-part.js';
import type { LossPlan } from './read-losses.js';
import { type JsonObject, property } from '../read-json.js';
import { snakeCase } from '../settings/snake-case.js';

/** A metric for `model.compile`: one that TensorFlow.js has by that name, or one of ours. */
export type MetricPlan = string | metrics.Metric;

/** What a metric is of: what `accuracy` means depends on it. */
export interface MeasuredOutput {
  /** The size of the last dimension; null if it is open. */
  width: number | null;
  loss: LossPlan;
  kerasVersion: number;
}

interface Maker {
  /** The class of Keras. */
  className: string;
  /** Settings that its reader looks at, besides those of all. */
  settings?: readonly string[];
  /** Whether Keras has it as a class alone: a function of that name is somebody's own. */
  classAlone?: boolean;
  make(settings: JsonObject, what: string): MetricPlan;
}

const stock = (className: string, name: string): Maker => ({ className, make: () => name });

const mean = (className: string, metric: metrics.Metric): Maker => ({
  className,
  make: () => metric,
});

const topK = (className: string, make: (k: number) => metrics.Metric): Maker => ({
  className,
  settings: ['k'],
  make: (settings, what) => make(numberOf(what, settings, 'k', 5)),
});

const crossentropy = (
  className: string,
  make: (settings: losses.CrossentropySettings) => losses.Loss,
): Maker => ({
  className,
  settings: ['from_logits', 'label_smoothing'],
  make: (settings, what) =>
    make({
      fromLogits: property(settings, 'from_logits') === true,
      labelSmoothing: numberOf(what, settings, 'label_smoothing', 0),
    }),
});

const overPass = (
  className: string,
  settings: readonly string[],
  make: (settings: JsonObject, what: string) => metrics.SummedMetric,
): Maker => ({
  ...{ className, settings, classAlone: true },
  make: (given, what) => wholePassMetric(make(given, what)),
});

const ofPositives = (
  className: string,
  make: (positives: metrics.Positives) => metrics.SummedMetric,
): Maker =>
  overPass(className, ['thresholds', 'class_id'], (settings, what) => {
    const hasClass = (property(settings, 'class_id') ?? null) !== null;
    return make({
      threshold: onlyThreshold(settings, what),
      classId: hasClass ? numberOf(what, settings, 'class_id', 0) : undefined,
    });
  });

const countOf = (className: string, kind: Parameters<typeof metrics.counted>[0]): Maker =>
  overPass(className, ['thresholds'], (settings, what) =>
    metrics.counted(kind, onlyThreshold(settings, what)),
  );

/** A list of several would give as many values. */
function onlyThreshold(settings: JsonObject, what: string): number {
  const given = property(settings, 'thresholds') ?? 0.5;
  const [threshold, ...others] = [given].flat();
  if (typeof threshold === 'number' && others.length === 0) return threshold;
  return cannotHave(`${what} must have one threshold`, given);
}

const SUMMATIONS = ['interpolation', 'minoring', 'majoring'] as const;

const AUC = overPass(
  'AUC',
  ['num_thresholds', 'curve', 'summation_method', 'thresholds', 'from_logits'],
  (settings, what) => {
    const curve = String(property(settings, 'curve') ?? 'ROC');
    if (curve !== 'ROC' && curve !== 'PR') return cannotHave(`${what} must be of ROC or PR`, curve);
    const method = String(property(settings, 'summation_method') ?? 'interpolation');
    const summation = SUMMATIONS.find((each) => each === method.toLowerCase());
    const given = property(settings, 'thresholds');
    const isList = Array.isArray(given) && given.every((each) => typeof each === 'number');
    return areaUnderCurve({
      curve,
      summation: summation ?? cannotHave(`${what} must sum by one of ${SUMMATIONS}`, method),
      thresholds: isList
        ? [...given].sort((one, other) => one - other)
        : evenThresholds(numberOf(what, settings, 'num_thresholds', 200)),
      fromLogits: property(settings, 'from_logits') === true,
    });
  },
);

const MAE = stock('MeanAbsoluteError', 'mae');
const MAPE = stock('MeanAbsolutePercentageError', 'mape');
const MSE = stock('MeanSquaredError', 'mse');
const MSLE = mean('MeanSquaredLogarithmicError', losses.meanSquaredLogarithmicError);
const KLD = mean('KLDivergence', losses.klDivergence);
const LOG_COSH = mean('LogCoshError', losses.logCosh);
const COSINE = mean('CosineSimilarity', losses.cosineSimilarity);
const BINARY = crossentropy('BinaryCrossentropy', losses.binaryCrossentropy);

const BINARY_ACCURACY: Maker = {
  ...{ className: 'BinaryAccuracy', settings: ['threshold'] },
  make(settings, what) {
    const threshold = numberOf(what, settings, 'threshold', 0.5);
    return threshold === 0.5 ? 'binaryAccuracy' : metrics.binaryAccuracy(threshold);
  },
};

const SPARSE_CROSSENTROPY: Maker = {
  ...{ className: 'SparseCategoricalCrossentropy', settings: ['from_logits'] },
  make: (settings) =>
    losses.sparseCategoricalCrossentropy(property(settings, 'from_logits') === true),
};

/** By names without underscores and in small letters, so that classes have them too. */
const METRICS: Readonly<Record<string, Maker>> = {
  accuracy: mean('Accuracy', metrics.accuracy),
  auc: AUC,
  bce: BINARY,
  binaryaccuracy: BINARY_ACCURACY,
  binarycrossentropy: BINARY,
  categoricalaccuracy: stock('CategoricalAccuracy', 'categoricalAccuracy'),
  categoricalcrossentropy: crossentropy('CategoricalCrossentropy', losses.categoricalCrossentropy),
  categoricalhinge: mean('CategoricalHinge', losses.categoricalHinge),
  cosineproximity: COSINE,
  cosinesimilarity: COSINE,
  falsenegatives: countOf('FalseNegatives', 'falseNegatives'),
  falsepositives: countOf('FalsePositives', 'falsePositives'),
  hinge: mean('Hinge', losses.hinge),
  kld: KLD,
  kldivergence: KLD,
  kullbackleiblerdivergence: KLD,
  logcosh: LOG_COSH,
  logcosherror: LOG_COSH,
  mae: MAE,
  mape: MAPE,
  meanabsoluteerror: MAE,
  meanabsolutepercentageerror: MAPE,
  meansquarederror: MSE,
  meansquaredlogarithmicerror: MSLE,
  mse: MSE,
  msle: MSLE,
  poisson: mean('Poisson', losses.poisson),
  precision: ofPositives('Precision', metrics.precision),
  recall: ofPositives('Recall', metrics.recall),
  rootmeansquarederror: overPass('RootMeanSquaredError', [], () => metrics.rootMeanSquaredError),
  sparsecategoricalaccuracy: mean('SparseCategoricalAccuracy', metrics.sparseCategoricalAccuracy),
  sparsecategoricalcrossentropy: SPARSE_CROSSENTROPY,
  sparsetopkcategoricalaccuracy: topK(
    'SparseTopKCategoricalAccuracy',
    metrics.sparseTopKCategoricalAccuracy,
  ),
  squaredhinge: mean('SquaredHinge', losses.squaredHinge),
  topkcategoricalaccuracy: topK('TopKCategoricalAccuracy', metrics.topKCategoricalAccuracy),
  truenegatives: countOf('TrueNegatives', 'trueNegatives'),
  truepositives: countOf('TruePositives', 'truePositives'),
};

const READ = ['name', 'fn', 'dtype'];
const FIXED = { axis: [-1], multi_label: [false], from_sorted_ids: [false] };

/**
 * Reads one metric of an output.
 *
 * @throws CompileError for one that cannot be had.
 */
export function readMetric(written: unknown, output: MeasuredOutput): MetricPlan {
  const object = readObject(written);
  const asked = plainName(object.name);
  const isClass = typeof written !== 'string' && object.name === 'Accuracy';
  if ((asked === 'accuracy' || asked === 'acc') && !isClass) return accuracyOf(output);
  const isEntropy = asked === 'crossentropy' || asked === 'ce';
  const name = isEntropy ? entropyOf(output) : object.name;
  const maker = property(METRICS, plainName(name)) as Maker | undefined;
  if (maker === undefined || (maker.classAlone && isFunction(written, object, output))) {
    return cannotHave("the metric must be one of Keras's that can be had here", name);
  }
  const what = `the metric ${name}`;
  requireNothingElse(what, object.settings, [...READ, ...(maker.settings ?? [])], FIXED);
  const metric = maker.make(object.settings, what);
  return typeof metric === 'string' ? metric : named(metric, maker, object);
}

/** Functions have been written by name before Keras 3, and wrapped; a class names itself. */
function isFunction(written: unknown, { name }: WrittenObject, output: MeasuredOutput): boolean {
  if (typeof written === 'string') return output.kerasVersion < 3;
  return property(written as JsonObject, 'class_name') !== name;
}

/** Which accuracy Keras takes by the labels that a loss wants, and by the output. */
function accuracyOf({ width, loss, kerasVersion }: MeasuredOutput): MetricPlan {
  const isBinary = loss.stock === 'binaryCrossentropy' && loss.ours === undefined;
  // TensorFlow.js takes the binary one for that loss however many outputs there are, as Keras
  // did before it was part of TensorFlow.
  return isBinary && width !== 1 && kerasVersion > 2 ? 'categoricalAccuracy' : 'accuracy';
}

function entropyOf({ width, loss }: MeasuredOutput): string {
  if (width === 1) return 'binary_crossentropy';
  const isSparse = loss.stock === 'sparseCategoricalCrossentropy';
  return isSparse ? 'sparse_categorical_crossentropy' : 'categorical_crossentropy';
}

/** The metric under the name that Keras has for it in its logs, and what it is in Keras. */
function named(metric: metrics.Metric, maker: Maker, { name, settings }: WrittenObject) {
  const byDefault = name === maker.className ? snakeCase(name) : name;
  const own = String(property(settings, 'name') ?? byDefault);
  // Those of whole passes are made for this model, and known by what they are.
  const compute: metrics.Metric = maker.classAlone ? metric : (...both) => metric(...both);
  Object.defineProperty(compute, 'name', { value: own });
  const kept = maker.settings?.filter((key) => Object.hasOwn(settings, key)) ?? [];
  const config = Object.fromEntries(kept.map((key) => [key, settings[key]])) as {
    [key: string]: Json;
  };
  return describe(compute, { className: maker.className, config: { ...config, name: own } });
}
