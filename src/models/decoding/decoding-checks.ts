/** The options that all ways of decoding share, and the checks of what they are given. */
import { reject } from '../../foundation/errors.js';
import { requireInteger } from '../../foundation/option-checks.js';
import type { DecodingStart, StepModel } from './step-model.js';

/** Where a row ends. */
export interface DecodingLimits {
  /** The greatest number of tokens to write, the end token included. */
  maxLength: number;
  /** The token that ends a row. When left out, each row gets `maxLength` tokens. */
  endToken?: number | undefined;
}

export function requireLimits(where: string, limits: DecodingLimits, vocabularySize: number): void {
  requireInteger(where, 'maxLength', limits.maxLength, 1);
  if (limits.endToken === undefined) return;
  requireToken(where, 'endToken', limits.endToken, vocabularySize);
}

export function requireStart<State>(
  where: string,
  model: StepModel<State>,
  start: DecodingStart<State>,
): void {
  if (!(start.tokens instanceof Int32Array) || start.tokens.length === 0) {
    reject({
      where,
      expected: 'start.tokens must be an Int32Array with one token a row, and at least one row',
      received: start.tokens,
    });
  }
  for (const token of start.tokens)
    requireToken(where, 'start.tokens', token, model.vocabularySize);
}

function requireToken(where: string, name: string, token: number, vocabularySize: number): void {
  if (Number.isInteger(token) && token >= 0 && token < vocabularySize) return;
  reject({
    where,
    expected: `${name} must be a token of the vocabulary, from 0 to ${vocabularySize - 1}`,
    received: token,
    see: 'outside-the-vocabulary',
  });
}

/** Throws unless a step gave one score a token and row, none of them NaN. */
export function requireScores(
  where: string,
  logProbabilities: Float32Array,
  rows: number,
  vocabularySize: number,
): void {
  if (logProbabilities.length !== rows * vocabularySize) {
    reject({
      where,
      expected: `a step of ${rows} rows must give ${rows} × ${vocabularySize} log-probabilities`,
      received: logProbabilities.length,
    });
  }
  for (let at = 0; at < logProbabilities.length; at++) {
    if (logProbabilities[at]! <= MOST) continue;
    reject({
      where,
      expected: 'the scores of a step must be log-probabilities, at most 0',
      received: logProbabilities[at],
      remedy:
        'NaN comes from weights that are NaN; positive numbers from scores without a log-softmax.',
      see: 'not-a-number',
    });
  }
}

// A log-softmax in float32 may round a hair above 0.
const MOST = 1e-5;
