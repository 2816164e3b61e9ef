import type { ByteScanner } from './byte-scanner.js';
import { enlarge, WordTable } from './word-table.js';

// What is known of a word: how often it occurred, in how many texts, and which of them was last.
const COUNT = 0;
const DOCUMENTS = 1;
const LAST = 2;
const FIELDS = 4; // a power of two keeps a word in one cache line

/** Words in the order of their first appearance, and for each how often and in how many texts. */
export interface CountedWords {
  words: readonly string[];
  counts: ArrayLike<number>;
  documents: ArrayLike<number>;
}

/** Counts words, and in how many texts each occurs, over the texts of one call. */
export class WordCounter {
  /** How many texts were counted. */
  documents = 0;

  private readonly scanned: WordTable;
  private scannedFields = new Int32Array(FIELDS << 12); // [word, field]
  private readonly scannedFirst: number[] = []; // [word], the first text that holds it

  private numbers = new Int32Array(1 << 8);

  /** Words that came as strings; one may have been scanned as well. */
  private readonly given = new Map<string, { fields: Int32Array; first: number }>();

  /** @param separator A character that no scanned word holds. */
  constructor(separator: string) {
    this.scanned = new WordTable(separator);
  }

  /** Counts the words of one text that a scanner has scanned. */
  countScanned(scanner: ByteScanner): void {
    const document = ++this.documents;
    const { scanned, scannedFirst } = this;
    if (this.numbers.length < scanner.count) this.numbers = new Int32Array(2 * scanner.count);
    const { numbers } = this;
    scanned.number(scanner, numbers, true);
    while (scannedFirst.length < scanned.size) scannedFirst.push(document);
    while (this.scannedFields.length < scanned.size * FIELDS) {
      this.scannedFields = enlarge(this.scannedFields, 2 * this.scannedFields.length);
    }
    const fields = this.scannedFields;
    for (let k = 0; k < scanner.count; k++) {
      countIn(fields, (numbers[k] as number) * FIELDS, document);
    }
  }

  /** Counts the words of one text. */
  countWords(words: readonly string[]): void {
    const document = ++this.documents;
    for (const word of words) {
      let entry = this.given.get(word);
      if (entry === undefined) {
        entry = { fields: new Int32Array(FIELDS), first: document };
        this.given.set(word, entry);
      }
      countIn(entry.fields, 0, document);
    }
  }

  /** All words in the order of their first appearance. */
  counted(): CountedWords {
    const scanned = this.scanned.words();
    const most = scanned.length + this.given.size;
    const words: string[] = [];
    const counts = new Int32Array(most);
    const documents = new Int32Array(most);
    const places = new Map<string, number>(); // of given words
    const add = (word: string, fields: Int32Array, at: number) => {
      const place = places.get(word) ?? words.length;
      if (place === words.length) words.push(word);
      if (this.given.has(word)) places.set(word, place);
      (counts[place] as number) += fields[at + COUNT] as number;
      (documents[place] as number) += fields[at + DOCUMENTS] as number;
    };
    // The words of one text are of one kind, so its number tells which of two words came first.
    const given = [...this.given];
    let next = 0;
    scanned.forEach((word, id) => {
      const first = this.scannedFirst[id] as number;
      for (; next < given.length; next++) {
        const [other, entry] = given[next] as (typeof given)[0];
        if (entry.first > first) break;
        add(other, entry.fields, 0);
      }
      add(word, this.scannedFields, id * FIELDS);
    });
    for (const [word, { fields }] of given.slice(next)) add(word, fields, 0);
    const { length } = words;
    return { words, counts: counts.subarray(0, length), documents: documents.subarray(0, length) };
  }
}

function countIn(fields: Int32Array, at: number, document: number): void {
  (fields[at + COUNT] as number)++;
  // 1 in a new text, 0 otherwise; every second branch here would be mispredicted.
  const changed = (fields[at + LAST] as number) ^ document;
  (fields[at + DOCUMENTS] as number) += (changed | -changed) >>> 31;
  fields[at + LAST] = document;
}
