/** Where Keras keeps the weights of each layer in its HDF5 files. */
import type { tf, tfl } from '../../foundation/tensorflow.js';
import {
  HARD_SIGMOID_SCALE,
  scaledGates,
  type ScaledGates,
  scaleGates,
} from './write-activations.js';
import type { Attributes, H5Dataset, H5Group } from './write-hdf5.js';
import type { KerasObject } from './write-objects.js';
import type { MomentsOf } from './write-moments.js';

type Layer = tfl.layers.Layer;

/** The version of Keras whose files these are like. */
export const KERAS_VERSION = '3.15.1';

/** A weight as it goes to the file. */
interface Weight extends H5Dataset {
  /** Its name within its layer, such as `lstm/kernel`. */
  name: string;
  /** Adam's means of its gradients and of their squares, where it is trained and they are asked for. */
  moments?: [Float32Array, Float32Array] | undefined;
}

/** A layer of the model with its weights in the order of Keras. */
export interface LayerWeights {
  layer: Layer;
  config: KerasObject;
  weights: Weight[];
}

/**
 * Reads the weights of all layers, those behind a hardSigmoid of TensorFlow.js as Keras 3 needs them.
 *
 * @param momentsOf Finds what Adam knows of a variable; undefined when that is not to be written.
 */
export async function readWeights(
  model: tfl.LayersModel,
  layers: ReadonlyMap<string, KerasObject>,
  momentsOf?: MomentsOf,
): Promise<LayerWeights[]> {
  const written = model.layers.filter((layer) => layer.getClassName() !== 'InputLayer');
  return Promise.all(
    written.map(async (layer): Promise<LayerWeights> => {
      const config = layers.get(layer.name)!;
      const inner = (config.config.layer ?? config) as KerasObject;
      const gates = scaledGates(inner.class_name, inner.config);
      const trained = new Set(layer.trainableWeights.map(({ name }) => name));
      const weights = await Promise.all(
        layer.weights.map(async (weight): Promise<Weight> => {
          const moments = trained.has(weight.name) ? momentsOf?.(weight.name) : undefined;
          const tensor = weight.read();
          const [values, ...read] = await Promise.all(
            [tensor, ...(moments ?? [])].map((one) => valuesOf(one, tensor.size)),
          );
          return {
            name: weight.originalName,
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
      return { layer, config, weights };
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
  const root: Record<string, H5Group> = {};
  const counts = new Map<string, number>();
  for (const { config, weights } of layers) {
    const base = snakeCase(config.class_name);
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    root[count === 0 ? base : `${base}_${count}`] = layerGroup(config, weights);
  }
  return { groups: { layers: { groups: root }, vars: { attributes: { name: modelName } } } };
}

function layerGroup(config: KerasObject, weights: readonly Weight[]): H5Group {
  const own = (values: readonly Weight[], name: unknown): H5Group => ({
    attributes: { name: String(name) },
    datasets: Object.fromEntries(values.map((value, index) => [String(index), value])),
  });
  const name = config.config.name;
  if (config.class_name === 'Bidirectional') {
    const { layer, backward_layer: backward } = config.config as Record<string, KerasObject>;
    const half = weights.length / 2;
    return {
      groups: {
        backward_layer: layerGroup(backward!, weights.slice(half)),
        forward_layer: layerGroup(layer!, weights.slice(0, half)),
        vars: own([], name),
      },
    };
  }
  if (config.class_name === 'TimeDistributed') {
    const layer = layerGroup(config.config.layer as KerasObject, weights);
    return { groups: { layer, vars: own([], name) } };
  }
  if (['GRU', 'LSTM', 'SimpleRNN'].includes(config.class_name)) {
    const cell = { groups: { vars: own(weights, `${snakeCase(config.class_name)}_cell`) } };
    return { groups: { cell, vars: own([], name) } };
  }
  return { groups: { vars: own(weights, name) } };
}

/**
 * The tree of a legacy weights file: a group for each layer, and attributes that say in which order
 * the layers, and the weights within a layer, are to be read.
 *
 * Source: `save_weights_to_hdf5_group` of Keras's legacy_h5_format.
 */
export function legacyWeights(layers: readonly LayerWeights[]): H5Group {
  const groups: Record<string, H5Group> = {};
  for (const { layer, weights } of layers) {
    const tree = weights.reduce<H5Group>((group, weight) => within(group, weight), {});
    groups[layer.name] = { ...tree, attributes: { weight_names: weights.map(({ name }) => name) } };
  }
  const attributes: Attributes = {
    layer_names: layers.map(({ layer }) => layer.name),
    backend: 'tensorflow',
    keras_version: KERAS_VERSION,
  };
  groups.top_level_model_weights = { attributes: { weight_names: [] } };
  return { attributes, groups };
}

/** Puts a weight into the groups that the slashes of its name call for. */
function within(group: H5Group, weight: Weight, path = weight.name.split('/')): H5Group {
  const [first = '', ...rest] = path;
  if (rest.length === 0) return { ...group, datasets: { ...group.datasets, [first]: weight } };
  const inner = within(group.groups?.[first] ?? {}, weight, rest);
  return { ...group, groups: { ...group.groups, [first]: inner } };
}

/** `SimpleRNN` as `simple_rnn` and `Conv1D` as `conv1d`. Source: `to_snake_case` of Keras. */
function snakeCase(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
