/** Where samples are split into those to train on and those to validate on. */
import { reject } from '../foundation/errors.js';

/**
 * The number of samples to train on, `floor(samples · (1 − validationSplit))` as in Keras.
 *
 * @throws RecurrentError when nothing is left for one of the parts.
 */
export function splitPlace(
  where: string,
  { count, name }: { count: number; name: string },
  validationSplit: number,
  remedy: string,
): number {
  const place = Math.floor(count * (1 - validationSplit));
  if (place > 0 && place < count) return place;
  return reject({
    where,
    expected: `validationSplit ${validationSplit} of ${count} ${name}${count === 1 ? '' : 's'} leaves the ${
      place === 0 ? 'training' : 'validation'
    } part empty`,
    remedy,
    see: 'uneven-data',
  });
}
