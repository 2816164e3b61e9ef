/** How the layers of a functional model are connected, as Keras 2 and Keras 3 write it. */
import { reject } from '../../../foundation/errors.js';
import type { OwnArguments } from '../../../layers/call-arguments.js';
import { type LayerPlace, refuseLayer } from '../settings/layer-config.js';
import { isObject, type JsonObject, property } from '../read-json.js';

/** Output number `tensor` of use number `node` of a layer. */
export interface TensorReference {
  layer: string;
  node: number;
  tensor: number;
}

/** What a use of a layer is given. */
export interface Call {
  inputs: TensorReference[];
  /** The mask that Keras 3 names for it. */
  mask?: TensorReference | undefined;
  /** Arguments that its layer takes besides. */
  own?: OwnArguments;
}

const MOST_INPUTS = 1000;

const OF_ATTENTION = {
  return_attention_scores: 'returnAttentionScores',
  use_causal_mask: 'useCausalMask',
};

/** What every use of a layer is given. */
export function readCalls(place: LayerPlace, nodes: unknown): Call[] {
  if (!Array.isArray(nodes) || nodes.length === 0 || nodes.length > MOST_INPUTS) {
    refuseLayer(place, { expected: 'must say where its input comes from', received: nodes });
  }
  return nodes.map((node) => {
    const call = isObject(node) ? readNode3(place, node) : readNode2(place, node);
    if (call.inputs.length === 0 || call.inputs.length > MOST_INPUTS) {
      refuseLayer(place, { expected: 'must have inputs', received: node });
    }
    return call;
  });
}

/** The tensors that go into a model or come out of it. */
export function readReferences(model: string, key: string, value: unknown): TensorReference[] {
  // Keras 3 writes a single one without the list around it.
  const alone = readReference(value);
  const listed = alone ? [alone] : Array.isArray(value) ? value.map(readReference) : [];
  const known = listed.filter((reference) => reference !== undefined);
  if (known.length > 0 && known.length === listed.length) return known;
  reject({
    where: 'loadKerasModel',
    expected: `${model} must have a list of tensors as ${key}`,
    received: value,
    remedy: 'Models with a dictionary of inputs or outputs cannot be loaded.',
    see: 'unsupported-keras-model',
  });
}

/** `['lstm', 0, 0]`, with or without arguments after it. */
function readReference(value: unknown): TensorReference | undefined {
  if (!Array.isArray(value)) return undefined;
  const [layer, node, tensor] = value;
  if (typeof layer !== 'string' || !isIndex(node) || !isIndex(tensor)) return undefined;
  return { layer, node, tensor };
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Keras 2: a list of tensors; the first one carries the other arguments. */
function readNode2(place: LayerPlace, node: unknown): Call {
  const list = readReference(node) ? [node] : node;
  const references = Array.isArray(list) ? list.map(readReference) : [undefined];
  const known = references.filter((reference) => reference !== undefined);
  if (known.length !== references.length) refuseInput(place, node);
  const [first] = list as unknown[][];
  const settings = first?.[3];
  if (!isObject(settings)) return { inputs: known };
  const { own, others } = splitSettings(place, settings);
  const states = readSettings(place, others, readReference);
  return { inputs: [...known, ...states], own };
}

/** Keras 3: positional and named arguments, with tensors as objects. */
function readNode3(place: LayerPlace, node: JsonObject): Call {
  const args = property(node, 'args');
  const settings = property(node, 'kwargs');
  if (!Array.isArray(args)) refuseInput(place, args);
  const read = (value: unknown): TensorReference[] => {
    if (value === null) return [];
    if (Array.isArray(value)) return value.flatMap(read);
    const reference = readKerasTensor(value);
    return reference ? [reference] : refuseInput(place, value);
  };
  if (!isObject(settings)) return { inputs: read(args) };
  const mask = readKerasTensor(property(settings, 'mask'));
  const { own, others } = splitSettings(place, mask ? { ...settings, mask: null } : settings);
  const states = readSettings(place, others, readKerasTensor);
  return { inputs: [...read(args), ...states], mask, own };
}

/** Keras 3: a tensor as an object; undefined for anything else. */
export function readKerasTensor(value: unknown): TensorReference | undefined {
  if (!isObject(value) || property(value, 'class_name') !== '__keras_tensor__') return undefined;
  const config = property(value, 'config');
  return isObject(config) ? readReference(property(config, 'keras_history')) : undefined;
}

/** What calls of layers can be told besides, by class: the names of Keras and ours. */
const OWN_ARGUMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AdditiveAttention: OF_ATTENTION,
  Attention: OF_ATTENTION,
};

/** The arguments that a layer takes by names of its own, and the others. */
function splitSettings(
  { className }: LayerPlace,
  settings: JsonObject,
): { own: OwnArguments; others: JsonObject } {
  const names = property(OWN_ARGUMENTS, className) as Record<string, string> | undefined;
  const own: Record<string, unknown> = {};
  const others: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(settings)) {
    const ours = names && (property(names, key) as string | undefined);
    if (ours === undefined || typeof value !== 'boolean') others[key] = value;
    else if (value) own[ours] = value;
  }
  return { own, others };
}

/** The named arguments of a call: initial states, and otherwise nothing that matters. */
function readSettings(
  place: LayerPlace,
  settings: JsonObject,
  read: (value: unknown) => TensorReference | undefined,
): TensorReference[] {
  const states: TensorReference[] = [];
  for (const [key, value] of Object.entries(settings)) {
    if (value === null || value === false) continue;
    if (key !== 'initial_state') {
      refuseLayer(place, {
        expected: `is called with ${key}, which TensorFlow.js cannot follow`,
        received: value,
      });
    }
    const alone = read(value);
    for (const state of alone ? [alone] : Array.isArray(value) ? value.map(read) : [undefined]) {
      states.push(state ?? refuseInput(place, value));
    }
  }
  return states;
}

function refuseInput(place: LayerPlace, received: unknown): never {
  refuseLayer(place, {
    expected: 'must have tensors of the model as inputs',
    received,
    remedy: 'Constants and operations of keras.ops between layers cannot be loaded.',
  });
}
