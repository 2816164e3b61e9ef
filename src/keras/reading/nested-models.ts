/** A model inside a model: a layer whose layers are read as those of the model around it. */
import { reject } from '../../foundation/errors.js';
import type { tfl } from '../../foundation/tensorflow.js';
import { builtModel } from '../../layers/model/run-graph.js';
import { type Architecture, readArchitecture } from './architecture.js';
import { connect } from './connect.js';
import type { LayerPlace } from './layer-config.js';
import type { LayerPlan, Limits, WeightPlan } from './layer-plan.js';
import { type Inside, requireModestOutputs } from './output-sizes.js';
import type { JsonObject } from './read-json.js';
import { inferWeights } from './shapes.js';
import { snakeCase } from './snake-case.js';

type Layer = tfl.layers.Layer;

const MODELS = ['Functional', 'Model', 'Sequential'];

/** Whether a class is that of a model. */
export function isModel(className: string): boolean {
  return MODELS.includes(className);
}

/** Deeper than any model that somebody has built, and far from the end of the stack. */
const DEEPEST = 20;

const NO_LIMITS: Limits = {
  weights: Number.POSITIVE_INFINITY,
  outputs: { maxOutputSize: Number.POSITIVE_INFINITY, toRaise: '' },
};

/** What is known of a model as a layer. */
export function planModel(
  written: JsonObject,
  place: LayerPlace,
  common: { name: string; trainable: boolean },
): Omit<LayerPlan, 'place' | 'name'> {
  const depth = place.path.split('/').length;
  if (depth > DEEPEST) {
    reject({
      where: 'loadKerasModel',
      expected: `models must not be ${depth} deep in one another`,
    });
  }
  const architecture = readArchitecture(written, place.kerasVersion, place.path);
  let plans: WeightPlan[] = [];
  let inside: Inside | undefined;
  return {
    masks: 'refuses',
    inputs: architecture.inputs.length,
    make(limits = NO_LIMITS) {
      const layers = new Map<LayerPlan, Layer>();
      for (const plan of architecture.layers) layers.set(plan, plan.make(limits));
      const weights = inferWeights(architecture, layers);
      let values = 0;
      for (const { shape } of [...weights.values()].flat()) {
        values += shape.reduce((size, length) => size * length, 1);
      }
      if (values > limits.weights) {
        reject({
          where: 'loadKerasModel',
          expected: `${place.path} has ${values} weights, which the file cannot hold`,
          remedy: 'Architecture and weights should come from the same model.',
        });
      }
      requireModestOutputs(architecture, layers, limits.outputs);
      inside = { architecture, layers, shapesOf: (given) => given };
      const model = connect(architecture, layers);
      // A Sequential is asked for its shapes before anybody has built it.
      if (architecture.sequential) builtModel(model);
      model.trainable = common.trainable;
      plans = plansOf(model, architecture, layers, weights);
      return model;
    },
    weights: () => plans,
    inside: () => inside,
  };
}

/** The plans of all weights in the order of `model.weights`, which is that of Keras, too. */
function plansOf(
  model: tfl.LayersModel,
  { layers: order }: Architecture,
  layers: ReadonlyMap<LayerPlan, Layer>,
  weights: ReadonlyMap<LayerPlan, WeightPlan[]>,
): WeightPlan[] {
  const counts = new Map<string, number>();
  const planned = new Map<tfl.LayerVariable, WeightPlan>();
  for (const plan of order) {
    // As read-weights.ts finds them in a file.
    const name = snakeCase(plan.place.className);
    const number = counts.get(name) ?? 0;
    counts.set(name, number + 1);
    const group = number === 0 ? name : `${name}_${number}`;
    const variables = layers.get(plan)!.weights;
    weights.get(plan)!.forEach((weight, i) => {
      planned.set(variables[i]!, { ...weight, store: `layers/${group}/${weight.store}` });
    });
  }
  return model.weights.map((variable) => planned.get(variable)!);
}
