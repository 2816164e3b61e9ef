/** Step models whose scores are random, but follow from what was written; and the search of everything. */
import { seededRandom } from '../../../src/foundation/random.js';
import type { StepModel } from '../../../src/models/decoding/step-model.js';

/** What each row has read. */
export interface Prefixes {
  rows: number[][];
  live: boolean;
}

export interface CountedModel extends StepModel<Prefixes> {
  /** States that were made and not released. */
  held(): number;
  /** The rows of each step so far. */
  readonly rowsOfSteps: number[];
  start(tokens: number[]): { tokens: Int32Array; state: Prefixes };
}

/** The log-probabilities of what follows a prefix: a softmax of random numbers, sharp ones and flat ones. */
export function scoresAfter(seed: number, prefix: number[], vocabularySize: number): Float32Array {
  const random = seededRandom(seed, ...prefix.map((token) => token + 1));
  const sharpness = 1 + 4 * random();
  const logits = Float64Array.from({ length: vocabularySize }, () => sharpness * random());
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
  return Float32Array.from(logits, (logit) => logit - Math.log(sum));
}

export function randomStepModel(
  seed: number,
  vocabularySize: number,
  scores = scoresAfter,
): CountedModel {
  let made = 0;
  let released = 0;
  const stateOf = (rows: number[][]): Prefixes => {
    made++;
    return { rows, live: true };
  };
  const alive = (state: Prefixes) => {
    if (!state.live) throw new Error('a state that was released');
    return state.rows;
  };
  const rowsOfSteps: number[] = [];
  return {
    vocabularySize,
    rowsOfSteps,
    held: () => made - released,
    start: (tokens) => ({ tokens: Int32Array.from(tokens), state: stateOf(tokens.map(() => [])) }),
    step(tokens, state) {
      const rows = alive(state).map((prefix, row) => [...prefix, tokens[row]!]);
      if (rows.length !== tokens.length) throw new Error('tokens and states of other rows');
      rowsOfSteps.push(rows.length);
      const logProbabilities = new Float32Array(rows.length * vocabularySize);
      rows.forEach((prefix, row) => {
        logProbabilities.set(scores(seed, prefix, vocabularySize), row * vocabularySize);
      });
      return { logProbabilities, state: stateOf(rows) };
    },
    select: (state, rows) => stateOf(Array.from(rows, (row) => alive(state)[row]!)),
    dispose(state) {
      alive(state);
      state.live = false;
      released++;
    },
  };
}

/** The best of all sequences, tried one after the other; the score is that of Wu et al., 2016. */
export function searchEverything(
  scores: (prefix: number[]) => Float32Array,
  first: number,
  options: { maxLength: number; endToken?: number; lengthPenalty: number },
): { tokens: number[]; score: number; ended: boolean } {
  let best = { tokens: [] as number[], score: Number.NEGATIVE_INFINITY, ended: false };
  const extend = (tokens: number[], sum: number) => {
    scores([first, ...tokens]).forEach((score, token) => {
      const ended = token === options.endToken;
      const length = tokens.length + 1;
      if (ended || length === options.maxLength) {
        const penalty = ((5 + length) / (5 + 1)) ** options.lengthPenalty;
        const whole = (sum + score) / penalty;
        if (whole > best.score)
          best = { tokens: ended ? tokens : [...tokens, token], score: whole, ended };
      } else {
        extend([...tokens, token], sum + score);
      }
    });
  };
  extend([], 0);
  return best;
}

/** A model that says the same after everything, and has no states to speak of. */
export function constantStepModel(scores: Float32Array): StepModel<null> {
  return {
    vocabularySize: scores.length,
    step: (tokens) => {
      const logProbabilities = new Float32Array(tokens.length * scores.length);
      for (let row = 0; row < tokens.length; row++) {
        logProbabilities.set(scores, row * scores.length);
      }
      return { logProbabilities, state: null };
    },
    select: () => null,
    dispose: () => {},
  };
}
