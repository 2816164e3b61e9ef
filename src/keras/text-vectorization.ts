/** Keras 3's TextVectorization layer as a Tokenizer. */
import { reject } from '../foundation/errors.js';
import type { PadOptions } from '../preprocessing/padded-sequences.js';
import { Tokenizer } from '../preprocessing/tokenizer/tokenizer.js';

const WHERE = 'tokenizerFromTextVectorization';
const MASK_TOKEN = '';
const OOV_TOKEN = '[UNK]';
const FIRST_WORD = 2; // 0 is for padding, 1 for unknown words

/** What the layer does, in the two steps of this library. */
export interface TextVectorizationParts {
  /** Splits as the layer does and numbers words as its vocabulary does. */
  tokenizer: Tokenizer;
  /** What `padSequences` has to be given besides the sequences. */
  padding: Pick<PadOptions, 'maxlen' | 'padding' | 'truncating'>;
}

/**
 * Reads the settings and the vocabulary of a `keras.layers.TextVectorization` into a tokenizer that
 * gives the same sequences.
 *
 * The layer lower-cases ASCII letters alone, removes punctuation instead of splitting at it, and
 * splits at ASCII white space; the tokenizer does so by an `analyzer` of its own, which
 * `toJson` cannot save. Keep the configuration and the vocabulary instead.
 *
 * @param config What `layer.get_config()` returns, or the whole entry of the layer in a model's
 *   JSON. `standardize` may be `lower_and_strip_punctuation` (default), `lower`,
 *   `strip_punctuation` or null; `split` `whitespace` (default) or `character`.
 * @param vocabulary What `layer.get_vocabulary()` returns, with or without the two special tokens
 *   at its beginning. Default: the vocabulary in `config`, which is there when the layer was
 *   built with one.
 * @returns The tokenizer, and how to pad: after the end, to `output_sequence_length` if there is one.
 * @throws RecurrentError that says which setting has no equivalent here: `ngrams`, another
 *   `output_mode` than `int`, `ragged`, another `encoding` than UTF-8, functions of one's own.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { padSequences, tokenizerFromTextVectorization } from 'tfjs-recurrent';
 *
 * const { tokenizer, padding } = tokenizerFromTextVectorization(
 *   { standardize: 'lower_and_strip_punctuation', split: 'whitespace', output_sequence_length: 4 },
 *   ['', '[UNK]', 'a', 'great', 'movie'],
 * );
 * const sequences = tokenizer.textsToSequences(['A great, GREAT film!', 'Movie?']);
 * console.log(padSequences(sequences, padding).arraySync());
 * // [ [ 2, 3, 3, 1 ], [ 4, 0, 0, 0 ] ]
 * ```
 */
export function tokenizerFromTextVectorization(
  config: object,
  vocabulary?: readonly string[],
): TextVectorizationParts {
  const settings = readSettings(config);
  const words = readVocabulary(vocabulary ?? settings.vocabulary, settings.max_tokens);
  const standardize = oneOf(settings, 'standardize', STANDARDIZE, 'lower_and_strip_punctuation');
  const split = oneOf(settings, 'split', SPLIT, 'whitespace');
  refuse(
    settings,
    'output_mode',
    'int',
    'Words can become indices alone; textsToMatrix counts them.',
  );
  refuse(settings, 'ngrams', null, 'Only single words can be read.');
  refuse(settings, 'ragged', false, 'Sequences of unequal length would not make a tensor.');
  refuse(settings, 'encoding', 'utf-8', 'Texts of JavaScript have no other.');
  const length = settings.output_sequence_length ?? null;
  if (length !== null && !(Number.isSafeInteger(length) && (length as number) > 0)) {
    reject({
      where: WHERE,
      expected: 'output_sequence_length must be a positive integer or null',
      received: length,
      see: 'not-a-tokenizer',
    });
  }

  const tokenizer = new Tokenizer({
    filters: '',
    lower: false,
    oovToken: OOV_TOKEN,
    analyzer: (text) => split(standardize(text)),
  });
  tokenizer.wordIndex = new Map([[OOV_TOKEN, 1]]);
  words.forEach((word, position) => {
    tokenizer.wordIndex.set(word, position + FIRST_WORD);
  });
  tokenizer.indexWord = new Map([...tokenizer.wordIndex].map(([word, index]) => [index, word]));
  const padding = { padding: 'post', truncating: 'post' } as const;
  return {
    tokenizer,
    padding: length === null ? padding : { ...padding, maxlen: length as number },
  };
}

/** The characters that the layer removes: all ASCII punctuation. Source: `_preprocess` of the layer. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g;

const lower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const strip = (text: string) => text.replace(PUNCTUATION, '');

const STANDARDIZE: Readonly<Record<string, (text: string) => string>> = {
  lower_and_strip_punctuation: (text) => strip(lower(text)),
  lower,
  strip_punctuation: strip,
  null: (text) => text,
};

const SPLIT: Readonly<Record<string, (text: string) => string[]>> = {
  whitespace: (text) => text.split(/[ \t\n\v\f\r]+/).filter((word) => word !== ''),
  character: (text) => [...text],
};

type Settings = Readonly<Record<string, unknown>>;

function readSettings(config: unknown): Settings {
  const entry = Object(config) as { class_name?: unknown; config?: unknown };
  const name = entry.class_name;
  const settings = name === undefined ? config : entry.config;
  const isObject = typeof settings === 'object' && settings !== null && !Array.isArray(settings);
  if (isObject && (name === undefined || name === 'TextVectorization')) return settings as Settings;
  return reject({
    where: WHERE,
    expected: 'config must be that of a TextVectorization layer',
    received: name ?? config,
    remedy: 'Pass what layer.get_config() returned, for example read from JSON.',
    see: 'not-a-tokenizer',
  });
}

function oneOf<Value>(
  settings: Settings,
  name: string,
  known: Readonly<Record<string, Value>>,
  otherwise: string,
): Value {
  const given = settings[name] === undefined ? otherwise : settings[name];
  const isName = typeof given === 'string' || given === null;
  const found = isName && Object.hasOwn(known, String(given)) ? known[String(given)] : undefined;
  return (
    found ??
    reject({
      where: WHERE,
      expected: `${name} has no equivalent here: it must be one of ${Object.keys(known).join(', ')}`,
      received: given,
      remedy: 'A Tokenizer with an analyzer of your own may do the same.',
      see: 'unsupported-keras-layer',
    })
  );
}

function refuse(settings: Settings, name: string, only: unknown, remedy: string): void {
  const given = settings[name] ?? only;
  const same = typeof given === 'string' ? given.toLowerCase() === only : given === only;
  if (same) return;
  reject({
    where: WHERE,
    expected: `${name} has no equivalent here: it must be ${only}`,
    received: given,
    remedy,
    see: 'unsupported-keras-layer',
  });
}

/** The words without the special tokens, checked. */
function readVocabulary(vocabulary: unknown, maxTokens: unknown): string[] {
  if (!Array.isArray(vocabulary) || !vocabulary.every((word) => typeof word === 'string')) {
    reject({
      where: WHERE,
      expected: 'vocabulary must be a list of words',
      received: vocabulary,
      remedy: 'Pass what layer.get_vocabulary() returned; the configuration need not hold it.',
      see: 'not-a-tokenizer',
    });
  }
  const special = vocabulary[0] === MASK_TOKEN && vocabulary[1] === OOV_TOKEN;
  const words: string[] = special ? vocabulary.slice(FIRST_WORD) : vocabulary;
  const seen = new Set([MASK_TOKEN, OOV_TOKEN]);
  for (const word of words) {
    if (seen.has(word)) {
      reject({
        where: WHERE,
        expected: 'every word of the vocabulary must occur once',
        received: word,
        remedy: 'Only the first two may be the special tokens "" and "[UNK]".',
        see: 'not-a-tokenizer',
      });
    }
    seen.add(word);
  }
  if (typeof maxTokens === 'number' && seen.size > maxTokens) {
    reject({
      where: WHERE,
      expected: `the vocabulary must have at most ${maxTokens} tokens, as max_tokens says`,
      received: seen.size,
      remedy: 'It belongs to another layer.',
      see: 'not-a-tokenizer',
    });
  }
  return words;
}
