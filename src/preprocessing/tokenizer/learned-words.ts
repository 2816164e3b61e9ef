import { type IndexedWords, RankedWords } from './ranked-words.js';
import type { CountedWords } from './word-counter.js';

interface Maps {
  wordCounts: Map<string, number>;
  wordDocs: Map<string, number>;
  wordIndex: Map<string, number>;
  indexWord: Map<number, string>;
  indexDocs: Map<number, number>;
}

/**
 * What a tokenizer has learned. A map is made when it is first asked for: to fill all five takes
 * as long as to count the words of tens of thousands of texts, and few programs look at more than
 * one of them.
 */
export class LearnedWords {
  /** How many texts and sequences the tokenizer was fitted on. */
  documentCount = 0;

  private maps: Partial<Maps> = {};
  private ranked = RankedWords.NONE;

  /** How often each word occurred, in the order of first appearance. */
  get wordCounts(): Map<string, number> {
    this.maps.wordCounts ??= this.ranked.wordCounts();
    return this.maps.wordCounts;
  }

  set wordCounts(wordCounts: Map<string, number>) {
    this.maps.wordCounts = wordCounts;
  }

  /** In how many texts each word occurred. */
  get wordDocs(): Map<string, number> {
    this.maps.wordDocs ??= this.ranked.wordDocs();
    return this.maps.wordDocs;
  }

  set wordDocs(wordDocs: Map<string, number>) {
    this.maps.wordDocs = wordDocs;
  }

  /** The index of each word, the most common first. */
  get wordIndex(): Map<string, number> {
    this.maps.wordIndex ??= this.ranked.wordIndex();
    return this.maps.wordIndex;
  }

  set wordIndex(wordIndex: Map<string, number>) {
    this.maps.wordIndex = wordIndex;
  }

  /** The word of each index. */
  get indexWord(): Map<number, string> {
    this.maps.indexWord ??= this.ranked.indexWord();
    return this.maps.indexWord;
  }

  set indexWord(indexWord: Map<number, string>) {
    this.maps.indexWord = indexWord;
  }

  /** In how many texts or sequences each index occurred. */
  get indexDocs(): Map<number, number> {
    this.maps.indexDocs ??= this.ranked.indexDocs();
    return this.maps.indexDocs;
  }

  set indexDocs(indexDocs: Map<number, number>) {
    this.maps.indexDocs = indexDocs;
  }

  /** What is in `wordIndex`, which is not made for it. */
  protected get indexedWords(): IndexedWords {
    return this.maps.wordIndex ?? this.ranked;
  }

  /** The index of the OOV token, if there is one and it has been learned. */
  protected oovIndex(oovToken: string | null): number | undefined {
    const { wordIndex } = this.maps;
    if (wordIndex === undefined) return this.ranked.oovIndex;
    return oovToken === null ? undefined : wordIndex.get(oovToken);
  }

  /** Adds what was counted, and numbers all words anew. */
  protected learn(counted: CountedWords, documents: number, oovToken: string | null): void {
    this.documentCount += documents;
    if (this.ranked === RankedWords.NONE && Object.keys(this.maps).length === 0) {
      this.ranked = new RankedWords(counted, oovToken);
      return;
    }
    const { wordCounts, wordDocs, indexDocs } = this;
    counted.words.forEach((word, place) => {
      wordCounts.set(word, (wordCounts.get(word) ?? 0) + counted.counts[place]!);
      wordDocs.set(word, (wordDocs.get(word) ?? 0) + counted.documents[place]!);
    });
    const words = [...wordCounts.keys()];
    const all = {
      words,
      counts: [...wordCounts.values()],
      documents: words.map((word) => wordDocs.get(word) ?? 0),
    };
    this.ranked = new RankedWords(all, oovToken);
    for (const [index, count] of this.ranked.indexDocs()) indexDocs.set(index, count);
    this.maps = { wordCounts, wordDocs, indexDocs };
  }
}
