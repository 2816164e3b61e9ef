/** From texts or lists of tokens to what the model takes: padded sources, shifted targets, labels. */
import { reject, show } from '../../foundation/errors.js';
import { isList } from '../../foundation/option-checks.js';
import { tf } from '../../foundation/tensorflow.js';
import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';

/** A text, where there are vocabularies, or its tokens. */
export type TokenSequence = string | ArrayLike<number>;

/** One side of the model, as checks and padding need it. */
export interface SideOfModel {
  /** What messages call it. */
  name: 'source' | 'target';
  vocabularySize: number;
  /** The most tokens: of the target without its end token. */
  most: number;
  /** Tokens that have a meaning of their own. */
  reserved: readonly (readonly [token: number, meaning: string])[];
  tokenizer: Tokenizer | undefined;
}

/**
 * The tokens of each sequence.
 *
 * @throws RecurrentError for sequences that are too long, tokens beyond the vocabulary or with a meaning
 *   of their own, empty sources, and texts without a vocabulary.
 */
export function tokensOf(
  where: string,
  side: SideOfModel,
  sequences: readonly TokenSequence[],
): ArrayLike<number>[] {
  return sequences.map((sequence, i) => {
    const name = `${side.name}s[${i}]`;
    const tokens = toTokens(where, name, side, sequence);
    requireTokens(where, name, side, tokens, sequence);
    return tokens;
  });
}

function toTokens(
  where: string,
  name: string,
  { tokenizer }: SideOfModel,
  sequence: TokenSequence,
): ArrayLike<number> {
  if (typeof sequence === 'string') {
    if (tokenizer) return tokenizer.textsToSequences([sequence])[0]!;
    reject({
      where,
      expected: `${name} is a text, and the model was made without vocabularies`,
      received: sequence,
      remedy: 'Give createEncoderDecoder the option vocabularies, or pass lists of tokens.',
      see: 'tokenizer-not-fitted',
    });
  }
  if (isList(sequence)) return sequence as ArrayLike<number>;
  reject({ where, expected: `${name} must be a text or a list of tokens`, received: sequence });
}

function requireTokens(
  where: string,
  name: string,
  { vocabularySize, most, reserved, name: side }: SideOfModel,
  tokens: ArrayLike<number>,
  given: TokenSequence,
): void {
  if (side === 'source' && tokens.length === 0) {
    reject({
      where,
      expected: `${name} must hold at least one token`,
      received: given,
      remedy: 'Words and characters that the vocabulary does not know are left out.',
      see: 'sequence-of-another-length',
    });
  }
  if (tokens.length > most) {
    reject({
      where,
      expected: `${name} must have at most ${most} tokens${side === 'target' ? ' and the end token' : ''}, but has ${tokens.length}`,
      remedy: `Shorten it, or make ${side}.length of createEncoderDecoder larger.`,
      see: 'sequence-of-another-length',
    });
  }
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (!(Number.isInteger(token) && token >= 1 && token < vocabularySize)) {
      reject({
        where,
        expected: `${name}[${at}] must be a token from 1 to ${vocabularySize - 1}`,
        received: token,
        remedy: token === 0 ? '0 is padding, which is added where it is needed.' : undefined,
        see: 'outside-the-vocabulary',
      });
    }
    const meaning = reserved.find(([other]) => other === token)?.[1];
    if (meaning === undefined) continue;
    reject({
      where,
      expected: `${name}[${at}] is ${show(token)}, the ${meaning} token, which is added where it is needed`,
      remedy: 'Leave start and end out of the targets.',
      see: 'outside-the-vocabulary',
    });
  }
}

/** Tokens [sequences, length], with zeros behind them. */
export function padded(sequences: readonly ArrayLike<number>[], length: number): tf.Tensor2D {
  const values = new Int32Array(sequences.length * length);
  sequences.forEach((tokens, row) => {
    values.set(tokens, row * length);
  });
  return tf.tensor2d(values, [sequences.length, length], 'int32');
}

/** What the decoder reads, the start token and the target, and what it is to write, the target and the end token. */
export function taught(
  sequences: readonly ArrayLike<number>[],
  { length, startToken, endToken }: { length: number; startToken: number; endToken: number },
): { target: tf.Tensor2D; labels: tf.Tensor3D } {
  const read = sequences.map((tokens) => [startToken, ...Array.from(tokens)]);
  const written = sequences.map((tokens) => [...Array.from(tokens), endToken]);
  return {
    target: padded(read, length), // [sequences, length]
    labels: tf.tidy(() => tf.expandDims(padded(written, length), -1)), // [sequences, length, 1]
  };
}
