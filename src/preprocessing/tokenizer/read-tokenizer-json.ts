import { reject } from '../../foundation/errors.js';
import { readMap } from './ordered-json.js';
import { requireInteger, requireString } from '../../foundation/option-checks.js';
import type { SequenceTokenizer } from './sequence-tokenizer.js';
import type { TokenizerOptions } from './tokenizer-options.js';

const WHERE = 'tokenizerFromJson';
const REMEDY = 'Pass the text that toJson, or to_json of a Keras Tokenizer, wrote.';

const OPTION_OF: Readonly<Record<string, keyof TokenizerOptions>> = {
  num_words: 'numWords',
  nb_words: 'numWords', // before Keras 2
  filters: 'filters',
  lower: 'lower',
  split: 'split',
  char_level: 'charLevel',
  oov_token: 'oovToken',
};

/** No vocabulary has as many words. A matrix of this many columns takes 64 MB for each text. */
const MOST_WORDS = 2 ** 24;

const LEARNED = ['word_counts', 'word_docs', 'index_docs', 'index_word', 'word_index'];

/**
 * Reads what `toJson`, or `to_json` of Keras, wrote.
 *
 * @param make Makes the tokenizer, which is given what the other one had learned.
 */
export function readTokenizerJson<Of extends SequenceTokenizer>(
  json: string,
  make: (options: TokenizerOptions) => Of,
): Of {
  requireString(WHERE, 'json', json, REMEDY);
  const config = readConfig(json);

  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(config)) {
    if (Object.hasOwn(OPTION_OF, name)) options[OPTION_OF[name] as string] = value;
    else if (name !== 'document_count' && !LEARNED.includes(name)) {
      reject({
        where: WHERE,
        expected: `config.${name} does not belong to a tokenizer`,
        received: value,
        remedy: REMEDY,
        see: 'not-a-tokenizer',
      });
    }
  }
  const documentCount = config.document_count ?? 0;
  requireInteger(WHERE, 'config.document_count', documentCount, 0, REMEDY);
  const numWords = config.num_words ?? config.nb_words;
  if (typeof numWords === 'number') requireModest('num_words', numWords);
  const wordCounts = readLearned(config, 'word_counts', 'integer');
  const wordDocs = readLearned(config, 'word_docs', 'integer');
  const wordIndex = readLearned(config, 'word_index', 'integer');
  for (const index of wordIndex.values()) requireModest('word_index', index);
  const indexDocs = byIndex('index_docs', readLearned(config, 'index_docs', 'integer'));
  const indexWord = byIndex('index_word', readLearned(config, 'index_word', 'word'));

  const tokenizer = make(options as TokenizerOptions);
  return Object.assign(tokenizer, {
    documentCount,
    wordCounts,
    wordDocs,
    wordIndex,
    indexDocs,
    indexWord,
  });
}

function readConfig(json: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
    if (typeof parsed === 'string') parsed = JSON.parse(parsed);
  } catch {
    reject({
      where: WHERE,
      expected: 'the text must be JSON',
      received: json,
      remedy: REMEDY,
      see: 'not-a-tokenizer',
    });
  }
  const { class_name: name, config } = Object(parsed) as Record<string, unknown>;
  if (name !== 'Tokenizer') {
    reject({
      where: WHERE,
      expected: 'class_name must be "Tokenizer"',
      received: name,
      remedy: REMEDY,
      see: 'not-a-tokenizer',
    });
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    reject({
      where: WHERE,
      expected: 'config must be an object',
      received: config,
      remedy: REMEDY,
      see: 'not-a-tokenizer',
    });
  }
  return config as Record<string, unknown>;
}

function readLearned(
  config: Record<string, unknown>,
  name: string,
  kind: 'integer',
): Map<string, number>;
function readLearned(
  config: Record<string, unknown>,
  name: string,
  kind: 'word',
): Map<string, string>;
function readLearned(
  config: Record<string, unknown>,
  name: string,
  kind: 'integer' | 'word',
): Map<string, string | number> {
  const text = config[name];
  const map = typeof text === 'string' ? readMap(text) : undefined;
  if (!map) {
    reject({
      where: WHERE,
      expected: `config.${name} must be the JSON text of an object`,
      received: text,
      remedy: REMEDY,
      see: 'not-a-tokenizer',
    });
  }
  map.forEach((value, key) => {
    const fits =
      kind === 'word'
        ? typeof value === 'string'
        : Number.isSafeInteger(value) && (value as number) >= 0;
    if (fits) return;
    reject({
      where: WHERE,
      expected: `config.${name} must hold ${kind === 'word' ? 'words' : 'non-negative integers'} only`,
      received: `${key}: ${value}`,
      remedy: REMEDY,
      see: 'not-a-tokenizer',
    });
  });
  return map;
}

function byIndex<Value>(name: string, map: ReadonlyMap<string, Value>): Map<number, Value> {
  const byNumber = new Map<number, Value>();
  map.forEach((value, key) => {
    const index = Number(key);
    if (!/^\d+$/.test(key) || !Number.isSafeInteger(index)) {
      reject({
        where: WHERE,
        expected: `the keys of config.${name} must be indices`,
        received: key,
        remedy: REMEDY,
        see: 'not-a-tokenizer',
      });
    }
    requireModest(name, index);
    byNumber.set(index, value);
  });
  return byNumber;
}

function requireModest(name: string, index: number): void {
  if (index <= MOST_WORDS) return;
  reject({
    where: WHERE,
    expected: `config.${name} cannot name more than ${MOST_WORDS} words`,
    received: index,
    remedy: REMEDY,
    see: 'not-a-tokenizer',
  });
}
