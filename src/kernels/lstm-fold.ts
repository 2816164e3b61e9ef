/** The kernel of an LSTM folded into a table of words. Source: assembly/lstm-fold.ts. */
import { JobFields, ranges, runJobs } from './jobs.js';
import { layout } from './lstm-jobs.js';
import type { Workplace } from './tensors.js';

// The fields of LstmFoldJob in assembly/lstm-fold.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'first', 'count', 'inputs', 'units', 'table', 'panels', 'bias', 'folded',
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
}

/** folded = table·W + b. */
export function foldTable(place: Workplace, fold: Fold): void {
  const { words, inputs, units, table, panels, bias, folded } = fold;
  const values = (words * layout(inputs, units).folded) / 4;
  const common = { inputs, units, table, panels, bias, folded };
  const shards = ranges(words, place.runtime.threads, values, 1);
  const jobs = shards.map((shard) => [shard, common] as const);
  runJobs(place, 'lstmFold', FIELDS, jobs);
}
