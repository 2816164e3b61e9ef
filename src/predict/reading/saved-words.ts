/** The vocabularies and settings that are saved with a model, of the kinds that a predictor can use. */
import { reject } from '../../foundation/errors.js';
import { ofWordList } from '../../models/text-classifier/saved-names.js';
import { savedChecksum } from '../../models/saving/checksum.js';
import { readTokenizerJson } from '../../preprocessing/tokenizer/read-tokenizer-json.js';
import { SequenceTokenizer } from '../../preprocessing/tokenizer/sequence-tokenizer.js';
import type { SavedParts } from './parts.js';

/** What a model was saved with. */
export interface SavedWords {
  /** Tokenizers by name; that of a classifier is called `words`. */
  vocabularies: Record<string, SequenceTokenizer>;
  /** Of a classifier. */
  classNames?: readonly string[];
  /** Whether tags of HTML are taken out of texts. */
  stripHtml: boolean;
  /** Of a TextClassifier, how much the logits of each of its paths count. */
  scales?: readonly number[];
}

type Fields = Record<string, unknown>;

const WHERE = 'loadPredictor';

// Of all kinds that are read here.
const VERSION = 1;

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
  textClassifier({ words, classNames, stripHtml, scales }) {
    const areRight = isListOf(words, 'string') && isListOf(classNames, 'string');
    if (!areRight || !isListOf(scales, 'number')) rejectDamage();
    const tokenizer = ofWordList(words, (options) => new SequenceTokenizer(options));
    return {
      vocabularies: { words: tokenizer },
      classNames,
      stripHtml: stripHtml === true,
      scales,
    };
  },
  timeseriesForecaster: 'a TimeseriesForecaster, which scales what it is given',
  encoderDecoder: 'an EncoderDecoder, which writes token after token',
};

/**
 * Reads what the metadata of a model says.
 *
 * @throws RecurrentError for a damaged one, and for a kind whose numbers would mean something else.
 */
export function readSavedWords(parts: SavedParts, weights: Uint8Array): SavedWords {
  const { userDefinedMetadata = {} } = parts;
  const key = Object.keys(KINDS).find((name) => Object.hasOwn(userDefinedMetadata, name));
  if (key === undefined) return { vocabularies: {}, stripHtml: false };
  const kind = KINDS[key]!;
  if (typeof kind === 'string') {
    reject({
      where: WHERE,
      expected: `what was saved is ${kind}, and a predictor does not`,
      remedy: "Load it with the main entry, 'tfjs-recurrent'.",
    });
  }
  const { crc32, ...fields } = Object(userDefinedMetadata[key]) as Fields;
  if (fields.version !== VERSION) {
    reject({
      where: WHERE,
      expected: `what was saved must be of version ${VERSION}`,
      received: fields.version,
      remedy: 'Load it with the release of tfjs-recurrent that saved it.',
    });
  }
  if (crc32 !== undefined) {
    const unsealed = { ...parts, userDefinedMetadata: { ...userDefinedMetadata, [key]: fields } };
    if (savedChecksum(unsealed as never, weights) !== crc32) rejectDamage();
  }
  return kind(fields);
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

function rejectDamage(): never {
  reject({
    where: WHERE,
    expected: 'the model is damaged: it has changed since it was saved',
    remedy: 'Take it from a copy, or save it again.',
  });
}
