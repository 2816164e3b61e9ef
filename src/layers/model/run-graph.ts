/**
 * Runs the graph of a model. TensorFlow.js hands one object of arguments from layer to layer: the mask
 * and the initial state of one reach all that come later, every output of a layer gets the mask of its
 * first, and of several inputs only the first one's mask counts. Here, each call has its own.
 */
import { tf, tfl } from '../../foundation/tensorflow.js';
import { computeByKernels } from '../beside/kernels-of.js';
import { castInput } from './cast-input.js';
import { type Call, type Graph, graphOf } from './graph.js';
import { type Mask, maskForCall, masksOfOutputs } from './masks.js';

type Layer = tfl.layers.Layer;

/** Tensors, and the mask of each. */
export interface Masked {
  values: tf.Tensor[];
  masks: Mask[];
}

/** What every layer of a graph is told: `training`, and what else a caller of the model adds. */
export type CallOptions = Readonly<Record<string, unknown>>;

/**
 * The outputs of a graph. What nobody needs any more is disposed of on the way, except where a tape may
 * need it.
 *
 * @param onTape Whether a gradient is asked for, as in training. Layers may be told that they do not train.
 */
export function runGraph(
  graph: Graph,
  given: Masked,
  options: CallOptions,
  onTape = Boolean(options.training),
): Masked {
  return tf.tidy(() => {
    const values: tf.Tensor[] = new Array(graph.size);
    const masks: Mask[] = new Array(graph.size);
    graph.inputs.forEach(({ tensor, dtype }, i) => {
      values[tensor] = castInput(given.values[i]!, dtype);
      masks[tensor] = given.masks[i] ?? null;
    });
    const uses = onTape ? null : new Uses(graph, values);
    for (const call of graph.calls) {
      const inputs = call.inputs.map((i) => values[i]!);
      const outputs = runCall(
        call,
        { values: inputs, masks: call.inputs.map((i) => masks[i]!) },
        options,
        onTape,
      );
      call.outputs.forEach((i, n) => {
        values[i] = outputs.values[n]!;
        masks[i] = outputs.masks[n] ?? null;
      });
      uses?.after(call, values);
    }
    return {
      values: graph.outputs.map((i) => values[i]!),
      masks: graph.outputs.map((i) => masks[i]!),
    };
  });
}

/** The outputs of a call, and their masks; `onTape`: as that of {@link runGraph}. */
export function runCall(
  call: Call,
  given: Masked,
  others: CallOptions,
  onTape = Boolean(others.training),
): Masked {
  const { layer, isMasked, training, own } = call;
  const { values, masks } = given;
  const options = training === undefined ? others : { ...others, training };
  const told = isMasked ? masks : masks.map(() => null);
  const model = modelOf(layer);
  if (model) return runGraph(graphOf(model), { values, masks: told }, options, onTape);
  const mask = maskForCall(layer, told);
  const byKernels = options.training || onTape ? null : computeByKernels(layer, { values, mask });
  const outputs =
    byKernels ??
    ([layer.apply(values, { ...options, ...own, ...(mask && { mask }) })].flat() as tf.Tensor[]);
  return { values: outputs, masks: masksOfOutputs(layer, values, masks, outputs) };
}

/** A model that is a layer; null for what is none, or is called in a way of its own. */
export function modelOf(layer: Layer): tfl.LayersModel | null {
  if (!(layer instanceof tfl.LayersModel) || layer.apply !== tfl.layers.Layer.prototype.apply) {
    return null;
  }
  const isSequential = layer.call === tfl.Sequential.prototype.call;
  return isSequential || layer.call === tfl.LayersModel.prototype.call ? builtModel(layer) : null;
}

/** The model that computes: itself, or that inside a Sequential. */
export function builtModel(model: tfl.LayersModel): tfl.LayersModel {
  const sequential = model as tfl.LayersModel & { model?: tfl.LayersModel };
  if (!(model instanceof tfl.Sequential)) return model;
  if (sequential.model == null) model.build();
  return sequential.model!;
}

/** Which tensors are still to be read. Two outputs of a layer can be one tensor. */
class Uses {
  private readonly left = new Map<tf.Tensor, number>();
  private readonly readers: number[];

  constructor(graph: Graph, values: readonly (tf.Tensor | undefined)[]) {
    this.readers = readersOf(graph);
    // Whoever gave them disposes of them.
    for (const { tensor } of graph.inputs) this.left.set(values[tensor]!, Number.POSITIVE_INFINITY);
  }

  after(call: Call, values: readonly tf.Tensor[]): void {
    // The outputs of a stateful layer are its states.
    const isKept = call.layer.stateful === true;
    for (const i of call.outputs) {
      const readers = isKept ? Number.POSITIVE_INFINITY : this.readers[i]!;
      this.left.set(values[i]!, (this.left.get(values[i]!) ?? 0) + readers);
    }
    for (const i of call.inputs) this.left.set(values[i]!, this.left.get(values[i]!)! - 1);
    for (const i of [...call.inputs, ...call.outputs]) {
      const value = values[i]!;
      if (this.left.get(value)! <= 0 && !value.isDisposed) value.dispose();
    }
  }
}

const readers = new WeakMap<Graph, number[]>();

/** How often each tensor of a graph is read. */
function readersOf(graph: Graph): number[] {
  const before = readers.get(graph);
  if (before) return before;
  const counts: number[] = new Array(graph.size).fill(0);
  for (const { inputs } of graph.calls) for (const i of inputs) counts[i]!++;
  for (const i of graph.outputs) counts[i] = Number.POSITIVE_INFINITY;
  readers.set(graph, counts);
  return counts;
}
