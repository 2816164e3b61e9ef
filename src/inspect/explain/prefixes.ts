/** What the model would say if the text ended behind each of its words. */
import { tf, tfl } from '../../foundation/tensorflow.js';
import { type Call, graphTo } from '../../layers/model/graph.js';
import { maskForCall } from '../../layers/model/masks.js';
import { refusalOf } from '../../layers/model/refusals.js';
import { runGraph } from '../../layers/model/run-graph.js';
import type { Embedded, ExplainedModel } from './explained-model.js';
import { isPaddedBehind, logitsOfRows } from './runs.js';

/**
 * The logits behind each step that is read, in their order.
 *
 * Where the model reads forwards and keeps the last state of a recurrent layer, they come from one pass:
 * each state that it had on the way is handed on as if it were the last. Elsewhere, as in both directions or
 * with pooling, each beginning of the text runs by itself, padded on the side where the text is.
 *
 * @param steps The steps with words, ascending.
 */
export function logitsOfPrefixes(
  model: ExplainedModel,
  words: Embedded,
  indices: Int32Array,
  steps: readonly number[],
): Float32Array[] {
  if (steps.length === 0) return [];
  const last = steps.at(-1) === indices.length - 1 || words.mask ? lastState(model) : null;
  if (last) return fromStates(model, words, steps, last);
  const isBehind = isPaddedBehind(steps, indices.length);
  return logitsOfRows(model, steps.length, indices.length, (row, beginning) => {
    const end = steps[row]! + 1;
    beginning.set(indices.subarray(0, end), isBehind ? 0 : indices.length - end);
  });
}

/** The recurrent layer whose last state is all that comes after it; null where there is none. */
function lastState({ embedded, last }: ExplainedModel): Call | null {
  if (embedded.length > 1) return null;
  const { calls } = graphTo([...embedded], [last]);
  const at = calls.findIndex((call) => !isStepByStep(call));
  const call = calls[at];
  if (!call || !(call.layer instanceof tfl.RNN) || call.inputs.length > 1) return null;
  if (call.outputs.length > 1 || refusalOf(call.layer, 3) !== null) return null;
  const first = call.outputs[0]!;
  const isAll = calls.slice(at + 1).every(({ inputs }) => inputs.every((input) => input >= first));
  return isAll ? call : null;
}

/** Whether a call returns a sequence, no step of which has seen a later one. */
function isStepByStep({ layer, node }: Call): boolean {
  const [input] = node.inputTensors;
  const [output] = node.outputTensors;
  return output!.shape.length === 3 && refusalOf(layer, input!.shape.length) === null;
}

function fromStates(
  model: ExplainedModel,
  words: Embedded,
  steps: readonly number[],
  call: Call,
): Float32Array[] {
  const output = tf.tidy(() => {
    const before = graphTo([...model.embedded], call.node.inputTensors);
    const { values, masks } = runGraph(before, { values: [words.x], masks: [words.mask] }, {});
    const mask = call.isMasked ? maskForCall(call.layer, masks) : null;
    const states = allStates(call.layer as tfl.RNN, values, mask); // [1, time, units]
    const read = tf.gather(tf.reshape(states, states.shape.slice(1)), [...steps]); // [words, units]
    const after = graphTo(call.node.outputTensors, [model.last]);
    const { values: last } = runGraph(after, { values: [read], masks: [null] }, {});
    return model.logitsOfLast(last[0]!);
  });
  const logits = output.dataSync() as Float32Array;
  const { classes } = model;
  const found = steps.map((_, row) => logits.slice(row * classes, (row + 1) * classes));
  output.dispose();
  return found;
}

/** The outputs of a layer for every step, of which it returns the last. */
function allStates(
  layer: { returnSequences: boolean } & Pick<tfl.RNN, 'apply'>,
  values: tf.Tensor[],
  mask: ReturnType<typeof maskForCall>,
): tf.Tensor {
  const { returnSequences } = layer;
  layer.returnSequences = true;
  try {
    return layer.apply(values, { ...(mask && { mask }) }) as tf.Tensor;
  } finally {
    layer.returnSequences = returnSequences;
  }
}
