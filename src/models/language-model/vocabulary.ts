/** Text to the tokens of a language model, and back, by its tokenizer. */
import { reject, show } from '../../foundation/errors.js';
import { textToWordSequence } from '../../preprocessing/tokenizer/words.js';
import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';

/** The words of a tokenizer as tokens of a model. */
export interface Vocabulary {
  /** 1 for each token that stands for a word, and so may be written; [size of the model's vocabulary]. */
  readonly isWord: Uint8Array;
  /** The tokens of a text, none of which may be unknown. */
  tokensOf(text: string, name: string): Int32Array;
  textOf(tokens: Int32Array): string;
}

/**
 * The vocabulary of a model.
 *
 * @param sizes Tokens that the model takes, and those that it gives.
 * @throws RecurrentError for what is no fitted tokenizer, and for one with words beyond the model.
 */
export function vocabularyOf(
  where: string,
  tokenizer: Tokenizer,
  sizes: { inputs: number; outputs: number },
): Vocabulary {
  if (typeof tokenizer?.textsToSequences !== 'function') {
    reject({
      where,
      expected: 'tokenizer must be the Tokenizer whose indices the model was trained on',
      received: tokenizer,
    });
  }
  const { indexWord, charLevel, split, numWords } = tokenizer;
  const size = Math.min(sizes.inputs, sizes.outputs);
  const used = [...indexWord.keys()].filter((index) => !numWords || index < numWords);
  const beyond = used.find((index) => index >= size);
  if (used.length === 0) {
    reject({
      where,
      expected: 'tokenizer has no words',
      remedy: 'Call tokenizer.fitOnTexts first, on the texts that the model is trained on.',
      see: 'tokenizer-not-fitted',
    });
  }
  if (beyond !== undefined) {
    reject({
      where,
      expected:
        `the output of the model must be a distribution over the vocabulary, and index ${beyond}, ` +
        `${show(indexWord.get(beyond))}, is beyond its ${size} tokens`,
      remedy:
        'Build the model with vocabularySize: tokenizer.wordIndex.size + 1, since 0 is no word.',
      see: 'outside-the-vocabulary',
    });
  }
  const isWord = new Uint8Array(sizes.outputs);
  for (const index of used) isWord[index] = 1;
  return {
    isWord,
    tokensOf: (text, name) => tokensOf(where, tokenizer, isWord, text, name),
    textOf: (tokens) =>
      Array.from(tokens, (token) => indexWord.get(token)).join(charLevel ? '' : split),
  };
}

function tokensOf(
  where: string,
  tokenizer: Tokenizer,
  isWord: Uint8Array,
  text: string,
  name: string,
): Int32Array {
  const { wordIndex, oovToken, charLevel } = tokenizer;
  const noun = charLevel ? 'character' : 'word';
  const oov = oovToken === null ? undefined : wordIndex.get(oovToken);
  const words = typeof text === 'string' ? wordsOf(tokenizer, text) : [];
  if (words.length === 0) {
    reject({
      where,
      expected: `${name} must hold at least one ${noun}`,
      received: text,
      remedy: 'The text goes on behind it.',
      see: 'sequence-of-another-length',
    });
  }
  return Int32Array.from(words, (word) => {
    const index = wordIndex.get(word);
    if (index !== undefined && isWord[index]) return index;
    if (oov !== undefined) return oov;
    return reject({
      where,
      expected: `the ${noun} ${show(word)} of ${name} is not in the vocabulary`,
      remedy: `It has ${isWord.reduce((sum, one) => sum + one, 0)} ${noun}s, those of the text that the tokenizer was fitted on.`,
      see: 'outside-the-vocabulary',
    });
  });
}

/** What the tokenizer splits a text into. */
function wordsOf({ charLevel, lower, filters, split, analyzer }: Tokenizer, text: string) {
  if (charLevel) return Array.from(lower ? text.toLowerCase() : text);
  return analyzer ? [...analyzer(text)] : textToWordSequence(text, { filters, lower, split });
}
