/** Where the masks of Keras 3 and TensorFlow.js part. */
import { reject } from '../foundation/errors.js';
import type { tfl } from '../foundation/tensorflow.js';

type Layer = tfl.layers.Layer;

/** Layers that hand the mask of their input on. */
const PASSES_ON = new Set([
  ...['Activation', 'BatchNormalization', 'Concatenate', 'Dense', 'Dropout', 'LayerNormalization'],
  ...['SpatialDropout1D', 'TimeDistributed'],
]);

const RECURRENT = new Set(['Bidirectional', 'GRU', 'LSTM', 'SimpleRNN']);

/**
 * Throws when a mask reaches a Bidirectional that returns sequences: Keras 3 then sets the outputs
 * of masked steps to zero, where TensorFlow.js (and Keras 2.2) repeat the step before.
 */
export function refuseMaskedBidirectional(where: string, model: tfl.LayersModel): void {
  const known = new Map<number, boolean>();
  for (const layer of model.layers) {
    if (layer.getClassName() !== 'Bidirectional' || !returnsSequences(layer)) continue;
    if (!inputsOf(layer).some((input) => isMasked(input, known))) continue;
    reject({
      where,
      expected: `${layer.name} (Bidirectional) returns sequences of a masked input, for which Keras 3 would give zeros where TensorFlow.js repeats the last step`,
      remedy: 'Leave maskZero or the Masking layer out, or let it return its last output alone.',
    });
  }
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
