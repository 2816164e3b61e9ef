/** Texts as the sets of their n-grams: a sparse matrix of zeros and ones. */
import { nGramHashes } from '../../preprocessing/n-grams/n-gram-hashes.js';
import { wordScanner } from '../../preprocessing/tokenizer/words.js';
import { nextTurn } from '../../foundation/turn.js';
import { NGramTable } from './n-gram-table.js';

/** Runs of one to three words. Four did not help on the reviews of IMDb. */
export const LONGEST = 3;

/** Texts between two pauses that let everything else have its turn. */
const TEXTS_A_TURN = 500;

/** Rows of a matrix that has ones at `columns[starts[i]]` to `columns[starts[i + 1] - 1]`, else zeros. */
export interface SparseRows {
  columns: Int32Array;
  starts: Int32Array; // [rows + 1]
  /** Columns of the matrix. */
  width: number;
}

/** The hashes of a text's n-grams, as {@link nGramHashes} orders them; words are those of the Tokenizer. */
export function hashesOfText(text: string): Int32Array {
  return nGramHashes(wordScanner('hashesOfText', {}).words(text), LONGEST);
}

/**
 * Finds the n-grams of texts.
 *
 * @param leastTexts N-grams in fewer texts are left out.
 * @returns The rows, the hash of each column, and how many n-grams each text has: rare ones and those that
 *   occur again included.
 */
export async function nGramRows(
  texts: readonly string[],
  leastTexts: number,
): Promise<{ rows: SparseRows; hashes: Int32Array; counts: Int32Array }> {
  const table = new NGramTable();
  const found = new Growing();
  const inTexts = new Growing(); // by column, how many texts have it
  const lastText = new Growing(); // by column, the last text that had it, plus 1
  const starts = new Int32Array(texts.length + 1);
  const counts = new Int32Array(texts.length);
  for (let text = 0; text < texts.length; text++) {
    if (text % TEXTS_A_TURN === TEXTS_A_TURN - 1) await nextTurn();
    const ofText = hashesOfText(texts[text]!);
    counts[text] = ofText.length;
    for (const hash of ofText) {
      const column = table.add(hash);
      if (column === inTexts.length) {
        inTexts.push(0);
        lastText.push(0);
      }
      if (lastText.values[column] === text + 1) continue;
      lastText.values[column] = text + 1;
      inTexts.values[column]!++;
      found.push(column);
    }
    starts[text + 1] = found.length;
  }
  const kept = withoutRare(found.taken(), starts, inTexts.taken(), leastTexts, table.toHashes());
  return { ...kept, counts };
}

function withoutRare(
  found: Int32Array,
  starts: Int32Array,
  inTexts: Int32Array,
  leastTexts: number,
  allHashes: Int32Array,
): { rows: SparseRows; hashes: Int32Array } {
  let width = 0;
  const renumbered = inTexts.map((texts) => (texts >= leastTexts ? width++ : -1));
  const hashes = allHashes.filter((_, column) => renumbered[column]! >= 0);
  const keptStarts = new Int32Array(starts.length);
  let at = 0;
  for (let row = 0; row + 1 < starts.length; row++) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const column = renumbered[found[i]!]!;
      if (column >= 0) found[at++] = column; // never ahead of what is read
    }
    keptStarts[row + 1] = at;
  }
  return { rows: { columns: found.slice(0, at), starts: keptStarts, width }, hashes };
}

/** A list of 32-bit integers that grows. */
class Growing {
  values = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  taken(): Int32Array {
    return this.values.subarray(0, this.length);
  }
}
