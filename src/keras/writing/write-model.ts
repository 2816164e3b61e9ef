/** A model of TensorFlow.js as Keras 3 writes its architecture. */
import { withoutStatesInside } from '../../layers/symbolic-call.js';
import { reject } from '../../foundation/errors.js';
import { tfl } from '../../foundation/tensorflow.js';
import { graphOf } from '../../layers/model/graph.js';
import { isOurs } from '../../layers/model/ours.js';
import { compareMasks, type KerasMasks } from './follow-masks.js';
import { kerasOrder } from './layer-order.js';
import { CallWriter, CORE_OPERATIONS, OPERATIONS } from './write-calls.js';
import { type LayerConfig, refuseSlash, writeLayer } from './write-layers.js';
import { type Json, kerasObject, type KerasObject } from './write-objects.js';
import type { WrittenLayer, WrittenModel } from './written-layer.js';

type Layer = tfl.layers.Layer;

/** A layer or model, as TensorFlow.js writes it to JSON. */
interface Entry {
  class_name: string;
  config: LayerConfig;
}

/**
 * Translates a Sequential or functional model, without its weights.
 *
 * @throws RecurrentError naming the layer that Keras 3 cannot have as it is.
 */
export function writeModel(where: string, model: tfl.LayersModel): WrittenModel {
  if ((model.inputs ?? []).length === 0) {
    reject({
      where,
      expected: 'the model must have layers',
      remedy: 'Add them, the first with an inputShape.',
      see: 'not-in-keras',
    });
  }
  const json = withoutStatesInside(model, () => model.toJSON(null, false));
  const { config } = json as unknown as Entry;
  const writer = new ModelWriter(where, compareMasks(where, model));
  return writer.model(model, config, '');
}

class ModelWriter {
  readonly #where: string;
  readonly #masks: KerasMasks;
  /** Whether the layers that are being written are inside a frozen model. */
  #isFrozen = false;

  constructor(where: string, masks: KerasMasks) {
    this.#where = where;
    this.#masks = masks;
  }

  /** @param path The names of the models around it, each with a slash behind. */
  model(model: tfl.LayersModel, config: LayerConfig, path: string): WrittenModel {
    refuseSlash(this.#where, model.name);
    return model instanceof tfl.Sequential
      ? this.#sequential(model, config, path)
      : this.#functional(model, config, path);
  }

  #sequential(model: tfl.Sequential, config: LayerConfig, path: string): WrittenModel {
    const entries = config.layers as unknown as Entry[];
    const layers = model.layers.flatMap((layer, i) => {
      if (layer.getClassName() === 'InputLayer') return [];
      return [this.#layer(layer, entries[i]!, path)];
    });
    const input = model.inputs[0]!;
    const taken = new Set(layers.map(({ layer }) => layer.name));
    const inputLayer = writeInput(unused('input_layer', taken), input);
    const object = kerasObject('keras', 'Sequential', {
      name: model.name,
      trainable: model.trainable !== false,
      dtype: 'float32',
      layers: [inputLayer, ...layers.map((one) => one.object)],
      build_input_shape: [...input.shape],
    });
    return { layer: model, object, layers };
  }

  #functional(model: tfl.LayersModel, config: LayerConfig, path: string): WrittenModel {
    const graph = graphOf(model);
    const calls = new CallWriter(graph, this.#masks);
    const entries = config.layers as unknown as Entry[];
    const written = new Map<Layer, WrittenLayer>();
    model.layers.forEach((layer, i) => {
      if (layer.getClassName() === 'InputLayer') return;
      written.set(layer, this.#layer(layer, entries[i]!, path));
    });
    const inputs = model.inputs.map(({ sourceLayer, shape, dtype }) => ({
      ...writeInput(sourceLayer.name, { shape, dtype }),
      name: sourceLayer.name,
      inbound_nodes: [],
    }));
    const layers = [...written.values()].map(({ layer, object }) => ({
      ...object,
      name: layer.name,
      inbound_nodes: calls.of(layer),
    }));
    const object = kerasObject(FUNCTIONAL, 'Functional', {
      name: model.name,
      trainable: model.trainable !== false,
      layers: [...inputs, ...layers, ...calls.operations()],
      input_layers: onlyOrAll(model.inputs.map((input) => calls.output(input))),
      output_layers: onlyOrAll(model.outputs.map((output) => calls.output(output))),
    });
    const order = kerasOrder(graph, model.outputs, this.#masks);
    return { layer: model, object, layers: order.map((layer) => written.get(layer)!) };
  }

  #layer(layer: Layer, { class_name: name, config }: Entry, path: string): WrittenLayer {
    if (layer instanceof tfl.LayersModel) {
      const before = this.#isFrozen;
      this.#isFrozen ||= layer.trainable === false;
      const written = this.model(layer, config, `${path}${layer.name}/`);
      this.#isFrozen = before;
      return written;
    }
    const ownPath = path + String(config.name);
    refuseStockDilation(this.#where, ownPath, layer);
    // Separable convolutions of tf.layers leave it out of their settings.
    const { depthMultiplier } = layer as Layer & { depthMultiplier?: number };
    const settings = depthMultiplier ? { ...config, depth_multiplier: depthMultiplier } : config;
    const object = writeLayer(this.#where, ownPath, name, settings);
    // Keras forgets that a Sequential is frozen, but not that its layers are.
    if (this.#isFrozen && 'trainable' in object.config) object.config.trainable = false;
    if (name !== 'TimeDistributed') return { layer, object };
    const { layer: wrapped } = layer as unknown as { layer: Layer };
    const inner = this.#layer(wrapped, config.layer as unknown as Entry, `${ownPath}/`);
    object.config.layer = inner.object;
    return { layer, object, inner };
  }
}

/** Refuses what the layer of tf.layers says of itself and does not do. */
function refuseStockDilation(where: string, path: string, layer: Layer): void {
  if (layer.getClassName() !== 'DepthwiseConv2D' || isOurs(layer)) return;
  const { dilationRate } = layer as Layer & { dilationRate?: number[] };
  if (!dilationRate?.some((rate) => rate > 1)) return;
  reject({
    where,
    expected: `${path} (DepthwiseConv2D) has a dilationRate, which tf.layers leaves out and Keras 3 would not`,
    received: dilationRate,
    remedy: 'Leave dilationRate out.',
    see: 'not-in-keras',
  });
}

/** Where Keras 3 itself says that this class lives; it is not among the public names of `keras`. */
const FUNCTIONAL = 'keras.src.models.functional';

function writeInput(
  name: string,
  { shape, dtype }: Pick<tfl.SymbolicTensor, 'shape' | 'dtype'>,
): KerasObject {
  return kerasObject('keras.layers', 'InputLayer', {
    batch_shape: [...shape],
    dtype: dtype === 'int32' || dtype === 'bool' ? dtype : 'float32',
    sparse: false,
    name,
  });
}

/** Keras gives a list of predictions when the outputs are a list, even of one. */
function onlyOrAll(tensors: [string, number, number][]): Json {
  return tensors.length === 1 ? tensors[0]! : tensors;
}

function unused(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let count = 1; taken.has(free); count++) free = `${name}_${count}`;
  return free;
}

/**
 * The same architecture as HDF5 files of before Keras 3 hold it: without the modules of layers,
 * which a reader of that form takes for layers of the newer one. Operations have no older form.
 */
export function legacyArchitecture({ class_name, config }: KerasObject): Json {
  const layers = (config.layers as KerasObject[]).map((layer): Json => {
    // Keras drops an axis that is several, where it reads the older form.
    const { axis = null } = layer.config;
    const isOperation = layer.module === OPERATIONS || layer.module === CORE_OPERATIONS;
    if (isOperation || (Array.isArray(axis) && axis.length > 1)) return layer;
    const { module: _module, registered_name: _registered, ...others } = layer;
    if (!isModel(layer)) return others;
    return { ...others, ...(legacyArchitecture(layer) as { [key: string]: Json }) };
  });
  return { class_name, config: { ...config, layers } };
}

function isModel({ class_name: name }: KerasObject): boolean {
  return name === 'Functional' || name === 'Sequential';
}
