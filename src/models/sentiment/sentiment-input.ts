/** From texts to what a sentiment model takes, the same way in training and in prediction. */
import type { tf } from '../../foundation/tensorflow.js';
import { stripHtmlTags } from '../../preprocessing/html.js';
import { padSequences } from '../../preprocessing/pad-sequences.js';
import { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';

/** Without HTML, or as they are. */
export function cleanTexts(texts: readonly string[], stripHtml: boolean): readonly string[] {
  return stripHtml ? texts.map((text) => stripHtmlTags(text)) : texts;
}

/** Indices of words [texts, sequenceLength], padded and cut at the start. */
export function toInput(
  tokenizer: Tokenizer,
  texts: readonly string[],
  sequenceLength: number,
): tf.Tensor2D {
  return padSequences(tokenizer.textsToSequences(texts), { maxlen: sequenceLength });
}

/** A tokenizer that knows the `vocabularySize - 1` most common words of texts, and only those. */
export function fitVocabulary(texts: readonly string[], vocabularySize: number): Tokenizer {
  const tokenizer = new Tokenizer({ numWords: vocabularySize });
  tokenizer.fitOnTexts(texts);
  // The others would be left out of every sequence, and fill nine tenths of the saved file.
  const rare = [...tokenizer.wordIndex].filter(([, index]) => index >= vocabularySize);
  for (const [word, index] of rare) {
    for (const map of [tokenizer.wordIndex, tokenizer.wordCounts, tokenizer.wordDocs]) {
      map.delete(word);
    }
    for (const map of [tokenizer.indexWord, tokenizer.indexDocs]) map.delete(index);
  }
  return tokenizer;
}
