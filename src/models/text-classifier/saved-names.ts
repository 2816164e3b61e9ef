/** By which names a text classifier is saved, and how its words are read back. Without TensorFlow.js. */

/** The arrays of the wide path, beside the weights of the network. */
export const HASHES = 'wide/hashes';
export const WEIGHTS = 'wide/weights';
export const BIASES = 'wide/biases';

/** How it is written: raised where older releases would misread it. */
export const VERSION = 2;

/** What numbers words: a Tokenizer, with its matrices or without. */
interface NumbersWords {
  fitOnTexts(texts: Iterable<string[]>): void;
}

/** A tokenizer that numbers words as they stand in the list. */
export function ofWordList<Tokenizer extends NumbersWords>(
  words: readonly string[],
  make: (options: { numWords: number }) => Tokenizer,
): Tokenizer {
  const tokenizer = make({ numWords: words.length + 1 });
  tokenizer.fitOnTexts([[...words]]); // words that are equally frequent are numbered as they come
  return tokenizer;
}
