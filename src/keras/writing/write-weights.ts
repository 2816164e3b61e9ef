/** Where Keras keeps the weights of each layer in its HDF5 files. */
import type { tf } from '../../foundation/tensorflow.js';
import { snakeCase } from '../reading/settings/snake-case.js';
import {
  HARD_SIGMOID_SCALE,
  scaledGates,
  type ScaledGates,
  scaleGates,
} from './write-activations.js';
import type { Attributes, H5Dataset, H5Group } from './write-hdf5.js';
import type { KerasObject } from './write-objects.js';
import type { MomentsOf } from './write-moments.js';
import type { WrittenLayer } from './written-layer.js';

/** The version of Keras whose files these are like. */
export const KERAS_VERSION = '3.15.1';

/** A weight as it goes to the file. */
interface Weight extends H5Dataset {
  /** Its name within its layer, such as `lstm/kernel`. */
  name: string;
  isTrained: boolean;
  /** Adam's means of its gradients and of their squares, where it is trained and they are asked for. */
  moments?: [Float32Array, Float32Array] | undefined;
}

/** A layer with its weights in the order of Keras, and with those inside it. */
export interface LayerWeights {
  written: WrittenLayer;
  /** None of a layer with others inside. */
  weights: Weight[];
  layers?: LayerWeights[];
  inner?: LayerWeights;
}

/**
 * Reads the weights of layers, those behind a hardSigmoid of TensorFlow.js as Keras 3 needs them.
 *
 * @param momentsOf Finds what Adam knows of a variable; undefined when that is not to be written.
 * @param isFrozen Whether they are inside a layer that is frozen, and so they are.
 */
export function readWeights(
  layers: readonly WrittenLayer[],
  momentsOf?: MomentsOf,
  isFrozen = false,
): Promise<LayerWeights[]> {
  return Promise.all(
    layers.map(async (written): Promise<LayerWeights> => {
      const frozen = isFrozen || written.layer.trainable === false;
      const { inner } = written;
      if (inner) {
        const [only] = await readWeights([inner], momentsOf, frozen);
        return { written, weights: [], inner: only! };
      }
      if (written.layers) {
        return { written, weights: [], layers: await readWeights(written.layers, momentsOf, frozen) }; // biome-ignore format: short
      }
      return { written, weights: await weightsOf(written, frozen ? undefined : momentsOf, frozen) };
    }),
  );
}

/** The layers that have weights of their own: of a model, or around a layer, those inside. */
export function leavesOf(layers: readonly LayerWeights[]): LayerWeights[] {
  return layers.flatMap((layer) => {
    if (layer.inner) return leavesOf([layer.inner]);
    return layer.layers ? leavesOf(layer.layers) : [layer];
  });
}

function weightsOf(
  { layer, object }: WrittenLayer,
  momentsOf: MomentsOf | undefined,
  isFrozen: boolean,
): Promise<Weight[]> {
  const recurrent = (object.config.layer ?? object) as KerasObject;
  const gates = scaledGates(recurrent.class_name, recurrent.config);
  const trained = new Set(layer.trainableWeights.map(({ name }) => name));
  return Promise.all(
    layer.weights.map(async (weight): Promise<Weight> => {
      const isTrained = !isFrozen && trained.has(weight.name);
      const moments = isTrained ? momentsOf?.(weight.name) : undefined;
      const tensor = weight.read();
      const [values, ...read] = await Promise.all(
        [tensor, ...(moments ?? [])].map((one) => valuesOf(one, tensor.size)),
      );
      return {
        name: weight.originalName,
        isTrained,
        shape: tensor.shape,
        values: scaled(values!, tensor.shape, gates, HARD_SIGMOID_SCALE),
        // Gradients of weights that are larger are smaller.
        moments: moments && [
          scaled(read[0]!, tensor.shape, gates, 1 / HARD_SIGMOID_SCALE),
          scaled(read[1]!, tensor.shape, gates, 1 / HARD_SIGMOID_SCALE ** 2),
        ],
      };
    }),
  );
}

/** What a tensor holds; zeros where Adam has taken no step yet. */
async function valuesOf(tensor: tf.Tensor | undefined, size: number): Promise<Float32Array> {
  return tensor === undefined ? new Float32Array(size) : Float32Array.from(await tensor.data());
}

function scaled(
  values: Float32Array,
  shape: readonly number[],
  gates: ScaledGates | undefined,
  scale: number,
): Float32Array {
  return gates === undefined ? values : scaleGates(values, shape, gates, scale);
}

/**
 * The tree of `model.weights.h5`: a group for each layer, named after its class and counted within
 * the model, in which `vars` holds the layer's own weights and further groups those of its parts.
 *
 * Source: `_save_state` and `_save_container_state` of Keras 3's saving_lib.
 */
export function kerasWeights(modelName: string, layers: readonly LayerWeights[]): H5Group {
  return modelGroup(modelName, layers);
}

function modelGroup(name: string, layers: readonly LayerWeights[]): H5Group {
  const groups: Record<string, H5Group> = {};
  const counts = new Map<string, number>();
  for (const layer of layers) {
    const base = snakeCase(layer.written.object.class_name);
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    groups[count === 0 ? base : `${base}_${count}`] = layerGroup(layer);
  }
  return { groups: { layers: { groups }, vars: { attributes: { name } } } };
}

function layerGroup({ written, weights, layers, inner }: LayerWeights): H5Group {
  const name = String(written.object.config.name);
  if (layers) return modelGroup(name, layers);
  if (inner) return { groups: { layer: layerGroup(inner), vars: ownWeights([], name) } };
  return leafGroup(written.object, weights);
}

function ownWeights(weights: readonly Weight[], name: string): H5Group {
  return {
    attributes: { name },
    datasets: Object.fromEntries(weights.map((weight, index) => [String(index), weight])),
  };
}

function leafGroup({ class_name, config }: KerasObject, weights: readonly Weight[]): H5Group {
  const name = String(config.name);
  if (class_name === 'Bidirectional') {
    const { layer, backward_layer: backward } = config as Record<string, KerasObject>;
    const half = weights.length / 2;
    return {
      groups: {
        backward_layer: leafGroup(backward!, weights.slice(half)),
        forward_layer: leafGroup(layer!, weights.slice(0, half)),
        vars: ownWeights([], name),
      },
    };
  }
  if (['GRU', 'LSTM', 'SimpleRNN'].includes(class_name)) {
    const cell = { groups: { vars: ownWeights(weights, `${snakeCase(class_name)}_cell`) } };
    return { groups: { cell, vars: ownWeights([], name) } };
  }
  return { groups: { vars: ownWeights(weights, name) } };
}

/**
 * The tree of a legacy weights file: a group for each layer, and attributes that say in which order
 * the layers, and the weights within a layer, are to be read.
 *
 * Source: `save_weights_to_hdf5_group` of Keras's legacy_h5_format.
 */
export function legacyWeights(layers: readonly LayerWeights[]): H5Group {
  const groups: Record<string, H5Group> = {};
  for (const layer of layers) {
    const weights = inLegacyOrder(layer);
    const tree = weights.reduce<H5Group>((group, weight) => within(group, weight), {});
    const weightNames = weights.map(({ name }) => name);
    groups[layer.written.layer.name] = { ...tree, attributes: { weight_names: weightNames } };
  }
  const attributes: Attributes = {
    layer_names: layers.map(({ written }) => written.layer.name),
    backend: 'tensorflow',
    keras_version: KERAS_VERSION,
  };
  groups.top_level_model_weights = { attributes: { weight_names: [] } };
  return { attributes, groups };
}

/** The weights of a layer and of those inside it: those that are trained, then the others. */
function inLegacyOrder(layer: LayerWeights): Weight[] {
  const { layers, inner } = layer;
  if (!layers && !inner) return layer.weights;
  const parts = (layers ?? [inner!]).flatMap((one) =>
    // Names within a model are unique, those within all models around it may not be.
    inLegacyOrder(one).map((weight) => ({
      ...weight,
      name: layers && one.layers ? `${one.written.layer.name}/${weight.name}` : weight.name,
    })),
  );
  return [
    ...parts.filter(({ isTrained }) => isTrained),
    ...parts.filter(({ isTrained }) => !isTrained),
  ];
}

/** Puts a weight into the groups that the slashes of its name call for. */
function within(group: H5Group, weight: Weight, path = weight.name.split('/')): H5Group {
  const [first = '', ...rest] = path;
  if (rest.length === 0) return { ...group, datasets: { ...group.datasets, [first]: weight } };
  const inner = within(group.groups?.[first] ?? {}, weight, rest);
  return { ...group, groups: { ...group.groups, [first]: inner } };
}
