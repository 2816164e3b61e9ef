import { reject } from '../../foundation/errors.js';
import { requireOneOf } from '../../foundation/option-checks.js';
import type { tf } from '../../foundation/tensorflow.js';
import { MATRIX_MODES, type MatrixMode, sequenceMatrix } from './sequence-matrix.js';
import { SequenceTokenizer } from './sequence-tokenizer.js';
import { approximateWords, checkSequences } from './token-checks.js';
import type { Text } from './tokenizer-options.js';

/**
 * Turns texts into sequences of word indices, as `keras.preprocessing.text.Tokenizer` does.
 *
 * Index 1 is the most common word (or the OOV token, if there is one); index 0 is left to padding.
 * A text that is a list of strings counts as already split.
 *
 * @example
 * ```ts
 * import { Tokenizer } from 'tfjs-recurrent';
 *
 * const tokenizer = new Tokenizer({ numWords: 4, oovToken: '<OOV>' });
 * tokenizer.fitOnTexts(['The plot is good.', 'The acting is not good, not good at all!']);
 * console.log([...tokenizer.wordIndex].slice(0, 4));
 * // [ [ '<OOV>', 1 ], [ 'good', 2 ], [ 'the', 3 ], [ 'is', 4 ] ]
 * console.log(tokenizer.textsToSequences(['The good, the bad']));
 * // [ [ 3, 2, 3, 1 ] ]
 * console.log(tokenizer.sequencesToTexts([[3, 2]]));
 * // [ 'the good' ]
 * ```
 */
export class Tokenizer extends SequenceTokenizer {
  /**
   * Turns texts into a matrix with one row a text and one column an index.
   *
   * @param texts As for {@link Tokenizer.fitOnTexts}.
   * @param mode `'binary'`: whether the word occurs; `'count'`: how often; `'freq'`: how often,
   *   divided by the length of the text; `'tfidf'`: weighted by how rare it is in the texts that
   *   the tokenizer was fitted on. Default: `'binary'`.
   * @returns A tensor of shape `[texts, numWords]`, or `[texts, words + 1]` without `numWords`.
   * @throws RecurrentError as {@link Tokenizer.textsToSequences} and
   *   {@link Tokenizer.sequencesToMatrix} do.
   *
   * @example
   * ```ts
   * import '@tensorflow/tfjs-backend-cpu';
   * import { Tokenizer } from 'tfjs-recurrent';
   *
   * const tokenizer = new Tokenizer();
   * tokenizer.fitOnTexts(['good', 'not good']);
   * const matrix = tokenizer.textsToMatrix(['good, good', 'not'], 'count');
   * console.log(matrix.arraySync());
   * // [ [ 0, 2, 0 ], [ 0, 0, 1 ] ]
   * ```
   */
  textsToMatrix(texts: Iterable<Text>, mode: MatrixMode = 'binary'): tf.Tensor2D {
    const where = 'Tokenizer.textsToMatrix';
    const columns = this.columnsFor(where, mode);
    const sequences = [...this.sequencesOf(where, texts, approximateWords(texts))];
    return sequenceMatrix(where, sequences, columns, mode, this);
  }

  /**
   * Turns sequences into a matrix with one row a sequence and one column an index.
   *
   * @param sequences Lists of indices; those without a column are left out.
   * @param mode As for {@link Tokenizer.textsToMatrix}.
   * @throws RecurrentError when `mode` is unknown, an index is not a non-negative integer, the
   *   number of columns is not known, the matrix would have more than 2 ** 30 cells, or `tfidf` is
   *   asked for before fitting.
   */
  sequencesToMatrix(
    sequences: Iterable<ArrayLike<number>>,
    mode: MatrixMode = 'binary',
  ): tf.Tensor2D {
    const where = 'Tokenizer.sequencesToMatrix';
    const columns = this.columnsFor(where, mode);
    return sequenceMatrix(where, checkSequences(where, sequences), columns, mode, this);
  }

  private columnsFor(where: string, mode: MatrixMode): number {
    requireOneOf(where, 'mode', mode, MATRIX_MODES);
    if (!this.numWords && this.indexedWords.size === 0) {
      reject({
        where,
        expected: 'the number of columns is not known',
        remedy: 'Set numWords, or call fitOnTexts first.',
        see: 'tokenizer-not-fitted',
      });
    }
    if (mode === 'tfidf' && this.documentCount === 0) {
      reject({
        where,
        expected: 'tfidf needs to know how common words are',
        remedy: 'Call fitOnTexts or fitOnSequences first.',
        see: 'tokenizer-not-fitted',
      });
    }
    return this.numWords || this.indexedWords.size + 1;
  }
}
