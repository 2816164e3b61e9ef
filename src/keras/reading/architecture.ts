/** The architecture of a model, whichever Keras has written it, as layers and their calls. */
import { reject } from '../../foundation/errors.js';
import { planLayer } from './layer-map.js';
import type { LayerPlan } from './layer-plan.js';
import { type Call, readCalls, readReferences, type TensorReference } from './inbound-nodes.js';
import {
  isMaskOperation,
  type MaskOperation,
  readMaskOperation,
  requireMasksAlone,
} from './mask-operations.js';
import { isObject, type JsonObject, property } from './read-json.js';

/** An input of a model. */
export interface InputPlan {
  name: string;
  /** With the batch; null is any size. */
  shape: (number | null)[];
  dtype: 'float32' | 'int32' | 'bool';
}

/** One use of a layer. */
export interface CallPlan extends Call {
  layer: LayerPlan;
  /** The how many-th use of the layer it is, from 0. */
  node: number;
  /** Whether the layer is not to see the mask of its input, as masks.ts finds. */
  unmasked?: boolean;
}

export interface Architecture {
  name: string;
  sequential: boolean;
  inputs: InputPlan[];
  /** In the order of the file, without the inputs. */
  layers: LayerPlan[];
  /** Every one after those that it takes its inputs from. */
  calls: CallPlan[];
  outputs: TensorReference[];
  /** What the masks in the file are made of. */
  operations: MaskOperation[];
}

const MOST_LAYERS = 2000;
const MOST_CALLS = 5000;
const FUNCTIONAL = ['Model', 'Functional'];

/**
 * Reads what `model.to_json()` returns in Keras 2.1 to 3.
 *
 * @param kerasVersion Which Keras wrote it, as a layer-config.ts has it.
 * @param path Of a model inside a model: where it is, for messages.
 * @throws RecurrentError naming the first layer that cannot be loaded, before anything is built.
 */
export function readArchitecture(
  model: JsonObject,
  kerasVersion: number,
  path?: string,
): Architecture {
  const bare = property(model, 'class_name') === undefined && 'layers' in model;
  const { class_name: className, config } = bare ? withClass(model) : model;
  if (className === 'Sequential') {
    // Before Keras 2.2.3 the layers were all there was.
    const { name, layers } = Array.isArray(config)
      ? { name: 'sequential', layers: config }
      : namedLayers(config, 'sequential');
    const first = isObject(config) ? property(config, 'build_input_shape') : undefined;
    return { ...readSequential(path ?? name, layers, first, kerasVersion), name };
  }
  if (FUNCTIONAL.includes(className as string)) {
    const { name, layers } = namedLayers(config, 'model');
    return { ...readFunctional(path ?? name, layers, config as JsonObject, kerasVersion), name };
  }
  refuse(
    'the model must be Sequential or functional',
    className,
    'Models written as a class of their own cannot be loaded.',
  );
}

/** What `model.get_config()` returns, which does not name the class of the model. */
function withClass(config: JsonObject): JsonObject {
  return { class_name: 'input_layers' in config ? 'Functional' : 'Sequential', config };
}

function namedLayers(config: unknown, byDefault: string): { name: string; layers: unknown[] } {
  const layers = isObject(config) ? property(config, 'layers') : undefined;
  if (!isObject(config) || !Array.isArray(layers)) {
    refuse('the architecture must list its layers', layers);
  }
  const name = property(config, 'name');
  return { name: typeof name === 'string' ? name : byDefault, layers };
}

function requireFew(layers: readonly unknown[]): void {
  if (layers.length === 0) refuse('the architecture must have layers', layers);
  if (layers.length > MOST_LAYERS) {
    refuse(`the architecture must have at most ${MOST_LAYERS} layers`, layers.length);
  }
}

function readSequential(
  name: string,
  written: unknown[],
  builtFor: unknown,
  kerasVersion: number,
): Architecture {
  requireFew(written);
  const [first] = written;
  const startsWithInput = isInput(first);
  const layers = written
    .slice(startsWithInput ? 1 : 0)
    .map((layer) => planLayer(layer, name, kerasVersion));
  requireDistinct(layers.map((layer) => layer.name));
  const [firstLayer] = layers;
  if (firstLayer === undefined) refuse('the architecture must have layers', layers);
  const input = startsWithInput
    ? readInput(first, name)
    : {
        name: `${firstLayer.name}_input`,
        shape: inputShapeOf(first, builtFor, `${name}/${firstLayer.name}`),
        dtype: 'float32' as const,
      };
  let previous = input.name;
  const calls = layers.map((layer) => {
    const inputs = [{ layer: previous, node: 0, tensor: 0 }];
    previous = layer.name;
    return { layer, node: 0, inputs };
  });
  const outputs = [{ layer: previous, node: 0, tensor: 0 }];
  return { name, sequential: true, inputs: [input], layers, calls, outputs, operations: [] };
}

/** Where the first layer says what goes in: it, or the model around it once it is built. */
function inputShapeOf(first: unknown, builtFor: unknown, path: string): (number | null)[] {
  const config = isObject(first) ? property(first, 'config') : undefined;
  const settings = isObject(config) ? config : {};
  const shape =
    property(settings, 'batch_input_shape') ?? property(settings, 'batch_shape') ?? builtFor;
  if (shape === undefined || shape === null) {
    const length = property(settings, 'input_length');
    const isEmbedding = isObject(first) && property(first, 'class_name') === 'Embedding';
    if (isEmbedding) return requireShape([null, Number.isInteger(length) ? length : null], path);
  }
  return requireShape(shape, path);
}

function readFunctional(
  name: string,
  written: unknown[],
  config: JsonObject,
  kerasVersion: number,
): Architecture {
  requireFew(written);
  const inputs: InputPlan[] = [];
  const layers: LayerPlan[] = [];
  const open: CallPlan[] = [];
  const operations: MaskOperation[] = [];
  for (const layer of written) {
    if (isInput(layer)) {
      inputs.push(readInput(layer, name));
      continue;
    }
    if (isMaskOperation(layer, kerasVersion)) {
      operations.push(readMaskOperation(layer, name, kerasVersion));
      continue;
    }
    const plan = planLayer(layer, name, kerasVersion);
    layers.push(plan);
    const calls = readCalls(plan.place, property(layer as JsonObject, 'inbound_nodes'));
    open.push(...calls.map((call, node) => ({ layer: plan, node, ...call })));
  }
  if (open.length > MOST_CALLS) {
    refuse(`the architecture must use its layers at most ${MOST_CALLS} times`, open.length);
  }
  requireDistinct([...inputs, ...layers, ...operations].map((each) => each.name));
  const order = readReferences(name, 'input_layers', property(config, 'input_layers'));
  const sorted = order.map(({ layer }) => {
    const input = inputs.find((each) => each.name === layer);
    if (input === undefined) refuse(`${name} has an input that is none of its layers`, layer);
    return input;
  });
  if (sorted.length !== inputs.length) {
    refuse(`${name} must use each of its ${inputs.length} inputs once`, sorted.length);
  }
  const outputs = readReferences(name, 'output_layers', property(config, 'output_layers'));
  requireMasksAlone(operations, open, outputs);
  const calls = sortCalls(inputs, open);
  return { name, sequential: false, inputs: sorted, layers, calls, outputs, operations };
}

/** Every call after those that its inputs come from. */
function sortCalls(inputs: readonly InputPlan[], calls: CallPlan[]): CallPlan[] {
  const key = (layer: string, node: number) => JSON.stringify([layer, node]);
  const done = new Set(inputs.map(({ name }) => key(name, 0)));
  const sorted: CallPlan[] = [];
  let open = calls;
  while (open.length > 0) {
    const blocked: CallPlan[] = [];
    for (const call of open) {
      if (call.inputs.every(({ layer, node }) => done.has(key(layer, node)))) {
        done.add(key(call.layer.name, call.node));
        sorted.push(call);
      } else blocked.push(call);
    }
    const [stuck] = blocked;
    if (blocked.length === open.length && stuck !== undefined) {
      const missing = stuck.inputs.find(({ layer, node }) => !done.has(key(layer, node)));
      refuse(`${stuck.layer.place.path} takes its input from nowhere`, missing?.layer);
    }
    open = blocked;
  }
  return sorted;
}

function isInput(layer: unknown): layer is JsonObject {
  return isObject(layer) && property(layer, 'class_name') === 'InputLayer';
}

const DTYPES: Readonly<Record<string, InputPlan['dtype']>> = {
  bool: 'bool',
  float32: 'float32',
  int32: 'int32',
  int64: 'int32',
};

function readInput(layer: JsonObject, parent: string): InputPlan {
  const config = property(layer, 'config');
  const settings = isObject(config) ? config : {};
  const name = property(settings, 'name') ?? property(layer, 'name');
  const path = `${parent}/${String(name)} (InputLayer)`;
  if (typeof name !== 'string') refuse(`${path} must have a name`, name);
  for (const kind of ['sparse', 'ragged']) {
    if (property(settings, kind)) refuse(`${path} is ${kind}, which TensorFlow.js cannot be`);
  }
  const dtype = property(settings, 'dtype') ?? 'float32';
  const known = typeof dtype === 'string' ? property(DTYPES, dtype) : undefined;
  if (known === undefined) refuse(`${path} must have a dtype of ${Object.keys(DTYPES)}`, dtype);
  const shape = property(settings, 'batch_shape') ?? property(settings, 'batch_input_shape');
  return { name, shape: requireShape(shape, path), dtype: known as InputPlan['dtype'] };
}

function requireShape(shape: unknown, path: string): (number | null)[] {
  const dimension = (size: unknown) =>
    size === null || (Number.isSafeInteger(size) && Number(size) > 0);
  if (Array.isArray(shape) && shape.length > 1 && shape.length <= 6 && shape.every(dimension)) {
    return shape;
  }
  refuse(
    `${path} must say the shape of its input, with the batch, as in [null, 300]`,
    shape,
    'Build the model in Keras, by calling it once, and save it again.',
  );
}

function requireDistinct(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) refuse('two layers of a model must not have one name', twice);
}

function refuse(expected: string, received?: unknown, remedy?: string): never {
  reject({
    where: 'loadKerasModel',
    expected,
    ...(received !== undefined && { received }),
    remedy: remedy ?? 'The architecture should be what model.to_json() of Keras returns.',
  });
}
