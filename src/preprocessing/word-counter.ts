import type { WordScanner } from './word-scanner.js';
import { WordTable } from './word-table.js';

/** Counts words, and in how many texts each occurs, over the texts of one call. */
export class WordCounter {
  /** How many texts were counted. */
  documents = 0;

  private readonly table = new WordTable();
  private counts = new Int32Array(1 << 12); // [word]
  private documentCounts = new Int32Array(1 << 12); // [word]
  private lastDocument = new Int32Array(1 << 12); // [word], counted from 1

  /** Counts the words that the scanner found in one text. */
  count({ text, starts, ends, hashes, count }: WordScanner): void {
    const document = ++this.documents;
    const { table } = this;
    for (let k = 0; k < count; k++) {
      const id = table.add(text, starts[k] as number, ends[k] as number, hashes[k] as number);
      if (id >= this.counts.length) this.grow();
      (this.counts[id] as number)++;
      if (this.lastDocument[id] !== document) {
        this.lastDocument[id] = document;
        (this.documentCounts[id] as number)++;
      }
    }
  }

  /** Adds what was counted to two maps; new words come last, in the order of their appearance. */
  addTo(wordCounts: Map<string, number>, wordDocs: Map<string, number>): void {
    for (let id = 0; id < this.table.size; id++) {
      const word = this.table.word(id);
      wordCounts.set(word, (wordCounts.get(word) ?? 0) + (this.counts[id] as number));
      wordDocs.set(word, (wordDocs.get(word) ?? 0) + (this.documentCounts[id] as number));
    }
  }

  private grow(): void {
    const enlarge = (old: Int32Array) => {
      const larger = new Int32Array(old.length * 2);
      larger.set(old);
      return larger;
    };
    this.counts = enlarge(this.counts);
    this.documentCounts = enlarge(this.documentCounts);
    this.lastDocument = enlarge(this.lastDocument);
  }
}
