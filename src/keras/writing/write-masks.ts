/** Where the masks of Keras 3 and TensorFlow.js part. */
import { reject } from '../../foundation/errors.js';
import type { tfl } from '../../foundation/tensorflow.js';

type Layer = tfl.layers.Layer;

/** Layers that compute every step by itself, and hand the mask of their input on. */
const STEP_BY_STEP = new Set([
  ...['Activation', 'BatchNormalization', 'Dense', 'Dropout', 'LayerNormalization'],
  ...['SpatialDropout1D', 'TimeDistributed'],
]);

/** Layers that hand the mask of their input on. */
const PASSES_ON = new Set([...STEP_BY_STEP, 'Concatenate']);

const RECURRENT = new Set(['Bidirectional', 'GRU', 'LSTM', 'SimpleRNN']);

/**
 * Throws when a masked Bidirectional shows what it returns for masked steps: zeros in Keras 3, the
 * step before in TensorFlow.js (and Keras 2.2). In front of another recurrent layer, which leaves
 * those steps out, it is the same.
 */
export function refuseMaskedBidirectional(where: string, model: tfl.LayersModel): void {
  const known = new Map<number, boolean>();
  for (const layer of model.layers) {
    if (layer.getClassName() !== 'Bidirectional' || !returnsSequences(layer)) continue;
    if (!inputsOf(layer).some((input) => isMasked(input, known))) continue;
    if (!showsSteps(model, layer)) continue;
    reject({
      where,
      expected: `${layer.name} (Bidirectional) returns sequences of a masked input, for which Keras 3 would give zeros where TensorFlow.js repeats the last step`,
      remedy:
        'Leave maskZero or the Masking layer out, let it return its last output alone, or put ' +
        'another recurrent layer behind it.',
    });
  }
}

/** Whether the steps that a layer returns get anywhere else than into recurrent layers. */
function showsSteps(model: tfl.LayersModel, layer: Layer): boolean {
  if (model.outputs.some(({ sourceLayer }) => sourceLayer === layer)) return true;
  return layer.outboundNodes.some(({ outboundLayer }) => {
    const name = outboundLayer.getClassName();
    if (RECURRENT.has(name)) return false;
    return !STEP_BY_STEP.has(name) || showsSteps(model, outboundLayer);
  });
}

function isMasked(tensor: tfl.SymbolicTensor, known: Map<number, boolean>): boolean {
  let masked = known.get(tensor.id);
  if (masked === undefined) {
    masked = masks(tensor.sourceLayer, known);
    known.set(tensor.id, masked);
  }
  return masked;
}

function masks(layer: Layer, known: Map<number, boolean>): boolean {
  const name = layer.getClassName();
  if (name === 'Masking') return true;
  if (name === 'Embedding') return layer.getConfig().maskZero === true;
  const handsOn = PASSES_ON.has(name) || (RECURRENT.has(name) && returnsSequences(layer));
  return handsOn && inputsOf(layer).some((input) => isMasked(input, known));
}

function inputsOf(layer: Layer): tfl.SymbolicTensor[] {
  return layer.inboundNodes.flatMap((node) => node.inputTensors);
}

function returnsSequences(layer: Layer): boolean {
  return (layer as Layer & { returnSequences?: boolean }).returnSequences === true;
}
