/** Whether a model says the same of a text without the padding around it. */
import type { Call, Graph } from '../../layers/model/graph.js';
import { followsMasks } from '../../layers/masks/settings.js';
import { handsMaskOn } from '../../layers/model/masks.js';
import { isRecurrent } from '../../layers/model/recurrent.js';
import { refusalOf } from '../../layers/model/refusals.js';

type Layer = Call['layer'];

const POOLING = new Set(['GlobalAveragePooling1D', 'GlobalMaxPooling1D']);

/**
 * Whether masked steps before and behind a text can be left away: every layer treats each step by itself, or
 * is told the mask and passes over them, until one vector is left. What is not known to, as a convolution, may
 * see them.
 *
 * @param graph From sequences [batch, time, width], all of them masked.
 */
export function forgetsPadding({ inputs, calls }: Graph): boolean {
  const masked = new Set(inputs.map(({ tensor }) => tensor));
  const sequences = new Set(masked);
  return calls.every((call) => {
    const read = call.inputs.filter((input) => sequences.has(input));
    if (read.length === 0) return true;
    const isTold = call.isMasked && call.inputs.every((input) => masked.has(input));
    const isSequence = call.node.outputTensors[0]!.shape.length > 2;
    if (isSequence) for (const output of call.outputs) sequences.add(output);
    if (isTold && isSequence && handsMaskOn(call.layer)) masked.add(call.outputs[0]!);
    if (isRecurrent(call.layer)) return isTold && keepsOrder(call.layer, isSequence);
    if (pools(call.layer)) return isTold;
    return isSequence && treatsEachStep(call);
  });
}

/**
 * Backwards, the outputs come in the other order, but their mask does not, in Keras, either: what follows then
 * sees the padding. The outputs of a cell of somebody else behind masked steps are its states in TensorFlow.js.
 */
function keepsOrder(layer: Layer, isSequence: boolean): boolean {
  const inner = (layer as { forwardLayer?: Layer }).forwardLayer ?? layer;
  const { goBackwards } = inner as { goBackwards?: boolean };
  return inner.getClassName() !== 'RNN' && !(isSequence && goBackwards);
}

function pools(layer: Layer): boolean {
  const name = layer.getClassName();
  if (name === 'AttentionPooling1D') return true;
  return POOLING.has(name) && followsMasks(layer) && layer.maskRule !== null;
}

function treatsEachStep({ layer, node }: Call): boolean {
  const isEverywhere = node.inputTensors.every(({ shape }) => shape.length === 3);
  return isEverywhere && layer.getClassName() !== 'Conv1D' && refusalOf(layer, 3) === null;
}
