/**
 * Classes drawn for a sampled softmax, as `log_uniform_candidate_sampler` of TensorFlow draws them: class k
 * with the probability log((k + 2) / (k + 1)) / log(classes + 1), about that of the k-th most frequent word
 * of a language, and no class twice.
 */
import { seededRandom } from '../../foundation/random.js';

/** Classes that stand for all that are wrong. */
export interface Candidates {
  /** How many classes there are. */
  classes: number;
  /** Those that were drawn. */
  ids: Int32Array;
  /** How often one was drawn until so many different ones were there. */
  tries: number;
}

/** @param count How many, less than there are. */
export function drawCandidates(classes: number, count: number, seed: number): Candidates {
  const random = seededRandom(seed >>> 0);
  const range = Math.log1p(classes);
  const drawn = new Set<number>();
  let tries = 0;
  while (drawn.size < count) {
    drawn.add((Math.floor(Math.exp(random() * range)) - 1) % classes);
    tries++;
  }
  return { classes, ids: Int32Array.from(drawn), tries };
}

/** The logarithm of how often a class is expected among so many tries, at most once. */
export function logExpected(id: number, { classes, tries }: Omit<Candidates, 'ids'>): number {
  const probability = Math.log1p(1 / (id + 1)) / Math.log1p(classes);
  return Math.log(-Math.expm1(tries * Math.log1p(-probability)));
}
