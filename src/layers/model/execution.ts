/**
 * Has TensorFlow.js run our models by our own code. Its way from layer to layer is internal to it, so
 * that the methods of models that take it are exchanged: for models that are none of ours they do what
 * they did.
 */
import { reject } from '../../foundation/errors.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { fuseLosses } from '../losses/fused-losses.js';
import { fuseMetrics } from '../losses/fused-metrics.js';
import { evaluateByRows, fitByRows, type Loops } from './row-batches.js';
import { withoutStatesInside } from '../symbolic-call.js';
import { asTheyAre } from './constraints.js';
import { graphOf, graphTo } from './graph.js';
import { takeLabelSequences } from './label-sequences.js';
import { lossWeightsOf } from './loss-weights.js';
import type { Mask } from './masks.js';
import { isOurs, markAsOurs } from './ours.js';
import { calculatePenalties } from './penalties.js';
import { predictLoop } from './predict.js';
import { builtModel, type Masked, runGraph } from './run-graph.js';
import { testFunctionOf, trainFunctionOf } from './train.js';

type Layer = tfl.layers.Layer;
type Tensors = tf.Tensor | tf.Tensor[];
type Masks = Mask | Mask[];
type Stock = (...args: unknown[]) => unknown;

/** A method for what is ours: given that, the method as it was before, and its arguments. */
type Method<Of = tfl.LayersModel> = (self: Of, stock: Stock, ...args: never[]) => unknown;

/** What the types of a model hide. */
interface Hidden {
  retrieveSymbolicTensors(names: string[]): tfl.SymbolicTensor[];
  testFunction: unknown;
}

const OF_MODELS: Record<string, Method> = {
  call(model, _, inputs: Tensors, options?: Record<string, unknown> & { mask?: Masks }) {
    const { mask, initialState, constants, ...others } = options ?? {};
    if (initialState != null || constants != null) {
      reject({
        where: model.name,
        expected: 'a model is not called with states, which are for a recurrent layer by itself',
        remedy: 'Make each state an input of the model, by tf.input, and give it with the samples.',
        see: 'symbolic-call',
      });
    }
    return runGraph(graphOf(model), masked(inputs, mask), others).values;
  },

  computeMask: (model, _, inputs: Tensors, mask?: Masks) =>
    runGraph(graphOf(model), masked(inputs, mask), {}).masks,

  execute(model, _, inputs: Tensors | tf.NamedTensorMap, outputs: string | string[]) {
    const fetched = (model as unknown as Hidden).retrieveSymbolicTensors([outputs].flat());
    const given = masked(inputsOf(model, inputs));
    const { values } = runGraph(graphTo(model.inputs, fetched), given, {});
    return Array.isArray(outputs) ? values : values[0]!;
  },

  predictLoop: (model, _, inputs: Tensors, batchSize?: number) =>
    predictLoop(model, inputs, batchSize),

  compile(model, stock, settings: unknown) {
    stock(settings);
    takeLabelSequences(model);
    fuseLosses(model);
    fuseMetrics(model);
  },

  getConfig: (model, stock) => withoutStatesInside(model, stock),

  getTrainingConfig(model, stock) {
    if (lossWeightsOf(model) === undefined) return stock();
    return reject({
      where: 'model.save',
      expected: 'the losses of the model have weights, which files of TensorFlow.js cannot hold',
      remedy: 'Leave includeOptimizer out, or save it by saveKerasModel.',
      see: 'not-in-keras',
    });
  },

  makeTrainFunction: (model) => trainFunctionOf(model),

  makeTestFunction(model) {
    (model as unknown as Hidden).testFunction = testFunctionOf(model);
  },

  calculateLosses: (model) => tf.tidy(() => calculatePenalties(model)),

  fitLoop: (_, stock, ...given: Parameters<Loops['fitLoop']>) =>
    fitByRows(stock as Loops['fitLoop'], ...given),

  testLoop: (_, stock, ...given: Parameters<Loops['testLoop']>) =>
    evaluateByRows(stock as Loops['testLoop'], ...given),

  loadWeights: (model, stock, ...given) => asTheyAre(model.weights, () => stock(...given)),
};

const OF_LAYERS: Record<string, Method<Layer>> = {
  setWeights: (layer, stock, weights: tf.Tensor[]) =>
    asTheyAre(layer.weights, () => stock(weights)),
};

const OF_SEQUENTIALS: Record<string, Method> = {
  build(sequential, stock, shape?: tfl.Shape) {
    stock(shape);
    // It has made a new model, which does its work.
    markAsOurs(builtModel(sequential));
  },
};

function masked(values: Tensors, masks?: Masks): Masked {
  return { values: [values].flat(), masks: [masks ?? null].flat() };
}

/** What `model.execute` was given, in the order of the model's inputs. */
function inputsOf(model: tfl.LayersModel, given: Tensors | tf.NamedTensorMap): tf.Tensor[] {
  const isNamed = !(given instanceof tf.Tensor) && !Array.isArray(given);
  const tensors = isNamed ? model.inputs.map(({ name }) => given[name]) : [given].flat();
  if (tensors.length === model.inputs.length && tensors.every((tensor) => tensor)) {
    return tensors as tf.Tensor[];
  }
  return reject({
    where: 'execute',
    expected: `the model has the inputs ${model.inputs.map(({ name }) => name).join(', ')}`,
    received: given,
    see: 'wrong-shape',
  });
}

// By its name, since a program can have two copies of this module.
const INSTALLED = Symbol.for('tfjs-recurrent.execution');

/** Exchanges the methods, once. Whatever makes a class of our layers calls it. */
export function installExecution(): void {
  const models = tfl.LayersModel.prototype;
  if (INSTALLED in models) return;
  Object.defineProperty(models, INSTALLED, { value: true });
  exchange(tfl.layers.Layer.prototype, OF_LAYERS);
  exchange(models, OF_MODELS);
  exchange(tfl.Sequential.prototype, OF_SEQUENTIALS);
}

function exchange<Of extends Layer>(prototype: Of, methods: Record<string, Method<Of>>): void {
  const members = prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const [name, ours] of Object.entries(methods)) {
    const stock = members[name]!;
    members[name] = function (this: Of, ...args) {
      if (!isOurs(this)) return stock.apply(this, args);
      return ours(this, stock.bind(this), ...(args as never[]));
    };
  }
}
