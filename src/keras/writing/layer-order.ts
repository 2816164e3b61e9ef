/**
 * The order in which Keras 3 has the layers of a functional model once it has built it: that of its
 * weights, too. It counts the operations of masks, so that it can be another one than in TensorFlow.js.
 */
import type { tfl } from '../../foundation/tensorflow.js';
import type { Graph } from '../../layers/model/graph.js';
import type { KerasMasks } from './follow-masks.js';
import type { MaskOperation } from './mask-operations.js';

type Layer = tfl.layers.Layer;
type Source = MaskOperation | tfl.SymbolicTensor;

/** A call of a layer or an operation. */
interface Node {
  of: Layer | MaskOperation;
  inputs: readonly Source[];
}

/**
 * The layers in the order of Keras 3, without those of inputs.
 *
 * Source: map_graph in ops/function.py of Keras 3.
 */
export function kerasOrder(
  { calls }: Graph,
  outputs: readonly tfl.SymbolicTensor[],
  { given }: KerasMasks,
): Layer[] {
  const nodes = new Map<Source, Node>();
  for (const call of calls) {
    const mask = given.get(call);
    const inputs = [...call.node.inputTensors, ...(mask ? [mask] : [])];
    const node: Node = { of: call.layer, inputs };
    for (const output of call.node.outputTensors) nodes.set(output, node);
  }
  const nodeOf = (source: Source): Node | undefined => {
    if ('className' in source && !nodes.has(source)) {
      nodes.set(source, { of: source, inputs: source.inputs });
    }
    return nodes.get(source);
  };
  const { sorted, seen } = sort(outputs, nodeOf);
  const depths = new Map<Node, number>();
  const depthOf = new Map<Node['of'], number>();
  for (const node of sorted.reverse()) {
    const depth = Math.max(depths.get(node) ?? 0, depthOf.get(node.of) ?? 0);
    depths.set(node, depth);
    depthOf.set(node.of, depth);
    for (const source of node.inputs) {
      const before = nodeOf(source);
      if (before) depths.set(before, Math.max(depth + 1, depths.get(before) ?? 0));
    }
  }
  // Sorting keeps the order of those that are equally deep: that in which they are first met.
  const layers = new Set(calls.map(({ layer }) => layer));
  return [...seen]
    .filter((one): one is Layer => layers.has(one as Layer))
    .sort((a, b) => depthOf.get(b)! - depthOf.get(a)!);
}

/** All nodes, each behind those that it takes its inputs from, and what they are of as it is met. */
function sort(outputs: readonly Source[], nodeOf: (source: Source) => Node | undefined) {
  const sorted: Node[] = [];
  const seen = new Set<Node['of']>();
  const opened = new Set<Node>();
  const done = new Set<Node>();
  const stack = outputs.map(nodeOf).reverse();
  while (stack.length > 0) {
    const node = stack.at(-1);
    if (node === undefined || done.has(node)) stack.pop();
    else if (opened.has(node)) {
      stack.pop();
      done.add(node);
      sorted.push(node);
    } else {
      opened.add(node);
      seen.add(node.of);
      stack.push(...node.inputs.map(nodeOf).reverse());
    }
  }
  return { sorted, seen };
}
