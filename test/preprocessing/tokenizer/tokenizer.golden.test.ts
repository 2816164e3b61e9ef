import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import type { tf } from '../../../src/foundation/tensorflow.js';
import type { MatrixMode } from '../../../src/preprocessing/tokenizer/sequence-matrix.js';
import { Tokenizer } from '../../../src/preprocessing/tokenizer/tokenizer.js';
import { tokenizerFromJson } from '../../../src/preprocessing/tokenizer/tokenizer-json.js';
import type {
  Analyzer,
  Text,
  TokenizerOptions,
} from '../../../src/preprocessing/tokenizer/tokenizer-options.js';
import { camelCase, Deviations, expectTensor, type KerasException, readGolden } from '../golden.js';

type Pairs<Key> = [Key, Key extends string ? number : string | number][];

interface State {
  word_index: Pairs<string>;
  index_word: [number, string][];
  word_counts: Pairs<string>;
  word_docs: Pairs<string>;
  index_docs: [number, number][];
  document_count: number;
}

type Step =
  | { op: 'fit_on_texts'; texts: Text[] }
  | { op: 'fit_on_sequences'; sequences: number[][] };

interface SparseMatrix {
  shape: [number, number];
  nonzero: [number, number, number][];
}

type Matrices = Record<MatrixMode, SparseMatrix | KerasException>;

interface TokenizerCase {
  name: string;
  kwargs: object;
  steps: Step[];
  expected: State;
  unseen_texts: Text[];
  texts_to_sequences: number[][];
  texts_to_sequences_after_from_json?: number[][];
  sequences: number[][];
  sequences_to_texts: string[];
  texts_to_matrix: Matrices;
  sequences_to_matrix: Matrices;
  to_json: string;
}

type Method =
  | 'texts_to_sequences'
  | 'texts_to_matrix'
  | 'sequences_to_texts'
  | 'sequences_to_matrix';

interface Behaviour extends Partial<KerasException> {
  name: string;
  kwargs: object;
  steps: Step[];
  method: Method;
  args: [never];
  call_kwargs: { mode?: MatrixMode };
  result?: unknown;
}

const golden = readGolden<{ cases: TokenizerCase[]; behaviours: Behaviour[] }>('tokenizer.json');

// The analyzers of the generator: str.split at whitespace runs, and list, by code point.
const ANALYZERS: Readonly<Record<string, Analyzer>> = {
  'python:str.split': (text) => text.split(/\s+/).filter((word) => word !== ''),
  'python:list': (text) => [...text],
};

const deviations = new Deviations({
  // Keras answers, we throw.
  edge_texts_is_a_string: /fitOnTexts: texts must be a list of texts, received "ab ba!a"/,
  edge_negative_index: /sequences\[0\]\[0\] must be a non-negative integer, received -1/,
  edge_oov_before_fit: /the OOV token has no index yet. Call fitOnTexts first/,
  unknown_mode_empty_sequence: /textsToMatrix: mode must be "binary", .* received "foo"/,
  unknown_mode_no_text: /textsToMatrix: mode must be "binary", .* received "foo"/,
  unknown_mode_index_out_of_range: /sequencesToMatrix: mode must be "binary", .* received "foo"/,
  texts_to_sequences_string: /textsToSequences: texts must be a list of texts, received "a b"/,
  oov_before_fit_sequences: /textsToSequences: the OOV token has no index yet/,
  negative_num_words: /numWords must be a non-negative integer, received -1/,
  float_index: /sequences\[0\]\[1\] must be a non-negative integer, received 2.5/,
  nb_words_kwarg: /there is no option nbWords. Did you mean numWords\? The options are numWords, /,
});

function build({ kwargs, steps }: Pick<TokenizerCase, 'kwargs' | 'steps'>): Tokenizer {
  const options = camelCase(kwargs) as Omit<TokenizerOptions, 'analyzer'> & { analyzer?: string };
  const analyzer = ANALYZERS[options.analyzer ?? ''];
  const tokenizer = new Tokenizer({ ...options, analyzer });
  for (const step of steps) {
    if (step.op === 'fit_on_texts') tokenizer.fitOnTexts(step.texts);
    else tokenizer.fitOnSequences(step.sequences);
  }
  return tokenizer;
}

function expectState(tokenizer: Tokenizer, expected: State): void {
  expect([...tokenizer.wordIndex]).toEqual(expected.word_index);
  expect([...tokenizer.indexWord]).toEqual(expected.index_word);
  expect([...tokenizer.wordCounts]).toEqual(expected.word_counts);
  expect(tokenizer.wordDocs).toEqual(new Map(expected.word_docs));
  expect(tokenizer.indexDocs).toEqual(new Map(expected.index_docs));
  expect(tokenizer.documentCount).toBe(expected.document_count);
}

function expectMatrices(expected: Matrices, matrix: (mode: MatrixMode) => tf.Tensor2D): void {
  for (const mode of ['binary', 'count', 'freq', 'tfidf'] as const) {
    const answer = expected[mode];
    if ('exception' in answer) {
      expect(() => matrix(mode)).toThrow(
        /columns is not known|needs to know how common|has no index yet/,
      );
      continue;
    }
    const [rows, columns] = answer.shape;
    const cells = new Array<number>(rows * columns).fill(0);
    for (const [row, column, value] of answer.nonzero) cells[row * columns + column] = value;
    expectTensor(matrix(mode), answer.shape, cells);
  }
}

/** The text with the two maps that Keras writes in no particular order sorted by key. */
function sortedJson(text: string): string {
  return text.replace(/"(word_docs|index_docs)": "((?:[^"\\]|\\.)*)"/g, (_, name, inner) => {
    const entries = Object.entries(JSON.parse(JSON.parse(`"${inner}"`)));
    return `"${name}": ${JSON.stringify(entries.sort())}`;
  });
}

describe('Tokenizer agrees with Keras', () => {
  test.each(golden.cases)('$name', (entry) => {
    const message = deviations.of(entry.name);
    if (message) {
      expect(() => {
        const tokenizer = build(entry);
        tokenizer.textsToSequences(entry.unseen_texts);
        tokenizer.sequencesToTexts(entry.sequences);
      }).toThrow(message);
      if (entry.name === 'edge_texts_is_a_string') return;
    }

    const tokenizer = build(entry);
    expectState(tokenizer, entry.expected);
    expect(sortedJson(tokenizer.toJson())).toBe(sortedJson(entry.to_json));
    if (message) return;

    const { unseen_texts: texts, sequences } = entry;
    expect(tokenizer.textsToSequences(texts)).toEqual(entry.texts_to_sequences);
    expect([...tokenizer.textsToSequencesGenerator(texts)]).toEqual(entry.texts_to_sequences);
    expect(tokenizer.sequencesToTexts(sequences)).toEqual(entry.sequences_to_texts);
    expect([...tokenizer.sequencesToTextsGenerator(sequences)]).toEqual(entry.sequences_to_texts);
    expectMatrices(entry.texts_to_matrix, (mode) => tokenizer.textsToMatrix(texts, mode));
    expectMatrices(entry.sequences_to_matrix, (mode) =>
      tokenizer.sequencesToMatrix(sequences, mode),
    );

    const loaded = tokenizerFromJson(entry.to_json);
    expectState(loaded, entry.expected);
    expect(loaded.toJson()).toBe(entry.to_json);
    expect(loaded.textsToSequences(texts)).toEqual(
      entry.texts_to_sequences_after_from_json ?? entry.texts_to_sequences,
    );
  });

  test('on many texts, which are looked up in another way than few', () => {
    for (const entry of golden.cases) {
      if (deviations.of(entry.name)) continue;
      const copies = 60;
      const texts = Array.from({ length: copies }, () => entry.unseen_texts).flat();
      const expected = Array.from({ length: copies }, () => entry.texts_to_sequences).flat();
      expect(build(entry).textsToSequences(texts)).toEqual(expected);
    }
  });
});

/** Where Keras raises we throw, with a message of ours. */
const THROWN: Readonly<Record<string, RegExp>> = {
  matrix_no_num_words_no_fit: /textsToMatrix: the number of columns is not known. Set numWords/,
  matrix_no_num_words_fit_on_nothing: /textsToMatrix: the number of columns is not known/,
  matrix_no_num_words_fit_on_sequences: /sequencesToMatrix: the number of columns is not known/,
  matrix_num_words_zero_no_fit: /textsToMatrix: the number of columns is not known/,
  tfidf_before_fit: /textsToMatrix: tfidf needs to know how common words are. Call fitOnTexts/,
  tfidf_before_fit_empty: /sequencesToMatrix: tfidf needs to know how common words are/,
  unknown_mode: /mode must be "binary", "count", "tfidf" or "freq", received "foo"/,
  fit_on_non_string: /fitOnTexts: texts\[0\] must be a string or a list of words, received 1/,
  fit_on_none: /fitOnTexts: texts\[0\] must be a string or a list of words, received null/,
  fit_on_list_of_non_strings: /texts\[0\] must be a string or a list of words, received 1/,
  texts_to_sequences_non_string: /texts\[0\] must be a string or a list of words, received 3/,
  empty_split: /Tokenizer: split must not be empty, received ""/,
  oov_before_fit_matrix: /textsToMatrix: the OOV token has no index yet/,
  oov_before_fit_sequences_to_texts: /sequencesToTexts: the OOV token has no index yet/,
  negative_num_words_matrix: /Tokenizer: numWords must be a non-negative integer, received -1/,
  negative_index_out_of_range: /sequences\[0\]\[0\] must be a non-negative integer, received -4/,
  unknown_kwarg: /Tokenizer: there is no option foo. The options are numWords, /,
};

describe('where Keras raises or behaves oddly', () => {
  const plain = golden.behaviours.filter(({ method }) => method !== undefined);

  test.each(plain)('$name', (entry) => {
    const run = () => {
      const tokenizer = build(entry);
      const [argument] = entry.args;
      const { mode } = entry.call_kwargs;
      switch (entry.method) {
        case 'texts_to_sequences':
          return tokenizer.textsToSequences(argument);
        case 'texts_to_matrix':
          return tokenizer.textsToMatrix(argument, mode);
        case 'sequences_to_texts':
          return tokenizer.sequencesToTexts(argument);
        case 'sequences_to_matrix':
          return tokenizer.sequencesToMatrix(argument, mode);
      }
    };
    const message = deviations.of(entry.name) ?? THROWN[entry.name];
    if (message) expect(run).toThrow(message);
    else expect(run()).toEqual(entry.result);
  });

  test('from_json_bad_text', () => {
    expect(() => tokenizerFromJson('not json')).toThrow(
      'tokenizerFromJson: the text must be JSON, received "not json". ' +
        'Pass the text that toJson, or to_json of a Keras Tokenizer, wrote.',
    );
  });

  test('refit_after_from_json_known_words', () => {
    const expected = golden.behaviours.find(
      ({ name }) => name === 'refit_after_from_json_known_words',
    )?.result as State;
    const loaded = tokenizerFromJson(fitted('a b').toJson());
    loaded.fitOnTexts(['a b b']);
    expectState(loaded, expected);
  });

  test('refit_after_from_json_new_word: Keras fails over a new word, we count it', () => {
    const loaded = tokenizerFromJson(fitted('a b').toJson());
    loaded.fitOnTexts(['a c']);
    expect(loaded.toJson()).toBe(fitted('a b', 'a c').toJson());
  });

  test('COMPATIBILITY.md tells of every difference', () => {
    expect(golden.cases).toHaveLength(122);
    expect(golden.behaviours).toHaveLength(29);
    deviations.expectAllDescribed();
    new Deviations({}).expectDescribed('refit_after_from_json_new_word');
  });
});

function fitted(...texts: string[]): Tokenizer {
  const tokenizer = new Tokenizer();
  for (const text of texts) tokenizer.fitOnTexts([text]);
  return tokenizer;
}
