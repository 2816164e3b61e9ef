/** Greedy decoding: the likeliest token, every time. */
import { requireKnownOptions } from '../../foundation/option-checks.js';
import { decodeRows } from './decode-rows.js';
import { type DecodingLimits, requireLimits, requireStart } from './decoding-checks.js';
import type { Decoded, DecodingStart, StepModel } from './step-model.js';

/**
 * Writes the likeliest token at every step; of equally likely ones, the one with the lowest index.
 *
 * @param model The model, one step at a time.
 * @param start The first token and the states of each row.
 * @param options `maxLength`, the greatest number of tokens, and `endToken`, which ends a row.
 * @returns What each row wrote. A row that has ended takes no part in the steps that follow.
 * @throws RecurrentError for a `maxLength` below 1, for tokens beyond the vocabulary, and for scores
 *   that are no log-probabilities.
 */
export function greedy<State>(
  model: StepModel<State>,
  start: DecodingStart<State>,
  options: DecodingLimits,
): Decoded[] {
  const where = 'greedy';
  requireKnownOptions(where, options, ['maxLength', 'endToken']);
  requireStart(where, model, start);
  requireLimits(where, options, model.vocabularySize);
  return decodeRows(where, model, start, options, likeliest);
}

/** The token with the highest score, the first of equals. */
export function likeliest(scores: ArrayLike<number>): number {
  let best = 0;
  for (let token = 1; token < scores.length; token++) {
    if (scores[token]! > scores[best]!) best = token;
  }
  return best;
}
