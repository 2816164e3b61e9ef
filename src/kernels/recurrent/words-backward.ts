/**
 * The backward pass of a recurrent layer whose inputs are taken by words. Sources:
 * assembly/recurrent/words-backward.ts and words-gradient.ts.
 */
import { floatBits, JobFields, ranges, runJobs, writeJob } from '../bridge/jobs.js';
import type { Workplace } from '../bridge/call.js';
import type { KernelCall } from '../bridge/tensors.js';
import { layout } from './layout.js';
import { interleaveKernel, transposeWeights, type WeightGradients } from './weights.js';
import { type Shard, shardFields, WORD_FIELDS, type WordBatch } from './words.js';

// The fields of WordsGradientJob in assembly/recurrent/words-gradient.ts, in its order.
// biome-ignore format: one line a group
const GRADIENT_FIELDS = new JobFields([
  'first', 'count', 'inputs', 'columns', 'inputColumns', 'parts', 'met', 'dFolded', 'dTables', 'table',
  'transposedInputs', 'scale', 'rows', 'products', 'padded', 'copy', 'dPanels', 'dBias', 'dTable',
]);

// The fields of WordsSumsJob there, in its order.
// biome-ignore format: one line a group
const SUMS_FIELDS = new JobFields([
  'cell', 'inputs', 'units', 'parts', 'ranges', 'recurrentPanels', 'dropped', 'panels', 'biases',
  'dRecurrentKernel', 'dKernel', 'dBias', 'dVectors',
]);

const WORDS_TOGETHER = 64; // as in assembly/recurrent/words-gradient.ts

/** The weights that meet the inputs, as a backward pass reads them; addresses. */
export interface InputWeights {
  /** [inputs, columns] */
  plainKernel: number;
  /** packed [columns of x] → [inputs, padded to 8] */
  transposedInputs: number;
}

/** Where one shard sums up, and what it clears; addresses, 0 for what is not wanted. */
export interface WordSums {
  /** [different words] bytes: whether the shard has the word, and so a sum of it */
  met: number;
  /** [different words, columns] */
  dFolded: number;
  /** [inputs, columns] */
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

// biome-ignore format: one line a group
const NO_FORWARD = {
  folded: 0, kernel: 0, paddingSums: 0, starts: 0, corrected: 0, rowsOfKernel: 0,
};

const padded = (inputs: number, multiple: number) => multiple * Math.ceil(inputs / multiple);

/** Prepares the kernel, whose address is given. */
export function inputWeights(
  call: KernelCall,
  { cell, inputs, units }: WordBatch,
  kernel: number,
  keep: (bytes: number) => number,
): InputWeights {
  const sizes = { inputs, units };
  const bytes = layout(cell, inputs, units);
  const plainKernel = keep(inputs * bytes.folded);
  interleaveKernel(call, cell, sizes, { kernel, setting: 0 }, false, plainKernel);
  const transposedInputs = keep(bytes.transposedInputs);
  const panels = { inputPanels: transposedInputs, statePanels: 0 };
  transposeWeights(call, cell, sizes, { kernel, recurrentKernel: 0 }, panels);
  return { plainKernel, transposedInputs };
}

/**
 * Room for the sums of one of the shards.
 *
 * @param table The address of the gradient of the table, or 0.
 * @param clears Whether the shard clears its share of the table.
 */
export function wordSums(
  call: KernelCall,
  batch: WordBatch,
  table: number,
  shard: number,
  shards: number,
  clears: boolean,
): WordSums {
  const { cell, inputs, units, different, dropped, source } = batch;
  const { folded: row } = layout(cell, inputs, units);
  const vocabulary = source.table.shape[0]!;
  const [first, end] = [shard, shard + 1].map((i) => Math.floor((vocabulary * i) / shards));
  return {
    met: call.scratch(different),
    dFolded: call.scratch(different * row),
    dKernel: dropped ? call.scratch(inputs * row) : 0,
    dTable: table && dropped ? call.scratch(4 * different * inputs) : 0,
    cleared: clears ? table && table + 4 * inputs * first! : 0,
    clearedBytes: clears ? table && 4 * inputs * (end! - first!) : 0,
  };
}

/** A job for one shard of a backward pass. */
export function wordBackwardJob(
  place: Workplace,
  batch: WordBatch,
  shard: Shard,
  { plainKernel }: InputWeights,
  sums: WordSums,
): number {
  const { cell, inputs, units, dropped } = batch;
  const own = {
    plainKernel,
    dPadding: dropped ? place.scratch(inputs * layout(cell, inputs, units).folded) : 0,
  };
  return writeJob(place, WORD_FIELDS, [shardFields(batch, shard), NO_FORWARD, sums, own]);
}

/** Addresses of the gradients, and of what the shards have summed for that of the recurrent kernel. */
interface WordGradients extends WeightGradients {
  /** one for each shard, packed */
  recurrentPanels: readonly number[];
  /** to which this is added, or 0 */
  dTable: number;
}

/**
 * From what the shards have summed up to the gradients, which is left to other threads.
 *
 * @returns The address of a job of the kernel recurrentWordsSums, which is still to run.
 */
export function wordGradients(
  call: KernelCall,
  batch: WordBatch,
  { transposedInputs }: InputWeights,
  parts: readonly WordSums[],
  { recurrentPanels, dTable, ...gradients }: WordGradients,
): number {
  const { cell, inputs, units, different, dropped, table, tableRows, scale } = batch;
  const { threads } = call.runtime;
  const bytes = layout(cell, inputs, units);
  const { columns, inputColumns } = bytes;
  const depth = padded(inputs, 4);
  const common = {
    inputs,
    columns,
    inputColumns,
    parts: parts.length,
    table,
    transposedInputs,
    met: addresses(call, parts, ({ met }) => met),
    dFolded: addresses(call, parts, ({ dFolded }) => dFolded),
    dTables: parts[0]!.dTable && addresses(call, parts, (part) => part.dTable),
    scale: floatBits(scale),
    rows: tableRows,
    dTable,
  };
  const sums = ranges(different, threads, different * columns, 1).map(({ first, count }) => ({
    first,
    count,
    products: call.scratch(WORDS_TOGETHER * bytes.wideInputs),
    padded: call.scratch(4 * WORDS_TOGETHER * depth),
    copy: call.scratch(64 * WORDS_TOGETHER),
    dPanels: call.scratch(4 * inputColumns * depth),
    dBias: call.scratch(bytes.packedBias),
  }));
  const jobs = sums.map((own) => [own, common] as const);
  runJobs(call, 'recurrentWordsGradient', GRADIENT_FIELDS, jobs, 'leave');
  const whole = {
    cell: cell.number,
    inputs,
    units,
    parts: parts.length,
    ranges: sums.length,
    recurrentPanels: addresses(call, recurrentPanels, (panels) => panels),
    dropped: dropped && addresses(call, parts, ({ dKernel }) => dKernel),
    panels: addresses(call, sums, ({ dPanels }) => dPanels),
    biases: addresses(call, sums, ({ dBias }) => dBias),
  };
  return writeJob(call, SUMS_FIELDS, [whole, gradients]);
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
