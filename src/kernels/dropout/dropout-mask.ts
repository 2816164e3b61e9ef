/**
 * The mask of assembly/dropout/dropout.ts in JavaScript: the same draws from the same
 * seed, for backends without the fused kernel. xoshiro128+ (Blackman & Vigna
 * 2018) in four lanes, a generator a block of 4,096 values, seeded by the 32-bit
 * finalizer of MurmurHash3.
 */
import { mix32 as mix } from '../../foundation/random.js';

/** Values that share a generator. */
export const DROPOUT_BLOCK = 4096;
const LANES = 4;

/** The draw from which a value is kept: signed 32-bit draws below it are dropped. */
export function dropoutThreshold(rate: number): number {
  return Math.min(Math.round(rate * 2 ** 32) - 2 ** 31, 2 ** 31 - 1);
}

/**
 * Draws a mask.
 *
 * @param count How many values.
 * @param rate The fraction that is dropped, in [0, 1).
 * @param seed 32-bit integer.
 * @returns 0 where a value is dropped, 1 / (1 - rate) where it is kept.
 */
export function dropoutMask(count: number, rate: number, seed: number): Float32Array {
  const mask = new Float32Array(count);
  const scale = 1 / (1 - rate);
  const threshold = dropoutThreshold(rate);
  for (let block = 0; block * DROPOUT_BLOCK < count; block++) {
    const end = Math.min(count, (block + 1) * DROPOUT_BLOCK);
    for (let lane = 0; lane < LANES; lane++) {
      let [s0, s1, s2, s3] = laneState(seed, block, lane);
      for (let at = block * DROPOUT_BLOCK + lane; at < end; at += LANES) {
        if (((s0 + s3) | 0) >= threshold) mask[at] = scale;
        const t = s1 << 9;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = (s3 << 11) | (s3 >>> 21);
      }
    }
  }
  return mask;
}

function laneState(
  seed: number,
  block: number,
  lane: number,
): [s0: number, s1: number, s2: number, s3: number] {
  const base = mix(seed ^ mix(block));
  return [mix(base + lane), mix(base + 4 + lane), mix(base + 8 + lane), mix(base + 12 + lane)];
}
