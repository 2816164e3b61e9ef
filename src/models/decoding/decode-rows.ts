/** The loop of greedy decoding and of sampling: one hypothesis a row, and rows that have ended leave the batch. */
import { type DecodingLimits, requireScores } from './decoding-checks.js';
import type { Decoded, DecodingStart, StepModel } from './step-model.js';

/**
 * Chooses the next token of a row.
 *
 * @param scores Log-probabilities [vocabularySize].
 * @param row The row in the batch that decoding began with.
 */
export type ChooseToken = (scores: Float32Array, row: number) => number;

/** Writes every row to its end. The arguments have been checked. */
export function decodeRows<State>(
  where: string,
  model: StepModel<State>,
  start: DecodingStart<State>,
  limits: DecodingLimits,
  choose: ChooseToken,
): Decoded[] {
  const { vocabularySize } = model;
  const { maxLength, endToken } = limits;
  const written = Array.from(start.tokens, () => [] as number[]);
  const sums = new Float64Array(start.tokens.length);
  const ended = new Uint8Array(start.tokens.length);
  let rows = Int32Array.from(start.tokens.keys());
  let tokens = start.tokens;
  let state = start.state;
  const moveTo = (next: State) => {
    if (state !== start.state) model.dispose(state);
    state = next;
  };
  try {
    for (let length = 0; length < maxLength && rows.length > 0; length++) {
      const stepped = model.step(tokens, state);
      moveTo(stepped.state);
      requireScores(where, stepped.logProbabilities, rows.length, vocabularySize);
      const next = new Int32Array(rows.length);
      const alive: number[] = [];
      for (let at = 0; at < rows.length; at++) {
        const row = rows[at]!;
        const from = at * vocabularySize;
        const scores = stepped.logProbabilities.subarray(from, from + vocabularySize);
        const token = choose(scores, row);
        sums[row]! += scores[token]!;
        if (token === endToken) {
          ended[row] = 1;
          continue;
        }
        written[row]!.push(token);
        next[alive.length] = token;
        alive.push(at);
      }
      tokens = next.subarray(0, alive.length);
      if (alive.length === rows.length) continue;
      if (alive.length > 0 && length + 1 < maxLength)
        moveTo(model.select(state, Int32Array.from(alive)));
      rows = Int32Array.from(alive, (at) => rows[at]!);
    }
  } finally {
    if (state !== start.state) model.dispose(state);
  }
  return written.map((list, row) => ({
    tokens: Int32Array.from(list),
    logProbability: sums[row]!,
    ended: ended[row] === 1,
  }));
}
