/** The vocabularies and settings that are saved with a model, of the kinds that a predictor can use. */
import { reject } from '../../foundation/errors.js';
import { FORECASTER } from '../../models/series/forecaster-kind.js';
import { ofWordList, VERSION } from '../../models/text-classifier/saved-names.js';
import { readTokenizerJson } from '../../preprocessing/tokenizer/read-tokenizer-json.js';
import { SequenceTokenizer } from '../../preprocessing/tokenizer/sequence-tokenizer.js';
import type { SavedParts } from './parts.js';
import { type Fields, readMetadata, rejectDamage } from './saved-metadata.js';

/** What a model was saved with. */
export interface SavedWords {
  /** Tokenizers by name; that of a classifier is called `words`. */
  vocabularies: Record<string, SequenceTokenizer>;
  /** Of a classifier. */
  classNames?: readonly string[];
  /** Whether tags of HTML are taken out of texts. */
  stripHtml: boolean;
  /** Of a TextClassifier. */
  mixture?: SavedMixture;
}

/** How a TextClassifier comes from its paths to a verdict. */
export interface SavedMixture {
  /** How much the logits of each path count. */
  scales: readonly number[];
  /** Whether the network reads a text in pieces. */
  readsPieces: boolean;
}

const WHERE = 'loadPredictor';

/** Of a model that was saved alone. */
export const NO_WORDS: SavedWords = { vocabularies: {}, stripHtml: false };

/** What makes the words of a kind from its fields, or why a predictor would be wrong with it. */
const KINDS: Readonly<Record<string, ((fields: Fields) => SavedWords) | string>> = {
  sentimentClassifier: ({ tokenizer, classNames, stripHtml }) => ({
    vocabularies: { words: readTokenizer(tokenizer) },
    classNames: classNames as string[],
    stripHtml: stripHtml === true,
  }),
  modelWithVocabularies: ({ vocabularies }) => ({
    vocabularies: Object.fromEntries(
      Object.entries(Object(vocabularies)).map(([name, json]) => [name, readTokenizer(json)]),
    ),
    stripHtml: false,
  }),
  textClassifier({ words, classNames, stripHtml, scales, readsPieces }) {
    const areRight = isListOf(words, 'string') && isListOf(classNames, 'string');
    if (!areRight || !isListOf(scales, 'number') || typeof readsPieces !== 'boolean')
      rejectDamage();
    const tokenizer = ofWordList(words, (options) => new SequenceTokenizer(options));
    return {
      vocabularies: { words: tokenizer },
      classNames,
      stripHtml: stripHtml === true,
      mixture: { scales, readsPieces },
    };
  },
  encoderDecoder: 'an EncoderDecoder, which writes token after token',
};

/** Of kinds that have been written otherwise before. */
const VERSIONS: Readonly<Record<string, number>> = { textClassifier: VERSION };

/**
 * Reads what the metadata of a model says.
 *
 * @throws RecurrentError for a damaged one, and for a kind whose numbers would mean something else.
 */
export function readSavedWords(parts: SavedParts, weights: Uint8Array): SavedWords {
  const { userDefinedMetadata = {} } = parts;
  if (Object.hasOwn(userDefinedMetadata, FORECASTER.key)) {
    reject({
      where: WHERE,
      expected: 'what was saved is a TimeseriesForecaster, which scales what it is given',
      remedy: 'Load it with loadForecaster.',
      see: 'not-for-a-predictor',
    });
  }
  const key = Object.keys(KINDS).find((name) => Object.hasOwn(userDefinedMetadata, name));
  if (key === undefined) return NO_WORDS;
  const kind = KINDS[key]!;
  if (typeof kind === 'string') {
    reject({
      where: WHERE,
      expected: `what was saved is ${kind}, and a predictor does not`,
      remedy: "Load it with the main entry, 'tfjs-recurrent'.",
      see: 'not-for-a-predictor',
    });
  }
  return kind(readMetadata(parts, weights, key, VERSIONS[key] ?? 1));
}

/** Whether a value is a list of one type. */
function isListOf(value: unknown, type: 'string'): value is string[];
function isListOf(value: unknown, type: 'number'): value is number[];
function isListOf(value: unknown, type: string): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === type);
}

function readTokenizer(json: unknown): SequenceTokenizer {
  return readTokenizerJson(json as string, (options) => new SequenceTokenizer(options));
}
