/** Finds the weights of every layer in an HDF5 file, in either of the layouts of Keras. */
import { reject } from '../../../foundation/errors.js';
import type { Hdf5Array, Hdf5Object } from '../../hdf5/hdf5-file.js';
import type { WeightsOfLayers } from './infer-weights.js';
import { refuseLayer } from '../settings/layer-config.js';
import type { LayerPlan } from '../architecture/layer-plan.js';
import { legacyOrder } from './legacy-order.js';
import { leavesOf } from '../architecture/nested-models.js';
import { snakeCase } from '../settings/snake-case.js';

/** The arrays of a layer, in the order of its plan. */
export type ArraysOfLayers = Map<LayerPlan, Hdf5Array[]>;

/** Where Keras 3 keeps its layers, and where Keras 2.12 and 2.13 kept them. */
const KERAS_3_ROOTS = ['layers', '_layer_checkpoint_dependencies'] as const;

/**
 * Finds all weights, without copying them out yet.
 *
 * @param size Bytes of the file, which all weights together cannot exceed.
 * @throws RecurrentError for a weight that is missing or of another shape.
 */
export function findWeights(
  root: Hdf5Object,
  size: number,
  weights: WeightsOfLayers,
  layers: readonly LayerPlan[],
): ArraysOfLayers {
  const { legacy, named, store } = layoutOf(root);
  if (named === undefined && store === undefined) {
    reject({
      where: 'loadKerasModel',
      expected: 'the HDF5 file holds no weights of a Keras model',
      received: root.names(),
      remedy: "Save them with model.save_weights('x.weights.h5') in Keras.",
      see: 'not-a-keras-file',
    });
  }
  const found =
    named === undefined
      ? findInStore(root, store!, weights, layers)
      : findByNames(legacy, named, weights, layers);
  let total = 0;
  for (const [layer, arrays] of found) {
    requireShapes(layer, arrays, weights);
    for (const { shape } of arrays) total += 4 * shape.reduce((a, b) => a * b, 1);
  }
  if (total > size) {
    reject({
      where: 'loadKerasModel',
      expected: `the weights of ${total} bytes cannot all be in a file of ${size}`,
      remedy: 'The file was not written by Keras.',
      see: 'damaged-keras-file',
    });
  }
  return found;
}

/** Whether a file holds the weights of a model. */
export function holdsWeights(root: Hdf5Object): boolean {
  const { named, store } = layoutOf(root);
  return named !== undefined || store !== undefined;
}

function layoutOf(root: Hdf5Object) {
  const legacy = root.get('model_weights') ?? root;
  const store = KERAS_3_ROOTS.find((name) => root.names().some((each) => isBelow(name, each)));
  return { legacy, store, named: textList(legacy, 'layer_names') };
}

/** Whether a group is another one or, with the backslashes of Windows, below it. */
function isBelow(group: string, name: string): boolean {
  return name === group || name.startsWith(`${group}\\`);
}

/**
 * Keras 3: `layers/lstm_1/cell/vars/0`, by the class of the layer and how many went before. Keras
 * 2.12 and 2.13 counted layers with weights twice, `lstm`, `lstm_2`, `lstm_4`: there, the next one
 * is the next that is there.
 */
function findInStore(
  root: Hdf5Object,
  store: (typeof KERAS_3_ROOTS)[number],
  weights: WeightsOfLayers,
  layers: readonly LayerPlan[],
): ArraysOfLayers {
  const found: ArraysOfLayers = new Map();
  /** What a group holds if it is that of the layer. */
  const signOf = (plan: LayerPlan) =>
    plan.around ? 'layer' : plan.model ? store : weights.get(plan)![0]?.store;
  /** @param container Where the layers of a model are. */
  const findIn = (container: string, plans: readonly LayerPlan[]): void => {
    const next = new Map<string, number>();
    for (const plan of plans) {
      const name = snakeCase(plan.place.className);
      const groupAt = (number: number) =>
        `${container}/${number === 0 ? name : `${name}_${number}`}`;
      let number = next.get(name) ?? 0;
      const sign = signOf(plan);
      if (store !== 'layers' && sign) {
        const highest = 2 * plans.length;
        while (number < highest && !root.get(`${groupAt(number)}/${sign}`)) number++;
      }
      next.set(name, number + 1);
      findAt(groupAt(number), plan);
    }
  };
  const findAt = (group: string, plan: LayerPlan): void => {
    if (plan.around) findAt(`${group}/layer`, plan.around);
    else if (plan.model) findIn(`${group}/${store}`, plan.model.layers);
    else {
      const arrays = weights.get(plan)!.map((weight) => {
        const path = `${group}/${weight.store}`;
        return root.get(path)?.array() ?? refuseMissing(plan, weight.name, path);
      });
      found.set(plan, arrays);
    }
  };
  findIn(store, layers);
  return found;
}

/** Before Keras 3: groups by name, whose order and whose weights' order attributes tell. */
function findByNames(
  root: Hdf5Object,
  names: readonly string[],
  weights: WeightsOfLayers,
  layers: readonly LayerPlan[],
): ArraysOfLayers {
  const groups = names
    .map((name) => {
      const group = root.get(name);
      return { name, group, weightNames: (group && textList(group, 'weight_names')) ?? [] };
    })
    .filter(({ weightNames }) => weightNames.length > 0);
  const orders = new Map(layers.map((layer) => [layer, legacyOrder(layer, weights)]));
  const weighted = layers.filter((layer) => orders.get(layer)!.length > 0);
  if (groups.length !== weighted.length) {
    reject({
      where: 'loadKerasModel',
      expected: `the model has ${weighted.length} layers with weights, the file those of ${groups.length}`,
      remedy: 'Architecture and weights should come from the same model.',
      see: 'weights-that-do-not-fit',
    });
  }
  const byName = new Map(groups.map((group) => [group.name, group]));
  const sameNames = weighted.every(({ name }) => byName.has(name));
  const found: ArraysOfLayers = new Map(layers.flatMap(leavesOf).map((leaf) => [leaf, []]));
  for (const [i, layer] of weighted.entries()) {
    // Layers of a model that was built once more have other names, in the same order.
    const { name, group, weightNames } = (sameNames ? byName.get(layer.name) : groups[i])!;
    const planned = orders.get(layer)!;
    if (weightNames.length !== planned.length) {
      refuseLayer(layer.place, {
        expected: `has ${planned.length} weights, the file ${weightNames.length}`,
        received: weightNames,
        remedy: 'Architecture and weights should come from the same model.',
        see: 'weights-that-do-not-fit',
      });
    }
    for (const [k, weightName] of weightNames.entries()) {
      const { leaf, index } = planned[k]!;
      const array = group?.get(weightName)?.array();
      found.get(leaf)![index] = array ?? refuseMissing(layer, weightName, `${name}/${weightName}`);
    }
  }
  return found;
}

/** A list of names; where it is too long for one attribute, Keras writes `x0`, `x1`, … */
function textList(group: Hdf5Object, name: string): string[] | undefined {
  const whole = group.texts(name);
  if (whole !== undefined) return whole;
  const parts: string[] = [];
  for (let i = 0; ; i++) {
    const part = group.texts(`${name}${i}`);
    if (part === undefined) return i === 0 ? undefined : parts;
    parts.push(...part);
  }
}

function requireShapes(
  layer: LayerPlan,
  arrays: readonly Hdf5Array[],
  weights: WeightsOfLayers,
): void {
  for (const [i, { name, shape }] of weights.get(layer)!.entries()) {
    const received = arrays[i]!.shape;
    if (`${received}` === `${shape}`) continue;
    refuseLayer(layer.place, {
      expected: `must have a ${name} of shape [${shape.join(', ')}]`,
      received,
      remedy: 'Architecture and weights should come from the same model.',
      see: 'weights-that-do-not-fit',
    });
  }
}

function refuseMissing(layer: LayerPlan, weight: string, place: string): never {
  refuseLayer(layer.place, {
    expected: `has no ${weight} in the file, where ${place} should be`,
    remedy: 'Architecture and weights should come from the same model.',
    see: 'weights-that-do-not-fit',
  });
}
