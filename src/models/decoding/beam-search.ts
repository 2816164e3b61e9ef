/** Beam search: the best of several hypotheses that are written side by side. */
import { reject } from '../../foundation/errors.js';
import { requireInteger, requireKnownOptions } from '../../foundation/option-checks.js';
import {
  type DecodingLimits,
  requireLimits,
  requireScores,
  requireStart,
} from './decoding-checks.js';
import { largest } from './largest.js';
import type { Decoded, DecodingStart, StepModel } from './step-model.js';

/** How wide {@link beamSearch} searches, and how it compares what differs in length. */
export interface BeamSearchOptions extends DecodingLimits {
  /** The number of hypotheses that each row keeps. Default 4. */
  beams?: number | undefined;
  /**
   * The exponent α of the length penalty; 0 compares sums of log-probabilities, which favours short
   * hypotheses. Default 0.6.
   */
  lengthPenalty?: number | undefined;
}

/** The best hypothesis of a row. */
export interface BeamDecoded extends Decoded {
  /** Its log-probability divided by its length penalty: what hypotheses are compared by. */
  readonly score: number;
}

/**
 * Finds a likely sequence of tokens for each row: it keeps the `beams` likeliest hypotheses of every
 * length, and gives the one with the best score among those that ended or reached `maxLength`.
 *
 * The score is log P(Y) / lp(Y) with lp(Y) = ((5 + |Y|) / 6)^α, where |Y| counts the end token.
 * Source: Y. Wu et al., "Google's neural machine translation system", 2016, equation 14.
 *
 * One beam without length penalty gives what {@link greedy} gives. A row stops when none of its
 * hypotheses can still beat its best.
 *
 * @param model The model, one step at a time.
 * @param start The first token and the states of each row.
 * @param options Where a row ends, `beams` and `lengthPenalty`.
 * @throws RecurrentError for `beams` below 1, a `lengthPenalty` below 0, and for what {@link greedy} refuses.
 */
export function beamSearch<State>(
  model: StepModel<State>,
  start: DecodingStart<State>,
  options: BeamSearchOptions,
): BeamDecoded[] {
  const where = 'beamSearch';
  requireKnownOptions(where, options, ['maxLength', 'endToken', 'beams', 'lengthPenalty']);
  requireStart(where, model, start);
  requireLimits(where, options, model.vocabularySize);
  const { beams, lengthPenalty } = beamSettings(where, options);
  const { maxLength, endToken } = options;
  const penalties = Float64Array.from({ length: maxLength + 1 }, (_, length) =>
    lengthPenaltyOf(length, lengthPenalty),
  );
  let rows = Array.from(start.tokens, (token) => new BeamRow(token));
  const all = rows;
  let state = start.state;
  const moveTo = (next: State) => {
    if (state !== start.state) model.dispose(state);
    state = next;
  };
  try {
    for (let length = 1; length <= maxLength && rows.length > 0; length++) {
      const tokens = Int32Array.from(rows.flatMap((row) => row.alive.map((each) => each.token)));
      const stepped = model.step(tokens, state);
      moveTo(stepped.state);
      requireScores(where, stepped.logProbabilities, tokens.length, model.vocabularySize);
      const kept: number[] = []; // hypotheses of this step that the next one goes on from
      let from = 0;
      for (const row of rows) {
        const width = row.alive.length;
        const scores = stepped.logProbabilities.subarray(
          from * model.vocabularySize,
          (from + width) * model.vocabularySize,
        );
        const parents = row.grow(scores, model.vocabularySize, {
          beams,
          endToken,
          length,
          penalties,
        });
        for (const parent of parents) kept.push(from + parent);
        from += width;
      }
      rows = rows.filter((row) => row.alive.length > 0);
      if (rows.length > 0) moveTo(model.select(state, Int32Array.from(kept)));
    }
  } finally {
    if (state !== start.state) model.dispose(state);
  }
  return all.map((row) => row.result());
}

/** The penalty lp of Wu et al. for a hypothesis of the given length, the end token included. */
export function lengthPenaltyOf(length: number, alpha: number): number {
  return ((5 + length) / 6) ** alpha;
}

/** Checks `beams` and `lengthPenalty`, and fills in what was left out. */
export function beamSettings(
  where: string,
  options: { beams?: number | undefined; lengthPenalty?: number | undefined },
): { beams: number; lengthPenalty: number } {
  const { beams = 4, lengthPenalty = 0.6 } = options;
  requireInteger(where, 'beams', beams, 1, '1 searches as greedy decoding does.');
  if (
    !(typeof lengthPenalty === 'number' && lengthPenalty >= 0 && Number.isFinite(lengthPenalty))
  ) {
    reject({
      where,
      expected: 'lengthPenalty must be a number of at least 0',
      received: lengthPenalty,
      remedy: '0 compares sums of log-probabilities; 0.6 is usual.',
    });
  }
  return { beams, lengthPenalty };
}

/** A hypothesis: its last token, those before it, and the sum of their log-probabilities. */
interface Hypothesis {
  readonly token: number;
  readonly before: Hypothesis | undefined;
  readonly sum: number;
}

interface Growth {
  readonly beams: number;
  readonly endToken: number | undefined;
  /** The length of the hypotheses that this step makes. */
  readonly length: number;
  /** lp of each length; the last is that of the greatest length. */
  readonly penalties: Float64Array;
}

/** The hypotheses of one row, and the best of those that are whole. */
class BeamRow {
  alive: Hypothesis[];
  #best: { hypothesis: Hypothesis; score: number; ended: boolean } | undefined;

  constructor(token: number) {
    this.alive = [{ token, before: undefined, sum: 0 }];
  }

  /** Makes each hypothesis longer by a token, keeps the best, and says which ones they came from. */
  grow(scores: Float32Array, vocabularySize: number, growth: Growth): number[] {
    const { beams, endToken, length, penalties } = growth;
    const sums = Float64Array.from(
      scores,
      (score, at) => this.alive[Math.floor(at / vocabularySize)]!.sum + score,
    );
    const alive: Hypothesis[] = [];
    const parents: number[] = [];
    const longest = penalties.length - 1;
    // Every hypothesis has one successor that ends: of twice as many, `beams` go on.
    const candidates = largest(sums, 2 * beams);
    for (let rank = 0; rank < candidates.length && alive.length < beams; rank++) {
      const place = candidates[rank]!;
      const sum = sums[place]!;
      if (sum === Number.NEGATIVE_INFINITY) break;
      const parent = Math.floor(place / vocabularySize);
      const token = place % vocabularySize;
      const hypothesis = { token, before: this.alive[parent], sum };
      const ended = token === endToken;
      if (ended && rank >= beams) continue;
      if (ended || length === longest) {
        this.#offer(hypothesis, sum / penalties[length]!, ended);
      } else {
        alive.push(hypothesis);
        parents.push(parent);
      }
    }
    // The most that a hypothesis can reach: nothing more to lose, and the mildest penalty.
    const reach = alive.length > 0 ? alive[0]!.sum / penalties[longest]! : Number.NEGATIVE_INFINITY;
    const done = this.#best !== undefined && this.#best.score >= reach;
    this.alive = done ? [] : alive;
    return done ? [] : parents;
  }

  result(): BeamDecoded {
    const best = this.#best;
    if (best === undefined) {
      reject({
        where: 'beamSearch',
        expected: 'a step must leave at least one token possible',
        remedy: 'Give one token at least a log-probability above -Infinity.',
        see: 'unsuitable-model',
      });
    }
    const tokens: number[] = [];
    // The first token of a row, which has none before it, was given and not written.
    for (let at = best.hypothesis; at.before !== undefined; at = at.before) tokens.push(at.token);
    tokens.reverse();
    if (best.ended) tokens.pop();
    return {
      tokens: Int32Array.from(tokens),
      logProbability: best.hypothesis.sum,
      ended: best.ended,
      score: best.score,
    };
  }

  #offer(hypothesis: Hypothesis, score: number, ended: boolean): void {
    if (this.#best === undefined || score > this.#best.score) {
      this.#best = { hypothesis, score, ended };
    }
  }
}
