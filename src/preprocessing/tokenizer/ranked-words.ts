import type { CountedWords } from './word-counter.js';

/** Words with their indices, such as a Map from the ones to the others. */
export interface IndexedWords {
  readonly size: number;
  forEach(visit: (index: number, word: string) => void): void;
}

/** Counted words with their indices: 1 for the most common, or for the OOV token if there is one. */
export class RankedWords implements IndexedWords {
  /** What is known before anything was counted. */
  static readonly NONE = new RankedWords({ words: [], counts: [], documents: [] }, null);

  /** How many words have an index, the OOV token included. */
  readonly size: number;

  private readonly counted: CountedWords;
  private readonly oovToken: string | null;
  private readonly first: number; // index after the OOV token
  private readonly oovPlace: number; // of the OOV token among the words, or -1
  private byCount: Int32Array | undefined;

  /**
   * @param counted The words in the order of their first appearance.
   * @param oovToken Comes before all of them; if it is one of them, it has the index of that.
   */
  constructor(counted: CountedWords, oovToken: string | null) {
    this.counted = counted;
    this.oovToken = oovToken;
    this.first = oovToken === null ? 1 : 2;
    this.oovPlace = oovToken === null ? -1 : counted.words.indexOf(oovToken);
    const own = oovToken !== null && this.oovPlace < 0 ? 1 : 0;
    this.size = counted.words.length + own;
  }

  /** The index of the OOV token, if there is one. */
  get oovIndex(): number | undefined {
    if (this.oovToken === null) return undefined;
    return this.oovPlace < 0 ? 1 : this.places.indexOf(this.oovPlace) + this.first;
  }

  /** Calls back for each word in the order of `word_index` of Keras. */
  forEach(visit: (index: number, word: string) => void): void {
    const { counted, places, first, oovToken, oovIndex } = this;
    if (oovToken !== null) visit(oovIndex as number, oovToken);
    for (let rank = 0; rank < places.length; rank++) {
      const index = rank + first;
      if (index !== oovIndex) visit(index, counted.words[places[rank] as number] as string);
    }
  }

  wordCounts(): Map<string, number> {
    return this.withWords(this.counted.counts);
  }

  wordDocs(): Map<string, number> {
    return this.withWords(this.counted.documents);
  }

  wordIndex(): Map<string, number> {
    const wordIndex = new Map<string, number>();
    this.forEach((index, word) => void wordIndex.set(word, index));
    return wordIndex;
  }

  indexWord(): Map<number, string> {
    const indexWord = new Map<number, string>();
    this.forEach((index, word) => void indexWord.set(index, word));
    return indexWord;
  }

  /** In how many texts the word of each index occurred, in the order of first appearance. */
  indexDocs(): Map<number, number> {
    const { places, first } = this;
    const indices = new Int32Array(places.length);
    for (let rank = 0; rank < places.length; rank++) indices[places[rank] as number] = rank + first;
    const indexDocs = new Map<number, number>();
    for (let place = 0; place < indices.length; place++) {
      indexDocs.set(indices[place] as number, this.counted.documents[place] as number);
    }
    return indexDocs;
  }

  private withWords(numbers: ArrayLike<number>): Map<string, number> {
    const map = new Map<string, number>();
    this.counted.words.forEach((word, place) => void map.set(word, numbers[place] as number));
    return map;
  }

  private get places(): Int32Array {
    this.byCount ??= mostCommonFirst(this.counted.counts);
    return this.byCount;
  }
}

const COMMON = 1024; // times that a word came; of tens of thousands of words a thousand or two

/** Places by falling count, those of one count in their order. */
function mostCommonFirst(counts: ArrayLike<number>): Int32Array {
  // All but the common ones are counted into place, in a tenth of the time of sorting them.
  const tally = new Int32Array(COMMON);
  const common: number[] = [];
  for (let place = 0; place < counts.length; place++) {
    const count = counts[place] as number;
    if (count in tally) tally[count]!++;
    else common.push(place);
  }
  const before = (a: number, b: number) => (counts[b] as number) - (counts[a] as number) || a - b;
  common.sort(before);
  const places = new Int32Array(counts.length);
  places.set(common);
  const next = new Int32Array(COMMON);
  for (let count = COMMON - 1, at = common.length; count >= 0; count--) {
    next[count] = at;
    at += tally[count]!;
  }
  for (let place = 0; place < counts.length; place++) {
    const count = counts[place] as number;
    if (count in next) places[next[count]!++] = place;
  }
  // A count that is below zero or no integer, which only a hand-made map has.
  return common.some((place) => !((counts[place] as number) >= COMMON))
    ? places.sort(before)
    : places;
}
