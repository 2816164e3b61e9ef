/**
 * The backward pass of an LSTM whose inputs are taken by words. Sources:
 * assembly/lstm-words-backward.ts and lstm-words-gradient.ts.
 */
import { floatBits, JobFields, ranges, runJobs, writeJob } from './jobs.js';
import { layout, OUTER_ROWS } from './lstm-jobs.js';
import { type Shard, shardFields, WORD_FIELDS, type WordBatch } from './lstm-words.js';
import type { KernelCall, Workplace } from './tensors.js';

// The fields of LstmWordsGradientJob in assembly/lstm-words-gradient.ts, in its order.
// biome-ignore format: one line a group
const GRADIENT_FIELDS = new JobFields([
  'first', 'count', 'inputs', 'units', 'parts', 'met', 'dFolded', 'dTables', 'table', 'transposedPanels',
  'scale', 'rows', 'products', 'padded', 'copy', 'dPanels', 'dBias', 'dTable',
]);

const WORDS_TOGETHER = 64; // as in assembly/lstm-words-gradient.ts

/** The weights that meet the inputs, as a backward pass reads them; addresses. */
export interface InputWeights {
  /** [inputs, 4·paddedUnits] */
  plainKernel: number;
  /** packed [4·paddedUnits] → [inputs, padded to 8] */
  transposedPanels: number;
}

/** Where one shard sums up, and what it clears; addresses, 0 for what is not wanted. */
export interface WordSums {
  /** [different words] bytes: whether the shard has the word, and so a sum of it */
  met: number;
  /** [different words, 4·paddedUnits] */
  dFolded: number;
  /** [inputs, 4·paddedUnits] */
  dKernel: number;
  /** [different words, inputs] */
  dTable: number;
  /** Its share of the gradient of the table. */
  cleared: number;
  clearedBytes: number;
}

/** Of a pass that only writes dx. */
export const NO_SUMS: WordSums = {
  met: 0,
  dFolded: 0,
  dKernel: 0,
  dTable: 0,
  cleared: 0,
  clearedBytes: 0,
};

const NO_FORWARD = { folded: 0, kernel: 0, paddingSums: 0, starts: 0 };

const padded = (inputs: number, multiple: number) => multiple * Math.ceil(inputs / multiple);

/** Prepares the kernel, whose address is given. */
export function inputWeights(
  call: KernelCall,
  { inputs, units }: WordBatch,
  kernel: number,
  keep: (bytes: number) => number,
): InputWeights {
  const { exports, memory } = call.runtime;
  const { folded: row } = layout(inputs, units);
  const plainKernel = keep(inputs * row);
  exports.lstmInterleave(inputs, units, 0, 0, kernel, plainKernel);
  const panelBytes = row * padded(inputs, 8);
  const transposedPanels = keep(panelBytes);
  memory.bytes(transposedPanels, panelBytes).fill(0);
  exports.lstmPackTransposed(inputs, units, kernel, 0, transposedPanels);
  return { plainKernel, transposedPanels };
}

/**
 * Room for the sums of one of the shards.
 *
 * @param table The address of the gradient of the table, or 0.
 */
export function wordSums(
  call: KernelCall,
  batch: WordBatch,
  table: number,
  shard: number,
  shards: number,
): WordSums {
  const { inputs, units, different, dropped, source } = batch;
  const { folded: row } = layout(inputs, units);
  const vocabulary = source.table.shape[0]!;
  const [first, end] = [shard, shard + 1].map((i) => Math.floor((vocabulary * i) / shards));
  return {
    met: call.scratch(different),
    dFolded: call.scratch(different * row),
    dKernel: dropped ? call.scratch(inputs * row) : 0,
    dTable: table && dropped ? call.scratch(4 * different * inputs) : 0,
    cleared: table && table + 4 * inputs * first!,
    clearedBytes: table && 4 * inputs * (end! - first!),
  };
}

/** A job for one shard of a backward pass; `dx` is an address or 0. */
export function wordBackwardJob(
  place: Workplace,
  batch: WordBatch,
  shard: Shard,
  weights: InputWeights,
  sums: WordSums,
  dx: number,
): number {
  const { inputs, units, dropped } = batch;
  const own = {
    dPadding: dropped ? place.scratch(inputs * layout(inputs, units).folded) : 0,
    dxRows: dx ? place.scratch(4 * Math.max(shard.rows, OUTER_ROWS) * padded(inputs, 8)) : 0,
    dx,
  };
  const parts = [shardFields(batch, shard), NO_FORWARD, weights, sums, own] as const;
  return writeJob(place, WORD_FIELDS, parts);
}

/** From what the shards have summed up to the gradients; `out`: addresses, 0 for none; dTable is clear. */
export function wordGradients(
  call: KernelCall,
  batch: WordBatch,
  { transposedPanels }: InputWeights,
  parts: readonly WordSums[],
  out: { dKernel: number; dBias: number; dTable: number },
): void {
  const { inputs, units, different, table, tableRows, scale } = batch;
  const { exports, memory, threads } = call.runtime;
  const { folded: row, packedBias } = layout(inputs, units);
  const depth = padded(inputs, 4);
  const addresses = (of: number[]) => {
    const address = call.scratch(4 * of.length);
    memory.integers(address, of.length).set(of);
    return address;
  };
  const common = {
    inputs,
    units,
    parts: parts.length,
    table,
    transposedPanels,
    met: addresses(parts.map(({ met }) => met)),
    dFolded: addresses(parts.map(({ dFolded }) => dFolded)),
    dTables: parts[0]!.dTable ? addresses(parts.map(({ dTable }) => dTable)) : 0,
    scale: floatBits(scale),
    rows: tableRows,
    dTable: out.dTable,
  };
  const sums = ranges(different, threads, (different * row) / 4, 1).map(({ first, count }) => ({
    first,
    count,
    products: call.scratch(4 * WORDS_TOGETHER * padded(inputs, 8)),
    padded: call.scratch(4 * WORDS_TOGETHER * depth),
    copy: call.scratch(64 * WORDS_TOGETHER),
    dPanels: call.scratch(row * depth),
    dBias: call.scratch(packedBias),
  }));
  const jobs = sums.map((own) => [own, common] as const);
  runJobs(call, 'lstmWordsGradient', GRADIENT_FIELDS, jobs);

  const [first, ...others] = sums as [(typeof sums)[0], ...typeof sums];
  for (const other of others) {
    exports.addFloats(first.dPanels, other.dPanels, (row * depth) / 4);
    exports.addFloats(first.dBias, other.dBias, packedBias / 4);
  }
  for (const { dKernel } of parts) {
    if (dKernel) exports.addToPanels(inputs, units, depth, dKernel, first.dPanels);
  }
  exports.lstmUnpack(inputs, depth, units, first.dPanels, out.dKernel);
  if (out.dBias) exports.lstmUnpackBias(units, first.dBias, out.dBias);
}
