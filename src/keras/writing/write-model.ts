/** A model of TensorFlow.js as Keras 3 writes its architecture. */
import { withoutStatesInside } from '../../layers/symbolic-call.js';
import { reject } from '../../foundation/errors.js';
import type { tfl } from '../../foundation/tensorflow.js';
import { type LayerConfig, refuseSlash, writeLayer } from './write-layers.js';
import { refuseMaskedBidirectional } from './write-masks.js';
import { type Json, kerasObject, type KerasObject } from './write-objects.js';

/** A layer among those of a model, as TensorFlow.js writes it to JSON. */
interface LayerEntry {
  class_name: string;
  config: LayerConfig;
  inbound_nodes?: [layer: string, node: number, tensor: number, options?: object][][];
}

interface ModelEntry {
  class_name: string;
  config: {
    name: string;
    layers: LayerEntry[];
    input_layers?: [string, number, number][];
    output_layers?: [string, number, number][];
  };
}

/** The architecture of a model, and the configuration of each of its layers by name. */
export interface WrittenModel {
  architecture: KerasObject;
  layers: ReadonlyMap<string, KerasObject>;
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
    });
  }
  refuseSlash(where, model.name);
  const json = withoutStatesInside(model, () => model.toJSON(null, false));
  const entry = json as unknown as ModelEntry;
  const written =
    model.getClassName() === 'Sequential'
      ? writeSequential(where, model, entry)
      : writeFunctional(where, model, entry);
  refuseMaskedBidirectional(where, model);
  return written;
}

/** Where Keras 3 itself says that this class lives; it is not among the public names of `keras`. */
const FUNCTIONAL = 'keras.src.models.functional';

function writeSequential(where: string, model: tfl.LayersModel, entry: ModelEntry): WrittenModel {
  const layers = entry.config.layers
    .filter(({ class_name: name }) => name !== 'InputLayer')
    .map(({ class_name: name, config }) => writeLayer(where, String(config.name), name, config));
  const input = model.inputs[0]!;
  const taken = new Set(layers.map(({ config }) => config.name));
  const inputLayer = writeInput(unused('input_layer', taken), input);
  const config: { [key: string]: Json } = {
    name: entry.config.name,
    trainable: true,
    dtype: 'float32',
    layers: [inputLayer, ...layers],
    build_input_shape: [...input.shape],
  };
  return {
    architecture: kerasObject('keras', 'Sequential', config),
    layers: byName(layers),
  };
}

function writeFunctional(where: string, model: tfl.LayersModel, entry: ModelEntry): WrittenModel {
  const tensors = new Map(model.layers.map((layer) => [layer.name, layer]));
  const layers = entry.config.layers.map((layer): KerasObject => {
    const name = String(layer.config.name);
    const written =
      layer.class_name === 'InputLayer'
        ? writeInput(name, tensors.get(name)!.inboundNodes[0]!.outputTensors[0]!)
        : writeLayer(where, name, layer.class_name, layer.config);
    const nodes = (layer.inbound_nodes ?? []).map((inputs) => {
      const given = inputs.map(([from, node, tensor]) =>
        writeTensor(tensors.get(from)!, from, node, tensor),
      );
      return writeCall(layer.class_name, given);
    });
    return { ...written, name, inbound_nodes: nodes };
  });
  const config: { [key: string]: Json } = {
    name: entry.config.name,
    trainable: true,
    layers,
    input_layers: onlyOrAll(entry.config.input_layers ?? []),
    output_layers: onlyOrAll(entry.config.output_layers ?? []),
  };
  return { architecture: kerasObject(FUNCTIONAL, 'Functional', config), layers: byName(layers) };
}

/** How a layer is called: states of a recurrent layer come by name, inputs of a merge as a list. */
function writeCall(className: string, inputs: Json[]): Json {
  const takesStates = ['Bidirectional', 'GRU', 'LSTM', 'SimpleRNN'].includes(className);
  if (className === 'Concatenate') return { args: [inputs], kwargs: {} };
  const [input = null, ...states] = inputs;
  const kwargs: Json = takesStates && states.length > 0 ? { initial_state: states } : {};
  return { args: [input], kwargs };
}

function writeTensor(layer: tfl.layers.Layer, name: string, node: number, tensor: number): Json {
  const made = layer.inboundNodes[node]?.outputTensors[tensor];
  return {
    class_name: '__keras_tensor__',
    config: {
      shape: [...(made?.shape ?? [])],
      dtype: made?.dtype ?? 'float32',
      keras_history: [name, node, tensor],
    },
  };
}

function writeInput(name: string, { shape, dtype }: tfl.SymbolicTensor): KerasObject {
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

function unused(name: string, taken: ReadonlySet<Json | undefined>): string {
  let free = name;
  for (let count = 1; taken.has(free); count++) free = `${name}_${count}`;
  return free;
}

function byName(layers: readonly KerasObject[]): Map<string, KerasObject> {
  return new Map(layers.map((layer) => [String(layer.config.name), layer]));
}

/**
 * The same architecture as HDF5 files of before Keras 3 hold it: without the modules of layers,
 * which a reader of that form takes for layers of the newer one.
 */
export function legacyArchitecture({ class_name, config }: KerasObject): Json {
  const layers = (config.layers as KerasObject[]).map(
    ({ module: _module, registered_name: _registered, ...layer }) => layer,
  );
  return { class_name, config: { ...config, layers } };
}
