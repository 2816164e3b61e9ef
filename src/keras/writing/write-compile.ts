/** Loss, metrics and optimizer of a compiled model as Keras 3 writes them. */
import { reject } from '../../foundation/errors.js';
import type { tfl } from '../../foundation/tensorflow.js';
import { lossWeightsOf } from '../../layers/model/loss-weights.js';
import { builtModel } from '../../layers/model/run-graph.js';
import { descriptionOf } from '../compile/descriptions.js';
import { writeOptimizer } from './write-optimizer.js';
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
  MAPE: 'mape',
  MSE: 'mse',
  acc: 'accuracy',
  accuracy: 'accuracy',
  binaryAccuracy: 'binary_accuracy',
  categoricalAccuracy: 'categorical_accuracy',
  cosine: 'cosine_similarity',
  mae: 'mae',
  mape: 'mape',
  mse: 'mse',
  sparseCategoricalAccuracy: 'sparse_categorical_accuracy',
};

/** What is looked for: names in Keras, and where classes of Keras live. */
interface Kind {
  what: string;
  names: Readonly<Record<string, string>>;
  module: string;
}

const LOSS: Kind = { what: 'loss', names: LOSSES, module: 'keras.losses' };
const METRIC: Kind = { what: 'metric', names: METRICS, module: 'keras.metrics' };

/**
 * Translates what a model was compiled with; undefined when it was not.
 *
 * @param uncompiled What messages tell the reader to pass to leave it out.
 */
export function writeCompile(
  where: string,
  model: tfl.LayersModel,
  uncompiled: string,
): WrittenCompile | undefined {
  if (model.optimizer === undefined || model.optimizer === null) return undefined;
  const metrics: unknown = model.metrics ?? null;
  const lossWeights = lossWeightsOf(builtModel(model));
  const remedy = `pass ${uncompiled}, and compile the model again in Keras.`;
  const each = (kind: Kind, given: unknown) => writeEach(where, kind, given, remedy);
  const config: { [key: string]: Json } = {
    loss: each(LOSS, model.loss),
    loss_weights: lossWeights ? [...lossWeights] : null,
    metrics: each(METRIC, typeof metrics === 'string' ? [metrics] : metrics),
    weighted_metrics: null,
    run_eagerly: false,
    steps_per_execution: 1,
    jit_compile: false,
  };
  return { config, optimizer: writeOptimizer(where, model.optimizer, remedy) };
}

/** One name or function, a list of them, or one or a list for each output. */
function writeEach(where: string, kind: Kind, given: unknown, remedy: string): Json {
  const { what, names, module } = kind;
  if (given === null || given === undefined) return null;
  if (Array.isArray(given)) return given.map((one) => writeEach(where, kind, one, remedy));
  if (typeof given === 'object') {
    return Object.fromEntries(
      Object.entries(given).map(([output, one]) => [output, writeEach(where, kind, one, remedy)]),
    );
  }
  // A function of a model that came from Keras.
  const described = descriptionOf(given);
  if (described) return kerasObject(module, described.className, described.config);
  const known = typeof given === 'string' && Object.hasOwn(names, given) ? names[given] : undefined;
  return (
    known ??
    reject({
      where,
      expected: `the model was compiled with a ${what} that Keras has no name for`,
      received: given,
      remedy: `Compile it with one of ${Object.keys(names).join(', ')}. Or ${remedy}`,
      see: 'not-in-keras',
    })
  );
}
