/** Series for tests. */
import { seededRandom } from '../../../src/foundation/random.js';

/** A season of `period` steps, a trend, and noise, from a seed. */
export function seasonal(
  length: number,
  { period = 12, trend = 0, noise = 0.05, level = 0, seed = 1 } = {},
): number[] {
  const random = seededRandom(seed);
  return Array.from(
    { length },
    (_, time) =>
      level + Math.sin((2 * Math.PI * time) / period) + trend * time + noise * gaussian(random),
  );
}

/** Normally distributed. */
export function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Options for a forecaster that is trained in a moment. */
export const SMALL = { window: 6, horizon: 2, units: 4, epochs: 1, seed: 1 };
