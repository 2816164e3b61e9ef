/**
 * The backward pass of an LSTM whose inputs are taken by words. Sources:
 * assembly/recurrent/lstm-words-backward.ts and lstm-words-gradient.ts.
 */
import { floatBits, JobFields, ranges, runJobs, writeJob } from '../bridge/jobs.js';
import { layout, OUTER_ROWS } from './lstm-jobs.js';
import { type Shard, shardFields, WORD_FIELDS, type WordBatch } from './lstm-words.js';
import type { KernelCall, Workplace } from '../bridge/tensors.js';

// The fields of LstmWordsGradientJob in assembly/recurrent/lstm-words-gradient.ts, in its order.
// biome-ignore format: one line a group
const GRADIENT_FIELDS = new JobFields([
  'first', 'count', 'inputs', 'units', 'parts', 'met', 'dFolded', 'dTables', 'table', 'transposedPanels',
  'scale', 'rows', 'products', 'padded', 'copy', 'dPanels', 'dBias', 'dTable',
]);

// The fields of LstmWordsSumsJob there, in its order.
// biome-ignore format: one line a group
const SUMS_FIELDS = new JobFields([
  'inputs', 'units', 'parts', 'ranges', 'recurrentPanels', 'dropped', 'panels', 'biases',
  'dRecurrentKernel', 'dKernel', 'dBias',
]);

const WORDS_TOGETHER = 64; // as in assembly/recurrent/lstm-words-gradient.ts

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

/** Addresses of the gradients, and of what the shards have summed for that of the recurrent kernel. */
interface WordGradients {
  /** one for each shard, packed */
  recurrentPanels: readonly number[];
  dRecurrentKernel: number;
  dKernel: number;
  /** or 0 */
  dBias: number;
  /** zeros so far, or 0 */
  dTable: number;
}

/** From what the shards have summed up to the gradients, which is left to other threads. */
export function wordGradients(
  call: KernelCall,
  batch: WordBatch,
  { transposedPanels }: InputWeights,
  parts: readonly WordSums[],
  { recurrentPanels, dTable, ...gradients }: WordGradients,
): void {
  const { inputs, units, different, dropped, table, tableRows, scale } = batch;
  const { threads } = call.runtime;
  const { folded: row, packedBias } = layout(inputs, units);
  const depth = padded(inputs, 4);
  const common = {
    inputs,
    units,
    parts: parts.length,
    table,
    transposedPanels,
    met: addresses(call, parts, ({ met }) => met),
    dFolded: addresses(call, parts, ({ dFolded }) => dFolded),
    dTables: parts[0]!.dTable && addresses(call, parts, (part) => part.dTable),
    scale: floatBits(scale),
    rows: tableRows,
    dTable,
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
  runJobs(call, 'lstmWordsGradient', GRADIENT_FIELDS, jobs, 'leave');
  const whole = {
    inputs,
    units,
    parts: parts.length,
    ranges: sums.length,
    recurrentPanels: addresses(call, recurrentPanels, (panels) => panels),
    dropped: dropped && addresses(call, parts, ({ dKernel }) => dKernel),
    panels: addresses(call, sums, ({ dPanels }) => dPanels),
    biases: addresses(call, sums, ({ dBias }) => dBias),
  };
  runJobs(call, 'lstmWordsSums', SUMS_FIELDS, [[whole, gradients]], 'leave');
}

/** The address of addresses. */
function addresses<Item>(
  call: KernelCall,
  items: readonly Item[],
  addressOf: (item: Item) => number,
): number {
  const place = call.scratch(4 * items.length);
  const { words } = call.runtime.memory;
  items.forEach((item, i) => {
    words[place / 4 + i] = addressOf(item);
  });
  return place;
}
