/**
 * Random numbers that a seed repeats. Math.random, which TensorFlow.js shuffles
 * with, takes no seed.
 */
import { reject } from './errors.js';

/** Draws the next number from 0 (included) to 1 (excluded), with 53 random bits. */
export type Random = () => number;

const GOLDEN_RATIO = 0x9e3779b9;

/**
 * The generator xoshiro128** 1.1 from a given state, as 32-bit words.
 *
 * Source: D. Blackman and S. Vigna, "Scrambled linear pseudorandom number
 * generators", 2018; reference code in the public domain, prng.di.unimi.it.
 *
 * @param state Four 32-bit words, not all zero; changed by every draw.
 * @returns A function that draws the next unsigned 32-bit integer.
 */
export function xoshiro128(state: Uint32Array): () => number {
  return () => {
    const [a = 0, b = 0, c = 0, d = 0] = state;
    const drawn = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const third = c ^ a;
    const fourth = d ^ b;
    state[0] = a ^ fourth;
    state[1] = b ^ third;
    state[2] = third ^ (b << 9);
    state[3] = rotateLeft(fourth, 11);
    return drawn;
  };
}

/**
 * A generator whose numbers follow from the given seeds alone.
 *
 * The state of xoshiro128** is filled by a 32-bit SplitMix (G. Steele, D. Lea
 * and C. Flood, "Fast splittable pseudorandom number generators", 2014, with the
 * finalizer of A. Appleby's MurmurHash3), so that near seeds share nothing.
 *
 * @param seeds Whole numbers from 0 to 2⁵³ − 1: a seed, then what tells its streams apart.
 */
export function seededRandom(...seeds: readonly number[]): Random {
  let hash = 0;
  for (const seed of seeds) {
    hash = mix32(hash ^ mix32((seed + GOLDEN_RATIO) | 0));
    hash = mix32(hash ^ Math.floor(seed / 2 ** 32));
  }
  const state = new Uint32Array(4);
  for (let word = 0; word < 4; word++) {
    hash = (hash + GOLDEN_RATIO) | 0;
    state[word] = mix32(hash);
  }
  const next = xoshiro128(state);
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}

/** Shuffles a list where it is: Fisher and Yates, as R. Durstenfeld wrote it (Algorithm 235, 1964). */
export function shuffleInPlace(list: unknown[] | Int32Array, random: Random): void {
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const moved = list[last];
    list[last] = list[other] as never;
    list[other] = moved as never;
  }
}

/** Throws unless `seed` is a whole number that a double holds exactly. */
export function requireSeed(where: string, seed: unknown): asserts seed is number {
  if (Number.isSafeInteger(seed) && (seed as number) >= 0) return;
  reject({
    where,
    expected: 'seed must be a whole number from 0 to 9007199254740991',
    received: seed,
    remedy: 'Leave it out for 0.',
  });
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** The 32-bit finalizer of MurmurHash3: every bit of the result depends on every bit of the word. */
export function mix32(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
