/** A part of a graph without the engine of TensorFlow.js around each of its kernels, for what runs again and again. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { fusedAvailable } from '../../kernels/bridge/register.js';
import { type Together, together } from '../../kernels/bridge/together.js';
import { computeByKernels } from '../beside/kernels-of.js';
import type { OwnArguments } from '../call-arguments.js';
import type { Graph } from './graph.js';
import { type Mask, maskForCall } from './masks.js';
import { isRecurrent } from './recurrent.js';
import { runGraph } from './run-graph.js';

type Layer = tfl.layers.Layer;

/**
 * The outputs of a graph, with the masks of its inputs alone: no layer inside gives a mask to another.
 * Nothing is recorded; inside `tf.tidy`.
 *
 * @param masks Of the inputs of the graph, [batch, time] each.
 */
export function runTogether(
  graph: Graph,
  inputs: readonly tf.Tensor[],
  masks: readonly Mask[],
): tf.Tensor[] {
  if (!fusedAvailable() || tf.engine().isTapeOn()) {
    return runGraph(graph, { values: [...inputs], masks: [...masks] }, {}).values;
  }
  return together((lent) => {
    const values: tf.Tensor[] = new Array(graph.size);
    const masksOf: Mask[] = new Array(graph.size).fill(null);
    graph.inputs.forEach(({ tensor }, i) => {
      values[tensor] = inputs[i]!;
      masksOf[tensor] = masks[i] ?? null;
    });
    for (const { layer, inputs: read, outputs, isMasked, own } of graph.calls) {
      const given = read.map((i) => values[i]!);
      const told = read.map((i) => (isMasked ? masksOf[i]! : null));
      const mask = maskForCall(layer, told);
      const results = call(lent, layer, given, { ...own, ...(mask && { mask }) });
      outputs.forEach((i, n) => {
        values[i] = results[n]!;
      });
    }
    return graph.outputs.map((i) => lent.handOver(values[i]!));
  });
}

function call(
  lent: Together,
  layer: Layer,
  values: tf.Tensor[],
  args: OwnArguments & { mask?: Mask | Mask[] },
): tf.Tensor[] {
  if (isRecurrent(layer) && 'trainingCall' in layer) {
    const [x, ...initialState] = values as [tf.Tensor, ...tf.Tensor[]];
    return [layer.call(x, { ...args, ...(initialState.length > 0 && { initialState }) })].flat();
  }
  if ('trainingCall' in layer) return [layer.call(values, args)].flat();
  const byKernels = computeByKernels(layer, { values, mask: args.mask ?? null, own: args });
  if (byKernels) return byKernels;
  const handed = values.map((value) => lent.handOver(value));
  return lent.outside(() => [layer.apply(handed, args)].flat() as tf.Tensor[]);
}
