/**
 * Dropout inside a recurrent layer: one mask for the inputs and one for the state, the same at every
 * step of a sequence, as Keras has it (Gal & Ghahramani 2016).
 */
import type { Workplace } from '../bridge/call.js';
import type { Dropping } from '../dropout/dropout-jobs.js';
import { dropoutMask } from '../dropout/dropout-mask.js';

/** What multiplies each of `count` values: 0, or the factor that makes up for it. */
export function sequenceMask(count: number, rate: number, seed: number): Float32Array {
  return rate >= 1 ? new Float32Array(count) : dropoutMask(count, rate, seed);
}

/**
 * Writes a mask for rows of `width` values, `stride` apart, zeros between them.
 *
 * @returns Its address.
 */
export function writeMask(
  { runtime: { memory } }: Workplace,
  { rate, seed }: Dropping,
  rows: number,
  width: number,
  stride: number,
  allocate: (bytes: number) => number,
): number {
  const mask = sequenceMask(rows * width, rate, seed);
  const address = allocate(4 * rows * stride);
  const to = memory.floats(address, rows * stride);
  if (stride === width) to.set(mask);
  else {
    to.fill(0);
    for (let row = 0; row < rows; row++) {
      to.set(mask.subarray(row * width, (row + 1) * width), row * stride);
    }
  }
  return address;
}

/** Writes a bit for each value of a mask of whole words of 32, 1 where it is 0. */
export function writeMaskBits(
  { runtime: { memory } }: Workplace,
  mask: number,
  count: number,
  address: number,
): void {
  const values = memory.floats(mask, count);
  const bits = memory.integers(address, count / 32).fill(0);
  for (let i = 0; i < count; i++) if (values[i] === 0) bits[i >> 5]! |= 1 << (i & 31);
}
