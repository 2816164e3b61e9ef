import { reject } from '../../foundation/errors.js';
import { ByteScanner } from './byte-scanner.js';
import { LearnedWords } from './learned-words.js';
import { quote, writeMap } from './ordered-json.js';
import {
  approximateWords,
  checkEachSequence,
  checkSequences,
  requireTexts,
  requireTextsAsync,
  requireWords,
} from './token-checks.js';
import {
  type Analyzer,
  checkNumWords,
  checkTokenizerOptions,
  type Text,
  type TokenizerConfig,
  type TokenizerOptions,
} from './tokenizer-options.js';
import { WordCounter } from './word-counter.js';
import { SKIP, ScannedLookup } from './word-lookup.js';
import { WordScanner } from './word-scanner.js';

/**
 * Turns texts into sequences of word indices, as `keras.preprocessing.text.Tokenizer` does: all of a
 * tokenizer but its matrices, which are tensors of TensorFlow.js.
 *
 * Index 1 is the most common word (or the OOV token, if there is one); index 0 is left to padding.
 * A text that is a list of strings counts as already split.
 *
 * @example
 * ```ts
 * import { Tokenizer } from 'tfjs-recurrent/predict';
 *
 * const tokenizer = new Tokenizer();
 * tokenizer.fitOnTexts(['good film', 'bad film']);
 * console.log(tokenizer.textsToSequences(['a good film']));
 * // [ [ 2, 1 ] ]
 * ```
 */
export class SequenceTokenizer extends LearnedWords {
  readonly filters: string;
  readonly lower: boolean;
  readonly split: string;
  readonly charLevel: boolean;
  readonly oovToken: string | null;
  readonly analyzer: Analyzer | null;

  private limit: number | null;
  private readonly wordScanner: WordScanner;
  private readonly byteScanner: ByteScanner | undefined;

  /**
   * @param options See {@link TokenizerOptions}; the defaults are those of Keras.
   * @throws RecurrentError when an option does not exist or has a wrong value.
   */
  constructor(options: TokenizerOptions = {}) {
    super();
    const checked = checkTokenizerOptions('Tokenizer', options);
    this.limit = checked.numWords;
    this.filters = checked.filters;
    this.lower = checked.lower;
    this.split = checked.split;
    this.charLevel = checked.charLevel;
    this.oovToken = checked.oovToken;
    this.analyzer = checked.analyzer;
    this.wordScanner = new WordScanner(this.filters, this.lower, this.split);
    this.byteScanner = ByteScanner.for(this.filters, this.lower, this.split);
  }

  /** Only indices below this number are used; `null` or 0 for all. May be changed after fitting. */
  get numWords(): number | null {
    return this.limit;
  }

  set numWords(numWords: number | null) {
    checkNumWords('Tokenizer', numWords);
    this.limit = numWords;
  }

  /**
   * Counts the words of texts and numbers all words anew; may be called again with more texts.
   *
   * @param texts A list, or anything else that can be iterated once, such as a generator.
   * @throws RecurrentError when `texts` is a string or holds something else than texts; the
   *   tokenizer is then as it was before.
   */
  fitOnTexts(texts: Iterable<Text>): void {
    const where = 'Tokenizer.fitOnTexts';
    const counter = new WordCounter(this.split);
    for (const text of this.prepareEach(where, texts)) this.count(counter, text);
    this.learn(counter.counted(), counter.documents, this.oovToken);
  }

  /**
   * The same as {@link SequenceTokenizer.fitOnTexts}, of texts that come one by one, such as the lines of a
   * file that is read with `node:readline`.
   *
   * @param texts Anything that `for await` goes through; one item is one text.
   * @throws RecurrentError as {@link SequenceTokenizer.fitOnTexts} does, and for a stream of Node that gives
   *   parts of a file, cut anywhere.
   *
   * @example
   * ```ts
   * import { Tokenizer } from 'tfjs-recurrent';
   *
   * async function* reviews() {
   *   yield 'good film';
   *   yield 'not good';
   * }
   * const tokenizer = new Tokenizer();
   * await tokenizer.fitOnTextsAsync(reviews());
   * console.log(tokenizer.documentCount, [...tokenizer.wordIndex.keys()]);
   * // 2 [ 'good', 'film', 'not' ]
   * ```
   */
  async fitOnTextsAsync(texts: AsyncIterable<Text> | Iterable<Text>): Promise<void> {
    const where = 'Tokenizer.fitOnTextsAsync';
    requireTextsAsync(where, texts);
    const counter = new WordCounter(this.split);
    let position = 0;
    for await (const text of texts) this.count(counter, this.prepare(where, text, position++));
    this.learn(counter.counted(), counter.documents, this.oovToken);
  }

  /**
   * Counts in how many sequences each index occurs, for `tfidf` without texts.
   *
   * @param sequences Lists of indices.
   * @throws RecurrentError when an index is not a non-negative integer; nothing is counted then.
   */
  fitOnSequences(sequences: Iterable<ArrayLike<number>>): void {
    const checked = checkSequences('Tokenizer.fitOnSequences', sequences);
    this.documentCount += checked.length;
    for (const sequence of checked) {
      for (const index of new Set(Array.from(sequence))) {
        this.indexDocs.set(index, (this.indexDocs.get(index) ?? 0) + 1);
      }
    }
  }

  /**
   * Turns texts into sequences of indices.
   *
   * Unknown words, and those whose index is not below `numWords`, become the index of the OOV
   * token, or are left out when there is none.
   *
   * @param texts As for {@link SequenceTokenizer.fitOnTexts}.
   * @returns One sequence a text, each as long as its words.
   * @throws RecurrentError when `texts` is a string or holds something else than texts, or when an
   *   unknown word should become an OOV token before the tokenizer was fitted.
   */
  textsToSequences(texts: Iterable<Text>): number[][] {
    const where = 'Tokenizer.textsToSequences';
    return [...this.sequencesOf(where, texts, approximateWords(texts))];
  }

  /**
   * The same as {@link SequenceTokenizer.textsToSequences}, one text at a time, as it is asked for.
   *
   * @param texts As for {@link SequenceTokenizer.fitOnTexts}.
   */
  textsToSequencesGenerator(texts: Iterable<Text>): Generator<number[], void, undefined> {
    const where = 'Tokenizer.textsToSequencesGenerator';
    requireTexts(where, texts);
    return this.sequencesOf(where, texts, 0);
  }

  /**
   * Turns sequences back into texts, words joined by spaces.
   *
   * Unknown indices, those not below `numWords`, and 0 become the OOV token, or are left out when
   * there is none.
   *
   * @param sequences Lists of indices.
   * @throws RecurrentError when an index is not a non-negative integer.
   */
  sequencesToTexts(sequences: Iterable<ArrayLike<number>>): string[] {
    return [...this.textsOf('Tokenizer.sequencesToTexts', sequences)];
  }

  /** The same as {@link SequenceTokenizer.sequencesToTexts}, one text at a time, as it is asked for. */
  sequencesToTextsGenerator(
    sequences: Iterable<ArrayLike<number>>,
  ): Generator<string, void, undefined> {
    return this.textsOf('Tokenizer.sequencesToTextsGenerator', sequences);
  }

  /** The configuration and all that was learned, as `get_config` of Keras returns it. */
  getConfig(): TokenizerConfig {
    return {
      num_words: this.numWords,
      filters: this.filters,
      lower: this.lower,
      split: this.split,
      char_level: this.charLevel,
      oov_token: this.oovToken,
      document_count: this.documentCount,
      word_counts: writeMap(this.wordCounts),
      word_docs: writeMap(this.wordDocs),
      index_docs: writeMap(this.indexDocs),
      index_word: writeMap(this.indexWord),
      word_index: writeMap(this.wordIndex),
    };
  }

  /**
   * The text that `to_json` of Keras writes: `tokenizer_from_json` in Python reads it, and
   * {@link tokenizerFromJson} reads both. An `analyzer` is not part of it, as in Keras.
   */
  toJson(): string {
    const members = Object.entries(this.getConfig()).map(([name, value]) => {
      return `${quote(name)}: ${typeof value === 'string' ? quote(value) : String(value)}`;
    });
    return `{"class_name": "Tokenizer", "config": {${members.join(', ')}}}`;
  }

  /** Checks texts; those that the byte scanner cannot take are split. */
  private *prepareEach(
    where: string,
    texts: Iterable<Text>,
  ): Generator<string | string[], void, undefined> {
    requireTexts(where, texts);
    let position = 0;
    for (const text of texts) yield this.prepare(where, text, position++);
  }

  private prepare(where: string, text: Text, position: number): string | string[] {
    if (typeof text !== 'string') return this.prepareWords(where, text, position);
    if (this.charLevel) return Array.from(this.lower ? text.toLowerCase() : text);
    if (this.analyzer !== null) {
      const words: unknown = this.analyzer(text);
      requireWords(where, 'the analyzer must return words', words);
      return [...words];
    }
    const scanned = this.byteScanner !== undefined && ByteScanner.takes(text);
    return scanned ? text : this.wordScanner.words(text);
  }

  /** Filters do not apply to a text that was already split, as in Keras. */
  private prepareWords(where: string, words: unknown, position: number): string[] {
    const expected = `texts[${position}] must be a string or a list of words`;
    if (!Array.isArray(words)) {
      reject({
        where,
        expected,
        received: words,
        remedy: 'Pass texts as strings.',
        see: 'one-text-or-a-list',
      });
    }
    requireWords(where, expected, words);
    return this.lower ? words.map((word) => word.toLowerCase()) : words;
  }

  private count(counter: WordCounter, text: string | string[]): void {
    if (typeof text === 'string') counter.countScanned(this.scan(text));
    else counter.countWords(text);
  }

  private scan(text: string): ByteScanner {
    const scanner = this.byteScanner as ByteScanner;
    scanner.scan(text);
    return scanner;
  }

  protected *sequencesOf(
    where: string,
    texts: Iterable<Text>,
    words: number,
  ): Generator<number[], void, undefined> {
    const { limit, oovToken } = this;
    const oovIndex = this.oovIndex(oovToken);
    const unfitted = oovToken !== null && oovIndex === undefined;
    const beyond = oovIndex ?? SKIP;
    const becomes = (index: number) => (limit && index >= limit ? beyond : index);

    // A table of the vocabulary pays when there are more words to look up than words in it.
    let ahead = words;
    let lookup: ScannedLookup | undefined;
    let indexed = this.indexedWords;
    for (const text of this.prepareEach(where, texts)) {
      // Fitted again between two texts of a generator.
      if (indexed !== this.indexedWords) lookup = undefined;
      indexed = this.indexedWords;
      if (typeof text === 'string' && this.byteScanner && !unfitted && ahead > indexed.size) {
        lookup ??= new ScannedLookup(indexed, becomes, beyond, this.byteScanner);
        yield lookup.sequence(this.scan(text));
        continue;
      }
      const sequence: number[] = [];
      for (const word of typeof text === 'string' ? this.wordScanner.words(text) : text) {
        const known = this.wordIndex.get(word);
        if (known === undefined && unfitted) rejectUnfitted(where);
        const index = known === undefined ? beyond : becomes(known);
        if (index !== SKIP) sequence.push(index);
        ahead++; // As many may come as have come.
      }
      yield sequence;
    }
  }

  private *textsOf(
    where: string,
    sequences: Iterable<ArrayLike<number>>,
  ): Generator<string, void, undefined> {
    const { limit, oovToken } = this;
    const oovIndex = this.oovIndex(oovToken);
    for (const sequence of checkEachSequence(where, sequences)) {
      const words: string[] = [];
      for (let at = 0; at < sequence.length; at++) {
        const index = sequence[at] as number;
        const word = this.indexWord.get(index);
        if (word !== undefined && !(limit && index >= limit)) words.push(word);
        else if (oovToken !== null) {
          if (oovIndex === undefined) rejectUnfitted(where);
          words.push(oovToken);
        }
      }
      yield words.join(' ');
    }
  }
}

function rejectUnfitted(where: string): never {
  reject({
    where,
    expected: 'the OOV token has no index yet',
    remedy: 'Call fitOnTexts first.',
    see: 'tokenizer-not-fitted',
  });
}
