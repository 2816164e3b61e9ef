/**
 * The masks of a functional model, which Keras 3 writes out as operations.
 *
 * `Embedding(mask_zero=True)` and `Masking` leave a `NotEqual` (and an `Any`) in the file, whose
 * output every layer after them is given as `mask`. TensorFlow.js computes the same masks by itself,
 * so that the operations can go, as long as each layer is given the very mask of its input.
 */
import type { CallPlan } from './architecture.js';
import { type Call, readKerasTensor, type TensorReference } from './inbound-nodes.js';
import { type LayerPlace, refuseLayer } from './layer-config.js';
import { isObject, type JsonObject, property } from './read-json.js';

/** `NotEqual` of a tensor and a number, or `Any` of a tensor along its last axis. */
export interface MaskOperation {
  place: LayerPlace;
  name: string;
  /** What it is applied to, by use. */
  inputs: TensorReference[];
  /** What `NotEqual` compares with, by use; undefined for `Any`. */
  values: (number | undefined)[];
}

const CLASSES = ['NotEqual', 'Any'];

/** Whether something in the list of layers is an operation that masks are made of. */
export function isMaskOperation(written: unknown): written is JsonObject {
  return (
    isObject(written) &&
    property(written, 'module') === 'keras.src.ops.numpy' &&
    CLASSES.includes(property(written, 'class_name') as string)
  );
}

/** @throws RecurrentError for an operation that cannot be part of a mask. */
export function readMaskOperation(
  written: JsonObject,
  parentPath: string,
  kerasVersion: number,
): MaskOperation {
  const config = property(written, 'config');
  const settings = isObject(config) ? config : {};
  const name = property(settings, 'name');
  const className = String(property(written, 'class_name'));
  const place = { path: `${parentPath}/${String(name)}`, className, kerasVersion };
  if (typeof name !== 'string') refuseOperation(place, name);
  const isAny = className === 'Any';
  if (isAny && (property(settings, 'axis') !== -1 || property(settings, 'keepdims') !== false)) {
    refuseOperation(place, settings);
  }
  const nodes = property(written, 'inbound_nodes');
  if (!Array.isArray(nodes)) refuseOperation(place, nodes);
  const operation: MaskOperation = { place, name, inputs: [], values: [] };
  for (const node of nodes) {
    const args = isObject(node) ? property(node, 'args') : undefined;
    const [tensor, value] = Array.isArray(args) ? args : [];
    const input = readKerasTensor(tensor);
    const fits = isAny ? value === undefined : typeof value === 'number';
    if (input === undefined || !fits) refuseOperation(place, args);
    operation.inputs.push(input);
    operation.values.push(isAny ? undefined : value);
  }
  return operation;
}

/** Throws where an operation is used as anything but a mask. */
export function requireMasksAlone(
  operations: readonly MaskOperation[],
  calls: readonly Call[],
  outputs: readonly TensorReference[],
): void {
  const byName = new Map(operations.map((operation) => [operation.name, operation]));
  for (const reference of [...calls.flatMap(({ inputs }) => inputs), ...outputs]) {
    const operation = byName.get(reference.layer);
    if (operation) refuseOperation(operation.place);
  }
}

/**
 * Throws where a layer is called with another mask than the one that its input has anyway.
 *
 * @param calls Every one after those that it takes its inputs from.
 */
export function requireOwnMasks(
  operations: readonly MaskOperation[],
  calls: readonly CallPlan[],
): void {
  const byName = new Map(operations.map((operation) => [operation.name, operation]));
  const makers = new Map<string, CallPlan>();
  for (const call of calls) {
    const { layer, node, inputs, mask } = call;
    const maker = makers.get(keyOf(inputs[0]!));
    if (mask && !(maker && makesMask(maker, mask, byName))) {
      refuseLayer(layer.place, {
        expected:
          'is called with a mask that is not the one of its input, which TensorFlow.js cannot follow',
        received: mask.layer,
        remedy: 'Masks can come from the Embedding or Masking layer before alone.',
      });
    }
    const goesOn = layer.masks === 'passes' || (layer.masks === 'uses' && layer.returnsSequences);
    const own = layer.masks === 'makes' ? call : goesOn ? maker : undefined;
    // States, which come after the first output, have no mask.
    if (own) makers.set(keyOf({ layer: layer.name, node, tensor: 0 }), own);
  }
}

/** Whether a mask is computed as Keras computes that of an Embedding or a Masking layer. */
function makesMask(
  { layer: { place, maskValue }, inputs: [source] }: CallPlan,
  mask: TensorReference,
  operations: ReadonlyMap<string, MaskOperation>,
): boolean {
  let last: TensorReference | undefined = mask;
  if (place.className === 'Masking') {
    const any = operations.get(mask.layer);
    if (any?.place.className !== 'Any' || mask.tensor !== 0) return false;
    last = any.inputs[mask.node];
  }
  const compare = last && operations.get(last.layer);
  if (!last || compare?.place.className !== 'NotEqual' || last.tensor !== 0) return false;
  const compared = compare.inputs[last.node];
  return (
    compared !== undefined &&
    keyOf(compared) === keyOf(source!) &&
    compare.values[last.node] === maskValue
  );
}

function keyOf({ layer, node, tensor }: TensorReference): string {
  return JSON.stringify([layer, node, tensor]);
}

function refuseOperation(place: LayerPlace, received?: unknown): never {
  refuseLayer(place, {
    expected: 'is an operation that is more than the mask of an Embedding or Masking layer',
    ...(received !== undefined && { received }),
    remedy: 'Operations of keras.ops between layers cannot be loaded.',
  });
}
