import { hashOf, type WordScanner } from './word-scanner.js';
import { WordTable } from './word-table.js';

/** What becomes of a word: its index, or one of these. */
export const SKIP = -1;
export const UNKNOWN = -2;

/** From word `k` of the last scan to its index, {@link SKIP} or {@link UNKNOWN}. */
export type WordLookup = (scanner: WordScanner, k: number) => number;

// Building the table costs about as much as looking up this many words in the map.
const TABLE_PAYS_PER_WORD = 4;

/**
 * Chooses how to look words up: straight in `wordIndex`, or, for many words, in a table of it
 * made for the occasion. Nothing is kept between calls, for `wordIndex` belongs to the user.
 *
 * @param wordIndex From words to indices.
 * @param resolve What an index becomes, under `numWords` and `oovToken`.
 * @param words About how many words will be looked up.
 */
export function wordLookup(
  wordIndex: ReadonlyMap<string, number>,
  resolve: (index: number) => number,
  words: number,
): WordLookup {
  if (words < TABLE_PAYS_PER_WORD * wordIndex.size) {
    return (scanner, k) => {
      const index = wordIndex.get(scanner.word(k));
      return index === undefined ? UNKNOWN : resolve(index);
    };
  }
  const table = new WordTable();
  const resolved = new Int32Array(wordIndex.size); // [word]
  for (const [word, index] of wordIndex) {
    resolved[table.add(word, 0, word.length, hashOf(word, 0, word.length))] = resolve(index);
  }
  return ({ text, starts, ends, hashes }, k) => {
    const id = table.find(text, starts[k] as number, ends[k] as number, hashes[k] as number);
    return id === -1 ? UNKNOWN : (resolved[id] as number);
  };
}
