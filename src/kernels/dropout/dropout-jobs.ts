/** How assembly/dropout/dropout.ts is set to work: on values, on rows of a table, or for the mask alone. */
import { DROPOUT_BLOCK, dropoutThreshold } from './dropout-mask.js';
import { floatBits, JobFields, ranges, runJobs } from '../bridge/jobs.js';
import type { Workplace } from '../bridge/call.js';

/** A dropout that is being applied. */
export interface Dropping {
  /** The fraction that is dropped: in (0, 1), or, for the masks of recurrent layers, in (0, 1]. */
  rate: number;
  /** 32-bit integer. */
  seed: number;
}

/** Values, or rows of a table: addresses. */
export type DropoutValues = { x: number } | { table: number; indices: number; width: number };

// The fields of DropoutJob in assembly/dropout/dropout.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'first', 'count', 'seed', 'threshold', 'scale', 'x', 'indices', 'width', 'out',
]);

/** Whether rows of this width can be read where the table has them. */
export function dropsRows(width: number): boolean {
  // A block of the mask begins with a row and holds whole vectors of it.
  return width % 4 === 0 && DROPOUT_BLOCK % width === 0;
}

/** out[count] = the values that are kept, scaled, and zeros; it may be where the values are. */
export function runDropout(
  place: Workplace,
  dropping: Dropping,
  count: number,
  values: DropoutValues,
  out: number,
): void {
  const addresses =
    'table' in values
      ? { x: values.table, indices: values.indices, width: values.width, out }
      : { x: values.x, indices: 0, width: DROPOUT_BLOCK, out };
  run(place, 'dropout', dropping, count, addresses);
}

/**
 * out = a bit for each of `count` values, 1 where it is dropped; whole words of 32. Beside what other
 * kernels do, so `out` must be new.
 */
export function runDropoutBits(
  place: Workplace,
  dropping: Dropping,
  count: number,
  out: number,
): void {
  const addresses = { x: 0, indices: 0, width: DROPOUT_BLOCK, out };
  run(place, 'dropoutBits', dropping, count, addresses, 'runBeside');
}

function run(
  place: Workplace,
  kernel: 'dropout' | 'dropoutBits',
  { rate, seed }: Dropping,
  count: number,
  addresses: { x: number; indices: number; width: number; out: number },
  how: 'begin' | 'runBeside' = 'begin',
): void {
  const common = {
    seed,
    threshold: dropoutThreshold(rate),
    scale: floatBits(1 / (1 - rate)),
  };
  const shards = ranges(count, place.runtime.threads, count, DROPOUT_BLOCK);
  const jobs = shards.map((shard) => [shard, common, addresses] as const);
  runJobs(place, kernel, FIELDS, jobs, how);
}
