/** Sums of l1·|x| + l2·x² over blocks of tensors, for a kernel that reads them. Source: assembly/merging/sums.ts. */
import { sizeOf, type Workplace } from '../bridge/call.js';
import { floatBits, JobFields, leaveJobs } from '../bridge/jobs.js';

// The fields of SumJob there, in its order.
const FIELDS = new JobFields(['first', 'count', 'values', 'l1', 'l2', 'sum']);

// Of values: always the same ones, so that the sum of all is the same to the bit on any number of threads.
const BLOCK = 65_536;
/** Of a sum. */
export const SUM_BYTES = 8;

/** Some values of a tensor. */
export interface Block {
  first: number;
  count: number;
  /** Where the tensor is. */
  values: number;
}

/** The blocks of a tensor of a shape; none where it is empty. */
export function blocksOf(shape: readonly number[], values: number): Block[] {
  const size = sizeOf(shape);
  return Array.from({ length: Math.ceil(size / BLOCK) }, (_, i) => ({
    ...{ first: i * BLOCK, values },
    count: Math.min(BLOCK, size - i * BLOCK),
  }));
}

/**
 * Leaves the sums of blocks to be computed.
 *
 * @param isShared As {@link leaveJobs} takes it.
 * @returns The address of the first; each is a double.
 */
export function sumBlocks(
  place: Workplace,
  blocks: readonly Block[],
  { l1, l2 }: { l1: number; l2: number },
  isShared: boolean,
): number {
  const sums = place.scratch(SUM_BYTES * Math.max(1, blocks.length));
  const powers = { l1: floatBits(l1), l2: floatBits(l2) };
  const jobs = blocks.map((block, i) => [block, powers, { sum: sums + SUM_BYTES * i }] as const);
  leaveJobs(place, 'blockSum', FIELDS, jobs, isShared);
  return sums;
}
