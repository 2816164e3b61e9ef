/** Sampling: every token is drawn from what the model says. */
import { requireKnownOptions } from '../../foundation/option-checks.js';
import { requireSeed, seededRandom } from '../../foundation/random.js';
import { decodeRows } from './decode-rows.js';
import { type DecodingLimits, requireLimits, requireStart } from './decoding-checks.js';
import { DRAW_OPTIONS, type DrawOptions, drawSettings, drawToken } from './draw-token.js';
import type { Decoded, DecodingStart, StepModel } from './step-model.js';

/** How {@link sample} draws, and where it ends. */
export interface SampleOptions extends DecodingLimits, DrawOptions {
  /** A whole number, at least 0, that repeats what is drawn. Default 0. */
  seed?: number | undefined;
}

/**
 * Draws every token from the distribution that the model gives it, after `temperature`, then
 * `topK`, then `topP`.
 *
 * Each row draws numbers of its own: what it writes does not depend on the rows beside it.
 *
 * @param model The model, one step at a time.
 * @param start The first token and the states of each row.
 * @param options Where a row ends, and how tokens are drawn.
 * @returns What each row wrote; its log-probability is that of the model, at temperature 1.
 * @throws RecurrentError for a `temperature` below 0, a `topK` of 0 or beyond the vocabulary, a `topP`
 *   outside (0, 1], and for what {@link greedy} refuses.
 */
export function sample<State>(
  model: StepModel<State>,
  start: DecodingStart<State>,
  options: SampleOptions,
): Decoded[] {
  const where = 'sample';
  requireKnownOptions(where, options, ['maxLength', 'endToken', 'seed', ...DRAW_OPTIONS]);
  requireStart(where, model, start);
  requireLimits(where, options, model.vocabularySize);
  const { seed = 0 } = options;
  requireSeed(where, seed);
  const settings = drawSettings(where, options, model.vocabularySize);
  const randoms = Array.from(start.tokens, (_, row) => seededRandom(seed, row));
  return decodeRows(where, model, start, options, (scores, row) =>
    drawToken(scores, settings, randoms[row]!),
  );
}
