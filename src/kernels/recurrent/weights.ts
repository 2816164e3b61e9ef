/** The weights of a recurrent layer, packed for its kernels and unpacked. Source: assembly/recurrent/weights.ts. */
import { JobFields, runJobs } from '../bridge/jobs.js';
import type { Workplace } from '../bridge/call.js';
import type { CellFacts } from './cell.js';
import { layout } from './layout.js';

// The fields of PackJob, TransposeJob, InterleaveJob and UnpackJob there, in their order.
// biome-ignore format: one line a group
const PACK_FIELDS = new JobFields([
  'cell', 'inputs', 'units', 'setting', 'kernel', 'recurrentKernel', 'bias', 'vectors', 'panels', 'packedBias',
]);
// biome-ignore format: one line a group
const TRANSPOSE_FIELDS = new JobFields([
  'cell', 'inputs', 'units', 'kernel', 'recurrentKernel', 'inputPanels', 'statePanels',
]);
// biome-ignore format: one line a group
const INTERLEAVE_FIELDS = new JobFields([
  'cell', 'inputs', 'units', 'setting', 'scaled', 'kernel', 'to',
]);
// biome-ignore format: one line a group
const UNPACK_FIELDS = new JobFields([
  'cell', 'inputs', 'units', 'panels', 'packedBias', 'dKernel', 'dRecurrentKernel', 'dBias', 'dVectors',
]);

/** Sizes of a layer; `inputs` is 0 where they are taken by words. */
export interface Sizes {
  inputs: number;
  units: number;
}

/** Addresses of the weights as Keras has them, 0 for none, and the cell's setting. */
export interface Weights {
  kernel: number;
  recurrentKernel: number;
  bias: number;
  vectors: number;
  setting: number;
}

/** Where the gradients of the weights are to be; addresses, 0 for what is not wanted. */
export interface WeightGradients {
  dKernel: number;
  dRecurrentKernel: number;
  dBias: number;
  dVectors: number;
}

/** Packed weights; addresses. */
export interface Packed {
  panels: number;
  bias: number;
}

/** Packs the weights as a forward pass reads them; `allocate`: where they are to be. */
export function packWeights(
  place: Workplace,
  cell: CellFacts,
  sizes: Sizes,
  weights: Weights,
  allocate: (bytes: number) => number = (bytes) => place.scratch(bytes),
): Packed {
  const bytes = layout(cell, sizes.inputs, sizes.units);
  const panels = allocate(bytes.panels);
  const bias = allocate(bytes.packedBias);
  const own = { cell: cell.number, panels, packedBias: bias };
  runJobs(place, 'recurrentPack', PACK_FIELDS, [[sizes, weights, own]]);
  return { panels, bias };
}

/** Packs weights transposed, as a backward pass reads them; addresses, 0 for what is not wanted. */
export function transposeWeights(
  place: Workplace,
  cell: CellFacts,
  sizes: Sizes,
  weights: Pick<Weights, 'kernel' | 'recurrentKernel'>,
  panels: { inputPanels: number; statePanels: number },
): void {
  const own = { cell: cell.number };
  runJobs(place, 'recurrentTranspose', TRANSPOSE_FIELDS, [[sizes, weights, panels, own]]);
}

/** Writes the kernel with its columns in the order of the gates, scaled as the packed one or not. */
export function interleaveKernel(
  place: Workplace,
  cell: CellFacts,
  sizes: Sizes,
  { kernel, setting }: Pick<Weights, 'kernel' | 'setting'>,
  scaled: boolean,
  to: number,
): void {
  const own = { cell: cell.number, kernel, setting, scaled: Number(scaled), to };
  runJobs(place, 'recurrentInterleave', INTERLEAVE_FIELDS, [[sizes, own]]);
}

/** From summed gradients, packed, to those of the weights; addresses, 0 for what is not wanted. */
export function unpackGradients(
  place: Workplace,
  cell: CellFacts,
  sizes: Sizes,
  sums: { panels: number; packedBias: number },
  out: WeightGradients,
): void {
  runJobs(place, 'recurrentUnpack', UNPACK_FIELDS, [[sizes, sums, out, { cell: cell.number }]]);
}
