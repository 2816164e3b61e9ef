/** The graph of a model as a list of calls, each after those that it takes its inputs from. */
import type { tf, tfl } from '../../foundation/tensorflow.js';
import { type OwnArguments, ownArguments } from '../call-arguments.js';

type Layer = tfl.layers.Layer;

/** A call of a layer. Tensors of a graph are known by their numbers. */
export interface Call {
  layer: Layer;
  inputs: number[];
  outputs: number[];
  /** The symbolic tensors of the same call. */
  node: Node;
  /** False where the layer was called with `{ mask: null }`: it is not told the masks of its inputs. */
  isMasked: boolean;
  /** What the layer was told of training when it was called, which counts for more than who runs the graph. */
  training: boolean | undefined;
  /** What else it was called with, of arguments that it takes. */
  own: OwnArguments;
}

/** The calls from some inputs to some outputs. */
export interface Graph {
  /** How many tensors there are. */
  size: number;
  inputs: { tensor: number; dtype: tf.DataType }[];
  calls: Call[];
  outputs: number[];
}

/** A call as TensorFlow.js keeps it, with what the types of a layer hide. */
interface Node {
  inputTensors: tfl.SymbolicTensor[];
  outputTensors: tfl.SymbolicTensor[];
  callArgs?: { mask?: unknown; training?: boolean | null } | null;
}

const known = new WeakMap<tfl.LayersModel, { of: tfl.SymbolicTensor[]; graph: Graph }>();

/** The graph of a model, not of the Sequential around it; made once. */
export function graphOf(model: tfl.LayersModel): Graph {
  const before = known.get(model);
  if (before?.of === model.outputs) return before.graph;
  const graph = graphTo(model.inputs, model.outputs);
  known.set(model, { of: model.outputs, graph });
  return graph;
}

/** The calls that lead from `inputs` to `outputs`, each once, however many of its outputs are used. */
export function graphTo(inputs: tfl.SymbolicTensor[], outputs: tfl.SymbolicTensor[]): Graph {
  const numbers = new Map<tfl.SymbolicTensor, number>();
  const number = (tensor: tfl.SymbolicTensor) => {
    numbers.set(tensor, numbers.size);
    return numbers.size - 1;
  };
  const graph: Graph = {
    size: 0,
    inputs: inputs.map((tensor) => ({ tensor: number(tensor), dtype: tensor.dtype })),
    calls: [],
    outputs: [],
  };
  // A stack of our own: models can be deeper than that of JavaScript.
  const open = [...outputs].reverse();
  while (open.length > 0) {
    const tensor = open.at(-1)!;
    const { sourceLayer: layer, nodeIndex } = tensor;
    const node = (layer as unknown as { inboundNodes: Node[] }).inboundNodes[nodeIndex]!;
    const missing = node.inputTensors.filter((input) => !numbers.has(input) && input !== tensor);
    if (numbers.has(tensor)) open.pop();
    else if (missing.length > 0) open.push(...missing.reverse());
    else {
      open.pop();
      graph.calls.push({
        layer,
        inputs: node.inputTensors.map((input) => numbers.get(input)!),
        outputs: node.outputTensors.map(number),
        node,
        isMasked: node.callArgs?.mask !== null,
        training: node.callArgs?.training ?? undefined,
        own: ownArguments(layer, node.callArgs),
      });
    }
  }
  graph.outputs = outputs.map((tensor) => numbers.get(tensor)!);
  graph.size = numbers.size;
  return graph;
}
