/** The order in which TensorFlow.js itself runs the calls of a model that is none of ours. */
import type { tfl } from '../../foundation/tensorflow.js';
import type { Call, Graph } from '../../layers/model/graph.js';

/**
 * The calls as tf.layers runs them, some of several outputs more than once. It hands the mask of one
 * on to the next, so that the order matters there.
 *
 * Source: getTopologicalSortAndRecipientCounts of tfjs-layers.
 */
export function stockOrder(model: tfl.LayersModel, graph: Graph): Call[] {
  const callOf = new Map<tfl.SymbolicTensor, Call>();
  for (const call of graph.calls) {
    for (const output of call.node.outputTensors) callOf.set(output, call);
  }
  const sorted = new Set<tfl.SymbolicTensor>();
  for (const output of model.outputs) {
    for (const tensor of upTo(output, callOf)) sorted.add(tensor);
  }
  return [...sorted].flatMap((tensor) => callOf.get(tensor) ?? []);
}

function upTo(
  output: tfl.SymbolicTensor,
  callOf: ReadonlyMap<tfl.SymbolicTensor, Call>,
): Set<tfl.SymbolicTensor> {
  const done = new Set<tfl.SymbolicTensor>();
  const opened = new Set<tfl.SymbolicTensor>();
  const stack = [output];
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const inputs = callOf.get(top)?.node.inputTensors ?? [];
    if (done.has(top)) stack.pop();
    else if (inputs.length === 0 || opened.has(top)) {
      stack.pop();
      done.add(top);
    } else {
      opened.add(top);
      stack.push(...inputs.filter((input) => !done.has(input)));
    }
  }
  return done;
}
