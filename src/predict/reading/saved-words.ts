/** The vocabularies and settings that are saved with a model, of the kinds that a predictor can use. */
import { reject } from '../../foundation/errors.js';
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
}

type Fields = Record<string, unknown>;

const WHERE = 'loadPredictor';

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
  textClassifier: 'a TextClassifier, which may read n-grams beside its model',
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
      see: 'not-for-a-predictor',
    });
  }
  const { crc32, ...fields } = Object(userDefinedMetadata[key]) as Fields;
  if (crc32 !== undefined) {
    const unsealed = { ...parts, userDefinedMetadata: { ...userDefinedMetadata, [key]: fields } };
    if (savedChecksum(unsealed as never, weights) !== crc32) rejectDamage();
  }
  return kind(fields);
}

function readTokenizer(json: unknown): SequenceTokenizer {
  return readTokenizerJson(json as string, (options) => new SequenceTokenizer(options));
}

function rejectDamage(): never {
  reject({
    where: WHERE,
    expected: 'the model is damaged: it has changed since it was saved',
    remedy: 'Take it from a copy, or save it again.',
    see: 'damaged-model',
  });
}
