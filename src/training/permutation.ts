import { reject } from '../foundation/errors.js';
import { requireSeed, seededRandom, shuffleInPlace } from '../foundation/random.js';

/**
 * A random order of 0, 1, …, length − 1 that depends on nothing but the arguments.
 *
 * Fisher and Yates' shuffle (R. Durstenfeld, "Algorithm 235", 1964) over
 * xoshiro128**. {@link fitWithSeed} goes through its samples in the order
 * `permutation(samples, seed, epoch)`.
 *
 * @param length How many indices; 0 gives an empty order.
 * @param seed A whole number from 0 to 2⁵³ − 1; 0 when left out.
 * @param epoch Tells the orders of one seed apart; 0 when left out.
 * @throws RecurrentError when `length`, `seed` or `epoch` is not such a number.
 *
 * @example
 * ```ts
 * import { permutation } from 'tfjs-recurrent';
 *
 * console.log(permutation(6, 1).join(' '));
 * // 2 1 5 3 0 4
 * console.log(permutation(6, 1, 1).join(' '));
 * // 5 0 4 2 3 1
 * ```
 */
export function permutation(length: number, seed = 0, epoch = 0): Int32Array {
  if (!Number.isInteger(length) || length < 0 || length >= 2 ** 31) {
    reject({
      where: 'permutation',
      expected: 'length must be a whole number from 0 to 2147483647',
      received: length,
    });
  }
  requireSeed('permutation', seed);
  if (!Number.isSafeInteger(epoch) || epoch < 0) {
    reject({
      where: 'permutation',
      expected: 'epoch must be a whole number, at least 0',
      received: epoch,
    });
  }
  const order = Int32Array.from({ length }, (_, index) => index);
  shuffleInPlace(order, seededRandom(seed, epoch));
  return order;
}

/**
 * A copy of a list in the random order {@link permutation} gives it.
 *
 * @param list Any list; it is left as it is.
 * @param seed A whole number from 0 to 2⁵³ − 1; 0 when left out.
 * @throws RecurrentError when `list` is not an array or `seed` not such a number.
 *
 * @example
 * ```ts
 * import { shuffled } from 'tfjs-recurrent';
 *
 * console.log(shuffled(['good', 'bad', 'fine', 'dull'], 1).join(' '));
 * // fine bad good dull
 * ```
 */
export function shuffled<T>(list: readonly T[], seed = 0): T[] {
  if (!Array.isArray(list)) {
    reject({ where: 'shuffled', expected: 'list must be an array', received: list });
  }
  requireSeed('shuffled', seed);
  return Array.from(permutation(list.length, seed), (index) => list[index] as T);
}
