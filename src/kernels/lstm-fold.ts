/** The kernel of an LSTM folded into a table of words. Source: assembly/lstm-fold.ts. */
import { ranges, runJobs } from './jobs.js';
import { layout } from './lstm-jobs.js';
import type { Workplace } from './tensors.js';

// The fields of LstmFoldJob in assembly/lstm-fold.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = ['first', 'count', 'inputs', 'units', 'table', 'panels', 'bias', 'folded'] as const;

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
export function foldTable(place: Workplace, { words, ...common }: Fold): void {
  const values = (words * layout(common.inputs, common.units).folded) / 4;
  const shards = ranges(words, place.runtime.threads, values, 1);
  runJobs(place, 'lstmFold', FIELDS, shards, common);
}
