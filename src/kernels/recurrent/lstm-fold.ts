/** The kernel of an LSTM folded into a table of words. Source: assembly/recurrent/lstm-fold.ts. */
import { floatBits, JobFields, ranges, runJobs } from '../bridge/jobs.js';
import { layout } from './lstm-jobs.js';
import type { Workplace } from '../bridge/tensors.js';

// The fields of LstmFoldJob in assembly/recurrent/lstm-fold.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'first', 'count', 'inputs', 'units', 'table', 'panels', 'bias', 'folded', 'source', 'rows', 'scale',
]);

/** What is folded; addresses, of weights that lstmPack has packed. */
export interface Fold {
  /** Rows of the table. */
  words: number;
  inputs: number;
  units: number;
  /** [words, inputs] */
  table: number;
  panels: number;
  bias: number;
  /** Out: [words, 4·paddedUnits] */
  folded: number;
  /** What the table is made of, if it is not there yet. */
  from?: { source: number; rows: number; scale: number };
}

/** folded = table·W + b. */
export function foldTable(place: Workplace, fold: Fold): void {
  const { words, inputs, units, table, panels, bias, folded, from } = fold;
  const values = (words * layout(inputs, units).folded) / 4;
  const { source = 0, rows = 0, scale = 1 } = from ?? {};
  const made = { source, rows, scale: floatBits(scale) };
  const common = { inputs, units, table, panels, bias, folded, ...made };
  const shards = ranges(words, place.runtime.threads, values, 1);
  const jobs = shards.map((shard) => [shard, common] as const);
  runJobs(place, 'lstmFold', FIELDS, jobs);
}
