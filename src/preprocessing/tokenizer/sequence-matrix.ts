import { reject } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';

/** What a cell of the matrix holds about a word in a text. */
export type MatrixMode = 'binary' | 'count' | 'tfidf' | 'freq';

export const MATRIX_MODES: readonly MatrixMode[] = ['binary', 'count', 'tfidf', 'freq'];

/** Of 4 bytes each: more than 4 GB are a mistake in numWords. */
const MOST_CELLS = 2 ** 30;

/** What a fitted tokenizer knows about documents; `tfidf` needs it. */
export interface DocumentStatistics {
  documentCount: number;
  indexDocs: ReadonlyMap<number, number>;
}

/**
 * One row a sequence, one column an index; indices beyond the columns are left out.
 *
 * tfidf is `(1 + ln count) · ln(1 + documents / (1 + documents with the word))`, as in Keras.
 *
 * @param where Who asks.
 * @param sequences Checked sequences of non-negative integers.
 * @param columns How many columns there are.
 */
export function sequenceMatrix(
  where: string,
  sequences: readonly ArrayLike<number>[],
  columns: number,
  mode: MatrixMode,
  { documentCount, indexDocs }: DocumentStatistics,
): tf.Tensor2D {
  if (sequences.length * columns > MOST_CELLS) {
    reject({
      where,
      expected: `a matrix may have ${MOST_CELLS} cells at most`,
      received: `${sequences.length} × ${columns}`,
      remedy: 'Set numWords to a smaller number, or ask for fewer texts at a time.',
      see: 'out-of-memory',
    });
  }
  const cells = new Float32Array(sequences.length * columns); // [sequence, index]
  const counts = new Map<number, number>();
  sequences.forEach((sequence, row) => {
    counts.clear();
    for (let at = 0; at < sequence.length; at++) {
      const index = sequence[at] as number;
      if (index < columns) counts.set(index, (counts.get(index) ?? 0) + 1);
    }
    for (const [index, count] of counts) {
      cells[row * columns + index] = cell(index, count, sequence.length);
    }
  });
  return tf.tensor2d(cells, [sequences.length, columns]);

  function cell(index: number, count: number, length: number): number {
    switch (mode) {
      case 'binary':
        return 1;
      case 'count':
        return count;
      case 'freq':
        return count / length;
      case 'tfidf': {
        const documents = indexDocs.get(index) ?? 0;
        return (1 + Math.log(count)) * Math.log(1 + documentCount / (1 + documents));
      }
    }
  }
}
