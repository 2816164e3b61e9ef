/** Teacher forcing: what a model that writes is given, and what it is to answer, one step apart. */
import { reject } from '../../foundation/errors.js';
import { isList, requireInteger, requireKnownOptions } from '../../foundation/option-checks.js';
import { tf } from '../../foundation/tensorflow.js';
import { padSequences } from '../../preprocessing/pad-sequences.js';

/** How long the sequences of {@link teacherForcing} become. */
export interface TeacherForcingOptions {
  /** Steps, one less than the tokens of the longest sequence when left out. No sequence may be longer. */
  length?: number | undefined;
}

/** Inputs and labels of a model that writes. */
export interface TeacherForced {
  /** The tokens without the last of each sequence, int32 [batch, length]. */
  inputs: tf.Tensor2D;
  /** The tokens that follow them, int32 [batch, length, 1], as labels of `sparseCategoricalCrossentropy`. */
  targets: tf.Tensor3D;
}

/**
 * Makes inputs and labels for a model that learns to write the next token: at each step it reads the right
 * token, whatever it would have written itself (R. J. Williams and D. Zipser, 1989).
 *
 * @param sequences Tokens, from the start token to the end token: at least those two. 0 stands for
 *   padding and may not be among them.
 * @param options `length`, where it is to be the same for several sets of data.
 * @returns Both padded with 0 at the end.
 * @throws RecurrentError for no sequences, one of fewer than two tokens, one that is too long, and tokens
 *   that are not positive integers.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { teacherForcing } from 'tfjs-recurrent';
 *
 * const [START, END] = [1, 2];
 * const { inputs, targets } = teacherForcing([[START, 7, 8, END], [START, 9, END]]);
 * console.log(JSON.stringify(inputs.arraySync()));
 * // [[1,7,8],[1,9,0]]
 * console.log(targets.shape, [...targets.dataSync()]);
 * // [ 2, 3, 1 ] [ 7, 8, 2, 9, 2, 0 ]
 * ```
 */
export function teacherForcing(
  sequences: readonly ArrayLike<number>[],
  options: TeacherForcingOptions = {},
): TeacherForced {
  const where = 'teacherForcing';
  requireKnownOptions(where, options, ['length']);
  if (!isList(sequences) || sequences.length === 0) {
    reject({
      where,
      expected: 'sequences must be a list with at least one sequence',
      received: sequences,
    });
  }
  const { length } = options;
  if (length !== undefined) requireInteger(where, 'length', length, 1);
  const lists = Array.from(sequences, (sequence, i) => tokensOf(where, sequence, i));
  const longest = lists.reduce((most, list) => Math.max(most, list.length - 1), 0);
  if (length !== undefined && longest > length) {
    reject({
      where,
      expected: `length must be at least ${longest}, one less than the tokens of the longest sequence`,
      received: length,
      remedy: 'Leave it out, or leave out sequences that are longer.',
      see: 'sequence-of-another-length',
    });
  }
  const settings = { maxlen: length ?? longest, padding: 'post' } as const;
  return tf.tidy(() => ({
    inputs: padSequences(
      lists.map((list) => list.slice(0, -1)),
      settings,
    ) as tf.Tensor2D,
    targets: tf.expandDims(
      padSequences(
        lists.map((list) => list.slice(1)),
        settings,
      ),
      -1,
    ) as tf.Tensor3D,
  }));
}

function tokensOf(where: string, sequence: unknown, index: number): number[] {
  if (!isList(sequence) || sequence.length < 2) {
    reject({
      where,
      expected: `sequence ${index} must hold a start token and an end token at least`,
      received: sequence,
      remedy: 'Put one of your own before the first token, and one behind the last.',
      see: 'sequence-of-another-length',
    });
  }
  const tokens = Array.from(sequence as ArrayLike<number>);
  const odd = tokens.find((token) => !Number.isInteger(token) || token < 1);
  if (odd === undefined) return tokens;
  reject({
    where,
    expected: `the tokens of sequence ${index} must be positive integers`,
    received: odd,
    remedy: '0 stands for padding, which is added here.',
  });
}
