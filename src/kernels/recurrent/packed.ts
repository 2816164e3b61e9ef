/** Packed weights that are kept until they change: whoever predicts step by step would pack them at each. */
import type { tf } from '../../foundation/tensorflow.js';
import type { Call } from '../bridge/call.js';
import { Derived, derivedFrom } from '../bridge/derived.js';
import type { CellFacts } from './cell.js';
import { type Packed, packWeights, type Sizes, type Weights } from './weights.js';

class PackedWeights extends Derived {
  packed: Packed | null = null;
}

/** The weights as a forward pass reads them, packed again only when they have changed. */
export function packedUntilChanged(
  call: Call,
  cell: CellFacts,
  sizes: Sizes,
  tensors: Record<string, tf.TensorInfo | undefined>,
  weights: Weights,
): Packed {
  const { kernel, recurrentKernel, bias, vectors } = tensors;
  const dataIds = [kernel, recurrentKernel, bias, vectors].flatMap((one) => one?.dataId ?? []);
  if (!dataIds.every((dataId) => call.table.has(dataId))) {
    return packWeights(call, cell, sizes, weights);
  }
  const settings = `${cell.name} ${weights.setting} packed`;
  const { memory } = call.runtime;
  const make = () => new PackedWeights(dataIds, settings, call.table, memory);
  const derived = derivedFrom(dataIds, settings, make);
  // Who predicts once would keep them for nothing.
  if (derived.uses === 1) return packWeights(call, cell, sizes, weights);
  const keep = (bytes: number) => derived.allocate(bytes);
  derived.packed ??= packWeights(call, cell, sizes, weights, keep);
  return derived.packed;
}
