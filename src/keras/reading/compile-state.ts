/** Loss, optimizer and metrics of a compiled Keras model, for `model.compile`. */
import { reject } from '../../foundation/errors.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { adam } from '../../layers/adam.js';
import { objectOf } from './objects.js';
import { isObject, type JsonObject, property } from './read-json.js';

type CompileArguments = Parameters<tfl.LayersModel['compile']>[0];

/**
 * Makes the arguments of `model.compile` for what Keras wrote down; null when there is no loss.
 * Everything is checked at once, and made when asked for, since optimizers hold tensors.
 *
 * @param written `compile_config` of Keras 3 or `training_config` of the files before.
 * @throws RecurrentError for what TensorFlow.js cannot do.
 */
export function readCompileState(written: JsonObject): (() => CompileArguments) | null {
  const loss = property(written, 'loss') ?? null;
  if (loss === null) return null;
  for (const key of ['loss_weights', 'weighted_metrics', 'sample_weight_mode']) {
    const value = property(written, key) ?? null;
    if (value === null || (Array.isArray(value) && value.length === 0)) continue;
    refuse(`${key} has no counterpart in TensorFlow.js`, value);
  }
  const optimizer = property(written, 'optimizer_config') ?? property(written, 'optimizer');
  // What compile() of Keras takes when the file names none.
  const makeOptimizer = readOptimizer(optimizer ?? 'rmsprop');
  const rest = { loss: readLoss(loss), metrics: metricList(property(written, 'metrics') ?? []) };
  return () => ({ ...rest, optimizer: makeOptimizer() });
}

/** Settings that change what an optimizer does, and the values at which they do not. */
const WITHOUT_EFFECT: Readonly<Record<string, readonly unknown[]>> = {
  amsgrad: [false],
  clipnorm: [],
  clipvalue: [],
  decay: [0],
  global_clipnorm: [],
  gradient_accumulation_steps: [],
  loss_scale_factor: [],
  schedule_decay: [0],
  use_ema: [false],
  weight_decay: [0],
};

function readOptimizer(written: unknown): () => tf.Optimizer {
  const { name, settings } = objectOf(written);
  for (const [key, values] of Object.entries(WITHOUT_EFFECT)) {
    const value = property(settings, key) ?? null;
    if (value === null || values.includes(value)) continue;
    refuse(`the optimizer ${name} has ${key}, which TensorFlow.js does not have`, value);
  }
  const number = (key: string, byDefault: number): number => {
    const value = property(settings, key) ?? byDefault;
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    return refuse(`the optimizer ${name} must have a number as ${key}`, value);
  };
  const rate = (byDefault: number) =>
    property(settings, 'lr') === undefined ? number('learning_rate', byDefault) : number('lr', 0);
  const betas = () => [number('beta_1', 0.9), number('beta_2', 0.999)] as const;
  const epsilon = number('epsilon', 1e-7);
  switch (name.toLowerCase()) {
    case 'adam': {
      const args = [rate(1e-3), ...betas(), epsilon] as const;
      return () => adam(...args);
    }
    case 'sgd': {
      const momentum = number('momentum', 0);
      const nesterov = property(settings, 'nesterov') === true;
      const learningRate = rate(1e-2);
      return () =>
        momentum > 0
          ? tf.train.momentum(learningRate, momentum, nesterov)
          : tf.train.sgd(learningRate);
    }
    case 'rmsprop': {
      const centered = property(settings, 'centered') === true;
      const args = [rate(1e-3), number('rho', 0.9), number('momentum', 0), epsilon] as const;
      return () => tf.train.rmsprop(...args, centered);
    }
    case 'adagrad': {
      const args = [rate(1e-3), number('initial_accumulator_value', 0.1)] as const;
      return () => tf.train.adagrad(...args);
    }
    case 'adadelta': {
      const args = [rate(1e-3), number('rho', 0.95), epsilon] as const;
      return () => tf.train.adadelta(...args);
    }
    case 'adamax': {
      const args = [rate(1e-3), ...betas(), epsilon] as const;
      return () => tf.train.adamax(...args);
    }
    default:
      return refuse('the optimizer must be one that TensorFlow.js has', name);
  }
}

/** By names without underscores and in small letters, so that classes have them too. */
const LOSSES: Readonly<Record<string, string>> = {
  binarycrossentropy: 'binaryCrossentropy',
  categoricalcrossentropy: 'categoricalCrossentropy',
  categoricalhinge: 'categoricalHinge',
  hinge: 'hinge',
  kldivergence: 'kullbackLeiblerDivergence',
  kullbackleiblerdivergence: 'kullbackLeiblerDivergence',
  logcosh: 'logcosh',
  mae: 'meanAbsoluteError',
  mape: 'meanAbsolutePercentageError',
  meanabsoluteerror: 'meanAbsoluteError',
  meanabsolutepercentageerror: 'meanAbsolutePercentageError',
  meansquarederror: 'meanSquaredError',
  meansquaredlogarithmicerror: 'meanSquaredLogarithmicError',
  mse: 'meanSquaredError',
  msle: 'meanSquaredLogarithmicError',
  poisson: 'poisson',
  sparsecategoricalcrossentropy: 'sparseCategoricalCrossentropy',
  squaredhinge: 'squaredHinge',
};

const plainName = (name: string) => name.replaceAll('_', '').toLowerCase();

function readLoss(written: unknown): CompileArguments['loss'] {
  if (Array.isArray(written)) return written.map(oneLoss);
  if (isObject(written) && property(written, 'class_name') === undefined) {
    return Object.fromEntries(Object.entries(written).map(([key, loss]) => [key, oneLoss(loss)]));
  }
  return oneLoss(written);
}

function oneLoss(written: unknown): string {
  const { name, settings } = objectOf(written);
  const isFunction = name === 'function' && isObject(written);
  const loss = isFunction ? String(property(written, 'config')) : name;
  const changed: [string, unknown][] = [
    ['from_logits', property(settings, 'from_logits') === true],
    ['label_smoothing', Number(property(settings, 'label_smoothing') ?? 0) !== 0],
    ['ignore_class', (property(settings, 'ignore_class') ?? null) !== null],
    ['reduction', ['sum', 'none'].includes(String(property(settings, 'reduction')))],
  ];
  for (const [key, differs] of changed) {
    if (differs) {
      refuse(`the loss ${loss} has ${key}, which TensorFlow.js does not have`, settings[key]);
    }
  }
  const known = property(LOSSES, plainName(loss));
  return typeof known === 'string' ? known : refuse('the loss must be one of TensorFlow.js', loss);
}

const METRICS: Readonly<Record<string, string>> = {
  acc: 'accuracy',
  accuracy: 'accuracy',
  binaryaccuracy: 'binaryAccuracy',
  categoricalaccuracy: 'categoricalAccuracy',
  categoricalcrossentropy: 'categoricalCrossentropy',
  mae: 'mae',
  mape: 'mape',
  meanabsoluteerror: 'mae',
  meanabsolutepercentageerror: 'mape',
  meansquarederror: 'mse',
  mse: 'mse',
};

function metricList(written: unknown): string[] {
  if (Array.isArray(written)) return [...new Set(written.flatMap(metricList))];
  const { name, settings } = objectOf(written);
  // Keras 2.3 to 2.15 wrap the function that they average.
  const wrapped = property(settings, 'fn');
  const metric = name === 'MeanMetricWrapper' ? objectOf(wrapped).name : name;
  if ((property(settings, 'threshold') ?? 0.5) !== 0.5) {
    refuse('the metric BinaryAccuracy has a threshold', settings.threshold);
  }
  const known = property(METRICS, plainName(metric));
  return typeof known === 'string'
    ? [known]
    : refuse('the metric must be one that TensorFlow.js computes as Keras does', metric);
}

function refuse(expected: string, received: unknown): never {
  return reject({
    where: 'loadKerasModel',
    expected,
    received,
    remedy: 'Pass { compile: false }, and compile the model yourself for training.',
  });
}
