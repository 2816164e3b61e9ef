/** How one token is drawn from the scores of a step: temperature, top-k, top-p. */
import { reject } from '../../foundation/errors.js';
import { requireInteger } from '../../foundation/option-checks.js';
import type { Random } from '../../foundation/random.js';
import { likeliest } from './greedy.js';
import { largest } from './largest.js';

/** What is left of a distribution before a token is drawn from it. */
export interface DrawOptions {
  /** Divides the log-probabilities: below 1 the likely becomes likelier; 0 takes the likeliest. Default 1. */
  temperature?: number | undefined;
  /** Only the `topK` likeliest tokens may be drawn. Default: all. */
  topK?: number | undefined;
  /**
   * Only the likeliest tokens that together have at least this probability may be drawn, after
   * `temperature` and `topK`. Default 1: all.
   *
   * Source: A. Holtzman et al., "The curious case of neural text degeneration", 2020.
   */
  topP?: number | undefined;
}

/** The settings of {@link DrawOptions}, checked and filled in. */
export interface DrawSettings {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
}

export const DRAW_OPTIONS = ['temperature', 'topK', 'topP'] as const;

/** Checks how tokens are drawn, and fills in what was left out. */
export function drawSettings(
  where: string,
  options: DrawOptions,
  vocabularySize: number,
): DrawSettings {
  const { temperature = 1, topK = vocabularySize, topP = 1 } = options;
  if (!(typeof temperature === 'number' && temperature >= 0 && Number.isFinite(temperature))) {
    reject({
      where,
      expected: 'temperature must be a number of at least 0',
      received: temperature,
      remedy: '0 takes the likeliest token, 1 draws as the model says.',
    });
  }
  requireInteger(where, 'topK', topK, 1, 'Leave it out to draw from all tokens.');
  if (topK > vocabularySize) {
    reject({
      where,
      expected: `topK must be at most ${vocabularySize}, the size of the vocabulary`,
      received: topK,
      remedy: 'Leave it out to draw from all tokens.',
    });
  }
  if (!(typeof topP === 'number' && topP > 0 && topP <= 1)) {
    reject({
      where,
      expected: 'topP must be a number above 0 and at most 1',
      received: topP,
      remedy: 'Leave it out to draw from all tokens.',
    });
  }
  return { temperature, topK, topP };
}

/** Draws a token from log-probabilities [vocabularySize], not all of them −∞. */
export function drawToken(scores: Float32Array, settings: DrawSettings, random: Random): number {
  const { temperature, topK, topP } = settings;
  const best = likeliest(scores);
  if (temperature === 0 || topK === 1) return best;
  const weights = new Float64Array(scores.length);
  const most = scores[best]!;
  for (let token = 0; token < scores.length; token++) {
    weights[token] = Math.exp((scores[token]! - most) / temperature);
  }
  if (topK === scores.length && topP === 1) return drawFrom(weights, undefined, random);
  return drawFrom(weights, nucleus(weights, topK, topP), random);
}

/** The likeliest tokens, best first: at most `topK`, and no more than it takes to have `topP` of their weight. */
function nucleus(weights: Float64Array, topK: number, topP: number): Int32Array {
  const kept = topK < weights.length ? largest(weights, topK) : worthSorting(weights, topP);
  if (topP === 1) return kept;
  // Where topK leaves all, so does its sum: tokens that are not worth sorting count in it.
  const whole = topK < weights.length ? sumOf(kept, weights) : weights.reduce((a, b) => a + b, 0);
  let sum = 0;
  for (let count = 0; count < kept.length; count++) {
    sum += weights[kept[count]!]!;
    if (sum >= topP * whole) return kept.subarray(0, count + 1);
  }
  return kept;
}

/**
 * The tokens, best first, that can be in a nucleus. All those below (1 − topP)/n of the whole have
 * less than 1 − topP of it together, so that the nucleus is reached before the first of them.
 */
function worthSorting(weights: Float64Array, topP: number): Int32Array {
  const least = ((1 - topP) / weights.length) * weights.reduce((a, b) => a + b, 0);
  const places: number[] = [];
  for (let token = 0; token < weights.length; token++) {
    if (weights[token]! >= least) places.push(token);
  }
  return Int32Array.from(places.sort((a, b) => weights[b]! - weights[a]! || a - b));
}

function sumOf(places: Int32Array, weights: Float64Array): number {
  let sum = 0;
  for (const place of places) sum += weights[place]!;
  return sum;
}

/** Draws one of the places in proportion to its weight; of all places when none are named. */
function drawFrom(weights: Float64Array, places: Int32Array | undefined, random: Random): number {
  const count = places?.length ?? weights.length;
  let sum = 0;
  for (let at = 0; at < count; at++) sum += weights[places ? places[at]! : at]!;
  let left = random() * sum;
  let last = 0;
  for (let at = 0; at < count; at++) {
    const place = places ? places[at]! : at;
    const weight = weights[place]!;
    if (weight === 0) continue;
    if (left < weight) return place;
    left -= weight;
    last = place; // where rounding leaves something over
  }
  return last;
}
