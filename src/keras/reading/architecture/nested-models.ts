/** A model inside a model: a layer whose layers are read as those of the model around it. */
import { type Architecture, readArchitecture } from './architecture.js';
import type { LayerPlace } from '../settings/layer-config.js';
import type { Reading } from '../settings/layer-maker.js';
import { type LayerPlan, noWeights } from './layer-plan.js';
import { isObject, type JsonObject, property } from '../read-json.js';

const MODELS = ['Functional', 'Model', 'Sequential'];

/** Whether a class is that of a model. */
export function isModel(className: string): boolean {
  return MODELS.includes(className);
}

/** What is known of a model as a layer. */
export function planModel(
  written: JsonObject,
  place: LayerPlace,
  name: string,
  reading: Reading,
): LayerPlan {
  const config = property(written, 'config');
  const trainable = !isObject(config) || property(config, 'trainable') !== false;
  return {
    place,
    name,
    trainable,
    model: readArchitecture(written, reading, { name, path: place.path }),
    masks: 'passes',
    make: () => {
      throw new TypeError(`${place.path} is a model, which connect.ts makes`);
    },
    weights: noWeights,
  };
}

/**
 * The layers of a Sequential, each with a name: a Sequential among them that was written as a list has
 * none.
 */
export function withNames(layers: readonly unknown[]): unknown[] {
  return layers.map((layer, i) => {
    const isNameless =
      isObject(layer) &&
      Array.isArray(property(layer, 'config')) &&
      property(layer, 'name') === undefined;
    return isNameless ? { ...layer, name: `sequential_${i}` } : layer;
  });
}

/** The layers that have weights of their own, in the order of the file; of a model, those inside. */
export function leavesOf(plan: LayerPlan): LayerPlan[] {
  if (plan.around) return leavesOf(plan.around);
  return plan.model ? leavesOfAll(plan.model) : [plan];
}

/** Those of all layers of a model. */
export function leavesOfAll({ layers }: Architecture): LayerPlan[] {
  return layers.flatMap(leavesOf);
}
