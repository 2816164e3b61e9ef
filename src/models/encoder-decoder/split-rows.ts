import { reject } from '../../foundation/errors.js';
import { permutation } from '../../training/permutation.js';

/** The rows of both parts, of which the second is none without a split; as splitValidation splits. */
export function splitRows(
  where: string,
  count: number,
  { validationSplit, shuffle, seed }: { validationSplit: number; shuffle: boolean; seed: number },
): { train: Int32Array; validation?: Int32Array } {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  if (validationSplit === 0) return { train: order };
  const mixed = shuffle ? permutation(count, seed) : order;
  const first = Math.floor(count * (1 - validationSplit));
  if (first === 0 || first === count) {
    reject({
      where,
      expected: `validationSplit must leave both parts at least one of the ${count} pairs`,
      received: validationSplit,
      see: 'uneven-data',
    });
  }
  return { train: mixed.subarray(0, first), validation: mixed.subarray(first) };
}
