/** Values of two tensors into one. Source: assembly/merging/merge.ts. */
import { floatBits, JobFields, ranges, runJobs } from '../bridge/jobs.js';
import type { Workplace } from '../bridge/call.js';

// The fields of MergeJob there, in its order.
const FIELDS = new JobFields(['first', 'count', 'a', 'b', 'out', 'product', 'scale']);

/** How two outputs are merged value by value. */
export type Merge = 'sum' | 'ave' | 'mul';

/**
 * out = a + b, their mean or their product, of so many values; addresses.
 *
 * @param b 0 for nothing.
 * @param out May be a or b.
 * @param scale What comes out is multiplied with.
 */
export function merge(
  place: Workplace,
  mode: Merge,
  count: number,
  a: number,
  b: number,
  out: number,
  scale = scaleOf(mode),
): void {
  const common = { a, b, out, product: Number(mode === 'mul'), scale: floatBits(scale) };
  const jobs = ranges(count, place.runtime.threads, count, 4).map((own) => [own, common] as const);
  runJobs(place, 'mergeValues', FIELDS, jobs, 'begin');
}

/** What the sum of a mode is multiplied with. */
export function scaleOf(mode: Merge): number {
  return mode === 'ave' ? 0.5 : 1;
}
