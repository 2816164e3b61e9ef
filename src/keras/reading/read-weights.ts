/** Finds the weights of every layer in an HDF5 file, in either of the layouts of Keras. */
import { reject } from '../../foundation/errors.js';
import type { Hdf5Array, Hdf5Object } from '../hdf5/hdf5-file.js';
import { refuseLayer } from './layer-config.js';
import type { LayerPlan } from './layer-plan.js';
import type { WeightsOfLayers } from './shapes.js';

/** The arrays of a layer, in the order of its plan. */
export type ArraysOfLayers = Map<LayerPlan, Hdf5Array[]>;

/** Where Keras 3 keeps its layers; Keras 2.12 wrote the second. */
const KERAS_3_ROOTS = ['layers', '_layer_checkpoint_dependencies'];

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
  const legacy = root.get('model_weights') ?? root;
  const store = KERAS_3_ROOTS.map((name) => root.get(name)).find((group) => group !== undefined);
  const named = textList(legacy, 'layer_names');
  if (named === undefined && store === undefined) {
    reject({
      where: 'loadKerasModel',
      expected: 'the HDF5 file holds no weights of a Keras model',
      received: root.names(),
      remedy: "Save them with model.save_weights('x.weights.h5') in Keras.",
    });
  }
  const found =
    named === undefined
      ? findInStore(store!, weights, layers)
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
    });
  }
  return found;
}

/** Keras 3: `layers/lstm_1/cell/vars/0`, by the class of the layer and how many went before. */
function findInStore(
  store: Hdf5Object,
  weights: WeightsOfLayers,
  layers: readonly LayerPlan[],
): ArraysOfLayers {
  const seen = new Map<string, number>();
  const found: ArraysOfLayers = new Map();
  for (const layer of layers) {
    const name = snakeCase(layer.place.className);
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    const group = before === 0 ? name : `${name}_${before}`;
    const arrays = weights.get(layer)!.map((weight) => {
      const array = store.get(`${group}/${weight.store}`)?.array();
      if (array === undefined) refuseMissing(layer, weight.name, `${group}/${weight.store}`);
      return array;
    });
    found.set(layer, arrays);
  }
  return found;
}

/** `SimpleRNN` to `simple_rnn`, as keras.src.utils.naming.to_snake_case. */
function snakeCase(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
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
  const weighted = layers.filter((layer) => weights.get(layer)!.length > 0);
  if (groups.length !== weighted.length) {
    reject({
      where: 'loadKerasModel',
      expected: `the model has ${weighted.length} layers with weights, the file those of ${groups.length}`,
      remedy: 'Architecture and weights should come from the same model.',
    });
  }
  const byName = new Map(groups.map((group) => [group.name, group]));
  const sameNames = weighted.every(({ name }) => byName.has(name));
  const found: ArraysOfLayers = new Map(layers.map((layer) => [layer, []]));
  for (const [i, layer] of weighted.entries()) {
    // Layers of a model that was built once more have other names, in the same order.
    const { name, group, weightNames } = (sameNames ? byName.get(layer.name) : groups[i])!;
    const planned = weights.get(layer)!;
    if (weightNames.length !== planned.length) {
      refuseLayer(layer.place, {
        expected: `has ${planned.length} weights, the file ${weightNames.length}`,
        received: weightNames,
        remedy: 'Architecture and weights should come from the same model.',
      });
    }
    const arrays = weightNames.map((weightName) => {
      const array = group?.get(weightName)?.array();
      return array ?? refuseMissing(layer, weightName, `${name}/${weightName}`);
    });
    found.set(layer, arrays);
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
    });
  }
}

function refuseMissing(layer: LayerPlan, weight: string, place: string): never {
  refuseLayer(layer.place, {
    expected: `has no ${weight} in the file, where ${place} should be`,
    remedy: 'Architecture and weights should come from the same model.',
  });
}
