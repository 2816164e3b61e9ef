/** How the samples of a batch are shared between threads by the kernels of attention. */
import { ranges } from '../bridge/jobs.js';

// A multiplication costs about an eighth of a value that `ranges` counts.
const PRODUCTS = 8;

/** Even ranges of samples, some for each thread that is worth waking. */
export function sampleRanges(
  batch: number,
  threads: number,
  products: number,
): { first: number; count: number }[] {
  return ranges(batch, threads, products / PRODUCTS, 1);
}

export const roundUp = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;
