/** The operations that Keras 3 puts into a functional model for its masks. */
import type { tfl } from '../../foundation/tensorflow.js';
import type { Term } from './mask-terms.js';

/** An operation of `keras.ops`, on tensors of the model or on what others make of them. */
export interface MaskOperation {
  className: 'Any' | 'Concatenate' | 'ConvertToTensor' | 'ExpandDims' | 'LogicalOr' | 'NotEqual' | 'OnesLike' | 'ZerosLike'; // biome-ignore format: short
  inputs: readonly (MaskOperation | tfl.SymbolicTensor)[];
  /** Of NotEqual: what is compared with. */
  value?: number;
  /** Of Concatenate. */
  axis?: number;
}

/** A mask that Keras draws into the graph of a model when the model is built. */
export interface DrawnMask {
  term: Term;
  operation: MaskOperation;
}

/** What an Embedding or, of whole steps, a Masking layer draws. */
export function drawMade(
  source: tfl.SymbolicTensor,
  value: number,
  ofSteps: boolean,
): MaskOperation {
  const words: MaskOperation = { className: 'NotEqual', inputs: [source], value };
  return ofSteps ? { className: 'Any', inputs: [words] } : words;
}

/** What layers that compute value by value draw; null where an input has no mask. */
export function drawOr(masks: readonly (DrawnMask | null)[]): MaskOperation | null {
  const given = masks.filter((mask) => mask !== null).map(({ operation }) => operation);
  if (given.length < masks.length) return null;
  return given.reduce((a, b) => ({ className: 'LogicalOr', inputs: [a, b] }));
}

/** What a Concatenate draws; null where no input has a mask. */
export function drawConcatenate(
  masks: readonly (DrawnMask | null)[],
  inputs: readonly tfl.SymbolicTensor[],
  axis: number,
): MaskOperation | null {
  if (masks.every((mask) => mask === null)) return null;
  const wide = masks.map((mask, i): MaskOperation => {
    const input = inputs[i]!;
    if (mask === null) return { className: 'OnesLike', inputs: [input] };
    const expanded: MaskOperation = { className: 'ExpandDims', inputs: [mask.operation] };
    const zeros: MaskOperation = { className: 'ZerosLike', inputs: [input] };
    return { className: 'LogicalOr', inputs: [expanded, zeros] };
  });
  return { className: 'Any', inputs: [{ className: 'Concatenate', inputs: wide, axis }] };
}

/** What a layer of attention draws of the mask of its query. */
export function drawConverted({ term, operation }: DrawnMask): DrawnMask {
  return { term, operation: { className: 'ConvertToTensor', inputs: [operation] } };
}
