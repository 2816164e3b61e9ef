/** Checks of what a tokenizer is given: texts, words, sequences of indices. */
import { reject } from '../../foundation/errors.js';
import { isList } from '../../foundation/option-checks.js';
import type { Text } from './tokenizer-options.js';

export function requireTexts(where: string, texts: unknown): void {
  if (typeof texts === 'string') {
    reject({
      where,
      expected: 'texts must be a list of texts',
      received: texts,
      remedy: 'Put a single text into a list: [text]. Keras would take each character for a text.',
    });
  }
  if (typeof (texts as Iterable<unknown> | null | undefined)?.[Symbol.iterator] === 'function')
    return;
  reject({ where, expected: 'texts must be a list of texts', received: texts });
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
  const expected = 'sequences must be a list of lists of indices';
  if (
    typeof sequences === 'string' ||
    typeof (sequences as Iterable<unknown> | null | undefined)?.[Symbol.iterator] !== 'function'
  ) {
    reject({ where, expected, received: sequences });
  }
  let position = 0;
  for (const sequence of sequences) {
    if (!isList(sequence)) {
      reject({
        where,
        expected: `sequences[${position}] must be a list of indices`,
        received: sequence,
        remedy: 'Put a single sequence into a list: [sequence].',
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
