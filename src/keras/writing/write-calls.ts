/** How the layers of a functional model are called, as Keras 3 writes it. */
import { tfl } from '../../foundation/tensorflow.js';
import type { Call, Graph } from '../../layers/model/graph.js';
import { isRecurrent } from '../../layers/model/recurrent.js';
import type { KerasMasks } from './follow-masks.js';
import { joinsMasks } from './join-masks.js';
import type { MaskOperation } from './mask-operations.js';
import { snakeCase } from '../reading/settings/snake-case.js';
import { type Json, kerasObject, type KerasObject } from './write-objects.js';

type Layer = tfl.layers.Layer;

/** Where Keras 3 says that the operations of masks live. */
export const OPERATIONS = 'keras.src.ops.numpy';
export const CORE_OPERATIONS = 'keras.src.ops.core';

/** What writes the graph of one model. */
export class CallWriter {
  readonly #graph: Graph;
  readonly #masks: KerasMasks;
  /** The number of each call among those of its layer. */
  readonly #numbers = new Map<tfl.SymbolicTensor, number>();
  readonly #taken: Set<string>;
  readonly #operations = new Map<MaskOperation, KerasObject>();

  constructor(graph: Graph, masks: KerasMasks) {
    this.#graph = graph;
    this.#masks = masks;
    const counts = new Map<Layer, number>();
    for (const { layer, node } of graph.calls) {
      const number = counts.get(layer) ?? 0;
      counts.set(layer, number + 1);
      for (const output of node.outputTensors) this.#numbers.set(output, number);
    }
    this.#taken = new Set([...counts.keys()].map(({ name }) => name));
  }

  /** All uses of a layer. */
  of(layer: Layer): Json[] {
    return this.#graph.calls
      .filter((call) => call.layer === layer)
      .map((call) => this.#writeCall(call));
  }

  /** The operations that make masks, once all calls are written. */
  operations(): KerasObject[] {
    return [...this.#operations.values()];
  }

  /** An output of the model. */
  output(tensor: tfl.SymbolicTensor): [name: string, node: number, tensor: number] {
    const { sourceLayer: layer } = tensor;
    // A functional model of Keras is used once when it is made, which counts here alone.
    const isUsed = layer instanceof tfl.LayersModel && !(layer instanceof tfl.Sequential);
    return [layer.name, (this.#numbers.get(tensor) ?? 0) + Number(isUsed), tensor.tensorIndex!];
  }

  /** States of a recurrent layer come by name, several inputs of any other layer as a list. */
  #writeCall(call: Call): Json {
    const { layer, node } = call;
    const inputs = node.inputTensors.map((tensor) => this.#writeTensor(tensor));
    const mask = this.#masks.told.has(call) && this.#masks.given.get(call);
    if (!isRecurrent(layer)) {
      const isList = joinsMasks(layer.getClassName()) || inputs.length > 1;
      return { args: isList ? [inputs] : inputs, kwargs: ownOf(call) };
    }
    const [input, ...states] = inputs as [Json];
    const kwargs: { [key: string]: Json } = {};
    if (states.length > 0) kwargs.initial_state = states;
    if (mask) kwargs.mask = this.#writeMask(mask);
    return { args: [input], kwargs };
  }

  #writeTensor(tensor: tfl.SymbolicTensor): Json {
    const { sourceLayer, tensorIndex, shape, dtype } = tensor;
    return writtenTensor(shape, dtype, [
      sourceLayer.name,
      this.#numbers.get(tensor) ?? 0,
      tensorIndex!,
    ]);
  }

  /** Writes the operations that a mask is made by. */
  #writeMask(mask: MaskOperation): Json {
    const written = this.#operations.get(mask) ?? this.#writeOperation(mask);
    this.#operations.set(mask, written);
    return writtenTensor(shapeOf(mask), 'bool', [String(written.name), 0, 0]);
  }

  #writeOperation({ className, inputs, value, axis = -1 }: MaskOperation): KerasObject {
    const given = inputs.map((input) =>
      'className' in input ? this.#writeMask(input) : this.#writeTensor(input),
    );
    const args = className === 'Concatenate' ? [given] : given;
    if (value !== undefined) args.push(value);
    // Keras names those that it makes by itself after their class alone.
    const name = this.#freeName(`mask_${snakeCase(className)}`);
    const settings: { [key: string]: Json } = { name };
    if (['Any', 'Concatenate', 'ExpandDims'].includes(className)) settings.axis = axis;
    if (className === 'Any') settings.keepdims = false;
    if (className.endsWith('Like')) settings.dtype = 'bool';
    const module = className === 'ConvertToTensor' ? CORE_OPERATIONS : OPERATIONS;
    return {
      ...kerasObject(module, className, settings),
      registered_name: className,
      name,
      inbound_nodes: [{ args, kwargs: {} }],
    };
  }

  #freeName(base: string): string {
    let name = base;
    for (let count = 1; this.#taken.has(name); count++) name = `${base}_${count}`;
    this.#taken.add(name);
    return name;
  }
}

/** Arguments of a layer's own, with the names of Keras. */
function ownOf({ own }: Call): { [key: string]: Json } {
  const named = Object.entries(own).map(([name, value]) => [snakeCase(name), value as Json]);
  return Object.fromEntries(named);
}

/** What comes out of an operation, or is in the model. */
function shapeOf(source: MaskOperation | tfl.SymbolicTensor): tfl.Shape {
  if (!('className' in source)) return source.shape;
  const shape = shapeOf(source.inputs[0]!);
  if (source.className === 'Any') return shape.slice(0, -1);
  return source.className === 'ExpandDims' ? [...shape, 1] : shape;
}

function writtenTensor(shape: tfl.Shape, dtype: string, history: [string, number, number]): Json {
  const config = { shape: [...shape], dtype, keras_history: history };
  return { class_name: '__keras_tensor__', config };
}
