/** Loss, metrics and optimizer of a compiled model as Keras 3 writes them. */
import { reject } from '../../foundation/errors.js';
import type { tf, tfl } from '../../foundation/tensorflow.js';
import { type Json, kerasObject, type KerasObject } from './write-objects.js';

/** What a compiled model trains with. */
export interface WrittenCompile {
  /** Everything but the optimizer. */
  config: { [key: string]: Json };
  optimizer: KerasObject;
}

const LOSSES: Readonly<Record<string, string>> = {
  binaryCrossentropy: 'binary_crossentropy',
  categoricalCrossentropy: 'categorical_crossentropy',
  categoricalHinge: 'categorical_hinge',
  cosineProximity: 'cosine_similarity',
  hinge: 'hinge',
  kullbackLeiblerDivergence: 'kl_divergence',
  logcosh: 'log_cosh',
  meanAbsoluteError: 'mean_absolute_error',
  meanAbsolutePercentageError: 'mean_absolute_percentage_error',
  meanSquaredError: 'mean_squared_error',
  meanSquaredLogarithmicError: 'mean_squared_logarithmic_error',
  poisson: 'poisson',
  sparseCategoricalCrossentropy: 'sparse_categorical_crossentropy',
  squaredHinge: 'squared_hinge',
};

const METRICS: Readonly<Record<string, string>> = {
  ...LOSSES,
  MAE: 'mae',
  MSE: 'mse',
  acc: 'accuracy',
  accuracy: 'accuracy',
  binaryAccuracy: 'binary_accuracy',
  categoricalAccuracy: 'categorical_accuracy',
  cosine: 'cosine_similarity',
  mae: 'mae',
  mse: 'mse',
  sparseCategoricalAccuracy: 'sparse_categorical_accuracy',
};

interface Optimizer {
  className: string;
  /** Our name of a setting, and Keras's. */
  settings: Readonly<Record<string, string>>;
}

const RATE = { learningRate: 'learning_rate' };

const OPTIMIZERS: Readonly<Record<string, Optimizer>> = {
  Adadelta: { className: 'Adadelta', settings: { ...RATE, rho: 'rho', epsilon: 'epsilon' } },
  Adagrad: {
    className: 'Adagrad',
    settings: { ...RATE, initialAccumulatorValue: 'initial_accumulator_value' },
  },
  Adam: {
    className: 'Adam',
    settings: { ...RATE, beta1: 'beta_1', beta2: 'beta_2', epsilon: 'epsilon' },
  },
  Adamax: {
    className: 'Adamax',
    settings: { ...RATE, beta1: 'beta_1', beta2: 'beta_2', epsilon: 'epsilon' },
  },
  Momentum: {
    className: 'SGD',
    settings: { ...RATE, momentum: 'momentum', useNesterov: 'nesterov' },
  },
  RMSProp: {
    className: 'RMSprop',
    settings: {
      ...RATE,
      decay: 'rho',
      momentum: 'momentum',
      epsilon: 'epsilon',
      centered: 'centered',
    },
  },
  SGD: { className: 'SGD', settings: RATE },
};

const REMEDY = 'Or pass includeOptimizer: false, and compile the model again in Keras.';

/** Translates what a model was compiled with; undefined when it was not. */
export function writeCompile(where: string, model: tfl.LayersModel): WrittenCompile | undefined {
  if (model.optimizer === undefined || model.optimizer === null) return undefined;
  const metrics: unknown = model.metrics ?? null;
  const config: { [key: string]: Json } = {
    loss: writeNames(where, 'loss', LOSSES, model.loss),
    loss_weights: null,
    metrics: writeNames(
      where,
      'metric',
      METRICS,
      typeof metrics === 'string' ? [metrics] : metrics,
    ),
    weighted_metrics: null,
    run_eagerly: false,
    steps_per_execution: 1,
    jit_compile: false,
  };
  return { config, optimizer: writeOptimizer(where, model.optimizer) };
}

/** One name, a list of them, or one or a list for each output. */
function writeNames(
  where: string,
  what: string,
  names: Readonly<Record<string, string>>,
  given: unknown,
): Json {
  if (given === null || given === undefined) return null;
  if (Array.isArray(given)) return given.map((one) => writeNames(where, what, names, one));
  if (typeof given === 'object') {
    return Object.fromEntries(
      Object.entries(given).map(([output, one]) => [output, writeNames(where, what, names, one)]),
    );
  }
  const known = typeof given === 'string' && Object.hasOwn(names, given) ? names[given] : undefined;
  return (
    known ??
    reject({
      where,
      expected: `the model was compiled with a ${what} that Keras has no name for`,
      received: given,
      remedy: `Compile it with one of ${Object.keys(names).join(', ')}. ${REMEDY}`,
    })
  );
}

function writeOptimizer(where: string, optimizer: tf.Optimizer): KerasObject {
  const name = optimizer.getClassName();
  const known = Object.hasOwn(OPTIMIZERS, name) ? OPTIMIZERS[name] : undefined;
  if (known === undefined) {
    return reject({
      where,
      expected: 'the model was compiled with an optimizer that Keras does not have',
      received: name,
      remedy: `Compile it with one of ${Object.keys(OPTIMIZERS).join(', ')}. ${REMEDY}`,
    });
  }
  const given: Record<string, unknown> = optimizer.getConfig();
  const settings = Object.entries(known.settings)
    .filter(([ours]) => typeof given[ours] === 'number' || typeof given[ours] === 'boolean')
    .map(([ours, keras]): [string, Json] => [keras, given[ours] as Json]);
  return kerasObject('keras.optimizers', known.className, {
    name: known.className.toLowerCase(),
    ...Object.fromEntries(settings),
  });
}
