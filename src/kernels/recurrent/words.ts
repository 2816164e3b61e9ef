/**
 * The inputs of a recurrent layer behind an embedding while a gradient is recorded, taken by words: what
 * all positions of a word have in common is computed once. Equal to the plain path but for
 * rounding. The backward pass is in words-backward.ts. Sources:
 * assembly/recurrent/number-words.ts and words.ts.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { runDropoutBits } from '../dropout/dropout-jobs.js';
import { type Gathered, gatheredFrom } from '../embedding/gathered.js';
import { JobFields, writeJob } from '../bridge/jobs.js';
import type { Call } from '../bridge/call.js';
import type { CellFacts } from './cell.js';
import { foldTable } from './fold.js';
import { layout } from './layout.js';
import { writeMaskBits } from './sequence-dropout.js';
import { interleaveKernel, packWeights, type Weights } from './weights.js';

// The fields of RecurrentWords in assembly/recurrent/words.ts, in its order.
// biome-ignore format: one line a group
export const WORD_FIELDS = new JobFields([
  'time', 'inputs', 'columns', 'inputColumns', 'different', 'padding', 'firstRow', 'rows', 'goBackwards',
  'words', 'dropped', 'droppedStep', 'table', 'folded', 'kernel', 'paddingSums', 'starts', 'corrected', 'rowsOfKernel',
  'plainKernel', 'dFolded', 'dKernel', 'dPadding', 'dTable', 'met', 'cleared', 'clearedBytes',
]);

// biome-ignore format: one line a group
const NO_BACKWARD = {
  plainKernel: 0, dFolded: 0, dKernel: 0, dPadding: 0, dTable: 0, met: 0, cleared: 0, clearedBytes: 0,
};

const CORRECTED_STEPS = 4; // as in assembly/recurrent/words-correction.ts

/** A batch by words. Addresses are of memory that lives as long as its gradient. */
export interface WordBatch {
  cell: CellFacts;
  source: Gathered;
  time: number;
  inputs: number;
  units: number;
  goBackwards: boolean;
  /** How many different words there are. */
  different: number;
  /** The number of index 0, which is padding; -1 if it does not come. */
  padding: number;
  /** Address of [batch, time]: the number of each word. */
  words: number;
  /** Address of [different]: the row of the table that a number stands for. */
  tableRows: number;
  /** Address of [batch, time, inputs/32] bits, or 0 without dropout. */
  dropped: number;
  /** Bytes of them from one step to the next; 0 where they are [batch, inputs/32]. */
  droppedStep: number;
  /** Address of [different, inputs], scaled as what dropout keeps; written by {@link wordJobs}. */
  table: number;
  /** What dropout multiplies with what it keeps. */
  scale: number;
}

/** Rows of the batch that one thread works on. */
export interface Shard {
  firstRow: number;
  rows: number;
}

/**
 * The batch behind `x` by words; null where x is no rows of a table, or would not be faster so.
 *
 * @param masked What the layer itself drops of x, by the address of its mask [batch, inputs].
 */
export function wordBatch(
  call: Call,
  cell: CellFacts,
  x: tf.TensorInfo,
  units: number,
  goBackwards: boolean,
  masked: { mask: number; rate: number } | null,
  keep: (bytes: number) => number,
): WordBatch | null {
  const source = gatheredFrom(call, x);
  const [batch, time, inputs] = x.shape as [number, number, number];
  // A reshape keeps the data but makes other vectors of it.
  if (!source || source.width !== inputs) return null;
  const { count, dropping } = source;
  if (dropping && masked) return null;
  const rate = (dropping ?? masked)?.rate ?? 0;
  if (!isFaster(0, rate) || (rate > 0 && inputs % 32 !== 0)) return null;

  // None of it depends on the weights, which other threads may be about to change.
  const { exportsBeside: exports, memory } = call.runtime;
  const vocabulary = source.table.shape[0]!;
  const words = keep(4 * count);
  const tableRows = keep(4 * Math.min(count, vocabulary));
  const numbers = call.scratch(4 * vocabulary);
  const indices = source.indices.address;
  const different = exports.numberWords(count, vocabulary, indices, numbers, words, tableRows);
  if (!isFaster(different / count, rate)) return null;

  const bits = dropping ? count * inputs : masked ? batch * inputs : 0;
  const dropped = bits && keep(bits / 8);
  if (dropping) runDropoutBits(call, dropping, bits, dropped);
  if (masked) writeMaskBits(call, masked.mask, bits, dropped);
  const table = keep(4 * different * inputs);
  const scale = 1 / (1 - rate);
  const padding = memory.integers(tableRows, different).indexOf(0);
  source.readers++;
  // biome-ignore format: one line a group
  return {
    cell, source, time, inputs, units, goBackwards, different, padding,
    words, tableRows, dropped, droppedStep: dropping ? inputs / 8 : 0, table, scale,
  };
}

/**
 * The same words, as another layer of the same sizes reads them.
 *
 * @param mask What it drops of x, of the same rate, by the address of its mask [batch, inputs]; or 0.
 */
export function sameWords(
  call: Call,
  words: WordBatch,
  batch: number,
  goBackwards: boolean,
  mask: number,
  keep: (bytes: number) => number,
): WordBatch {
  if (!mask) return { ...words, goBackwards };
  const bits = batch * words.inputs;
  const dropped = keep(bits / 8);
  writeMaskBits(call, mask, bits, dropped);
  return { ...words, goBackwards, dropped };
}

// What is left of the work of the plain path, where words differ and inputs are dropped: what is
// taken out again costs half as much again as it did in its place. Measured with 32 to 256 inputs
// and units, on both binaries; a little is left for what both need besides.
function isFaster(different: number, rate: number): boolean {
  return different + 1.5 * rate < 0.85;
}

/** A job for each shard of a forward pass. */
export function wordJobs(
  call: Call,
  batch: WordBatch,
  weights: Weights,
  shards: readonly Shard[],
): number[] {
  const { cell, inputs, units, different, dropped, table, padding } = batch;
  const from = { source: batch.source.rows.address, rows: batch.tableRows, scale: batch.scale };
  const { columns, folded: row } = layout(cell, inputs, units);
  const packed = packWeights(call, cell, { inputs, units }, weights);
  const folded = call.scratch(different * row);
  foldTable(call, cell, { words: different, inputs, units, table, packed, folded, from });
  const kernel = dropped ? call.scratch(inputs * row) : 0;
  if (dropped) interleaveKernel(call, cell, { inputs, units }, weights, true, kernel);
  const perRow = dropped !== 0 && batch.droppedStep === 0;
  const paddingSums = dropped && !perRow && padding >= 0 ? call.scratch(4 * inputs * row) : 0;
  if (paddingSums) {
    const values = table + 4 * inputs * padding;
    call.runtime.exports.recurrentPaddingSums(inputs, columns, values, kernel, paddingSums);
  }
  return shards.map((shard) => {
    const starts = call.scratch(4 * shard.rows);
    const corrected = perRow ? call.scratch(CORRECTED_STEPS * shard.rows * row) : 0;
    const rowsOfKernel = perRow ? call.scratch(8 * inputs) : 0;
    const forward = { folded, kernel, paddingSums, starts, corrected, rowsOfKernel };
    return writeJob(call, WORD_FIELDS, [shardFields(batch, shard), forward, NO_BACKWARD]);
  });
}

/** What jobs of both directions begin with. */
export function shardFields(batch: WordBatch, { firstRow, rows }: Shard) {
  const { cell, time, inputs, units, different, padding, goBackwards } = batch;
  const { words, dropped, droppedStep, table } = batch;
  const { columns, inputColumns } = layout(cell, inputs, units);
  // biome-ignore format: one line a group
  return {
    time, inputs, columns, inputColumns, different, padding,
    firstRow, rows, goBackwards: Number(goBackwards), words, dropped, droppedStep, table,
  };
}
