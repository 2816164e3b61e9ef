/**
 * One step of a model that writes token after token: all that {@link greedy}, {@link beamSearch}
 * and {@link sample} ask of it. Rows are hypotheses.
 */
export interface StepModel<State> {
  /** The number of tokens, and so the width of a row of scores. */
  readonly vocabularySize: number;
  /**
   * Log-probabilities [rows, vocabularySize] of the token that follows `tokens` [rows], and the states behind it.
   * The state that was given stays as it is, and its holder's to release.
   */
  step(tokens: Int32Array, state: State): { logProbabilities: Float32Array; state: State };
  /** The states of the given rows, in their order; a row may come more than once. The state that was given stays. */
  select(state: State, rows: Int32Array): State;
  /** Releases what a state holds. */
  dispose(state: State): void;
}

/** Where decoding begins. */
export interface DecodingStart<State> {
  /** The token that each row begins with, [rows]; it is not part of what is written. */
  readonly tokens: Int32Array;
  /** The states in front of these tokens. Decoding never releases it: it stays with its maker. */
  readonly state: State;
}

/** What one row has written. */
export interface Decoded {
  /** The tokens in their order, without the first one and without the end token. */
  readonly tokens: Int32Array;
  /** The sum of their log-probabilities, that of the end token included. */
  readonly logProbability: number;
  /** Whether the end token was written, rather than the greatest length reached. */
  readonly ended: boolean;
}
