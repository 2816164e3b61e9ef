/** Checks of what a tokenizer is given: texts, words, sequences of indices. */
import { reject } from '../../foundation/errors.js';
import { isList } from '../../foundation/option-checks.js';
import type { Text } from './tokenizer-options.js';

const LIST_OF_TEXTS = 'texts must be a list of texts';
const LIST_OF_SEQUENCES = 'sequences must be a list of lists of indices';

/** What an iterable that comes bit by bit can do, and anything else perhaps. */
interface Iterates {
  [Symbol.iterator]?: unknown;
  [Symbol.asyncIterator]?: unknown;
  then?: unknown;
  /** Of the streams of Node: whether they give whole objects, or parts of a file. */
  readableObjectMode?: unknown;
}

/** Requires texts that are all there, and says what to do with those that are not. */
export function requireTexts(where: string, texts: unknown): void {
  if (typeof texts === 'string') {
    reject({
      where,
      expected: LIST_OF_TEXTS,
      received: texts,
      remedy: 'Put a single text into a list: [text]. Keras would take each character for a text.',
      see: 'one-text-or-a-list',
    });
  }
  requireIterable(where, LIST_OF_TEXTS, texts, (method) =>
    method === 'fitOnTexts'
      ? 'Texts that come one by one are for fitOnTextsAsync.'
      : `Take one at a time: for await (const text of texts) tokenizer.${method}([text]).`,
  );
}

/** Requires texts that come one by one, or are all there. */
export function requireTextsAsync(where: string, texts: unknown): void {
  const { async, ofParts } = iterationOf(texts);
  if (async && ofParts) {
    reject({
      where,
      expected: 'texts must be whole texts, and a stream of a file is cut anywhere',
      received: texts,
      remedy: "Read it by lines: createInterface({ input: stream }) of 'node:readline'.",
      see: 'one-text-or-a-list',
    });
  }
  if (!async) requireTexts(where, texts);
}

function iterationOf(value: unknown) {
  const iterates = (value ?? {}) as Iterates;
  return {
    sync: typeof iterates[Symbol.iterator] === 'function',
    async: typeof iterates[Symbol.asyncIterator] === 'function',
    promise: typeof iterates.then === 'function',
    ofParts: iterates.readableObjectMode === false,
  };
}

function requireIterable(
  where: string,
  expected: string,
  value: unknown,
  remedyOfAsync: (method: string) => string,
): void {
  const { sync, async, promise } = iterationOf(value);
  if (sync) return;
  const method = where.replace('Tokenizer.', '').replace('Generator', '');
  const remedy = promise ? 'Await it first.' : async ? remedyOfAsync(method) : undefined;
  reject({ where, expected, received: value, remedy });
}

export function requireWords(
  where: string,
  expected: string,
  words: unknown,
): asserts words is Iterable<string> {
  if (typeof words === 'string' || !(Symbol.iterator in Object(words))) {
    reject({ where, expected, received: words });
  }
  for (const word of words as Iterable<unknown>) {
    if (typeof word !== 'string') reject({ where, expected, received: word });
  }
}

/** About how many words texts have; 0 when they can be seen only once. */
export function approximateWords(texts: Iterable<Text>): number {
  if (!Array.isArray(texts)) return 0;
  let words = 0;
  for (const text of texts as readonly Text[]) {
    words += typeof text === 'string' ? text.length / 6 : (text?.length ?? 0);
  }
  return words;
}

export function checkSequences(
  where: string,
  sequences: Iterable<ArrayLike<number>>,
): ArrayLike<number>[] {
  return [...checkEachSequence(where, sequences)];
}

export function* checkEachSequence(
  where: string,
  sequences: Iterable<ArrayLike<number>>,
): Generator<ArrayLike<number>, void, undefined> {
  if (typeof sequences === 'string') {
    reject({ where, expected: LIST_OF_SEQUENCES, received: sequences, see: 'one-text-or-a-list' });
  }
  requireIterable(
    where,
    LIST_OF_SEQUENCES,
    sequences,
    (method) =>
      `Take one at a time: for await (const sequence of sequences) tokenizer.${method}([sequence]).`,
  );
  let position = 0;
  for (const sequence of sequences) {
    if (!isList(sequence)) {
      reject({
        where,
        expected: `sequences[${position}] must be a list of indices`,
        received: sequence,
        remedy: 'Put a single sequence into a list: [sequence].',
        see: 'one-text-or-a-list',
      });
    }
    for (let at = 0; at < sequence.length; at++) {
      const index = sequence[at] as number;
      if (Number.isSafeInteger(index) && index >= 0) continue;
      reject({
        where,
        expected: `sequences[${position}][${at}] must be a non-negative integer`,
        received: index,
      });
    }
    position++;
    yield sequence;
  }
}
