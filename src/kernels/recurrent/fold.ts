/** The kernel of a recurrent layer folded into a table of words. Source: assembly/recurrent/fold.ts. */
import { floatBits, JobFields, ranges, runJobs } from '../bridge/jobs.js';
import type { Workplace } from '../bridge/call.js';
import type { CellFacts } from './cell.js';
import { layout } from './layout.js';
import type { Packed } from './weights.js';

// The fields of FoldJob there, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'first', 'count', 'inputs', 'columns', 'inputColumns', 'table', 'panels', 'panelBytes', 'bias', 'folded',
  'source', 'rows', 'scale',
]);

/** What is folded; addresses. */
export interface Fold {
  /** Rows of the table. */
  words: number;
  inputs: number;
  units: number;
  /** [words, inputs] */
  table: number;
  /** The weights. */
  packed: Packed;
  /** Out: [words, columns] */
  folded: number;
  /** What the table is made of, if it is not there yet. */
  from?: { source: number; rows: number; scale: number };
}

/** folded = table·W + b. */
export function foldTable(place: Workplace, cell: CellFacts, fold: Fold): void {
  const { words, inputs, units, table, packed, folded, from } = fold;
  const { columns, inputColumns, panelBytes } = layout(cell, inputs, units);
  const { source = 0, rows = 0, scale = 1 } = from ?? {};
  const made = { source, rows, scale: floatBits(scale) };
  const common = { inputs, columns, inputColumns, table, panelBytes, folded, ...packed, ...made };
  const shards = ranges(words, place.runtime.threads, words * columns, 1);
  const jobs = shards.map((shard) => [shard, common] as const);
  runJobs(place, 'recurrentFold', FIELDS, jobs);
}
