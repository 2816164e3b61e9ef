import { type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import { padSequences, shuffled, stripHtmlTags, Tokenizer } from 'tfjs-recurrent';
import { loadImdb } from 'tfjs-recurrent/node';
import { writeReviews } from '../imdb/sample/reviews.js';
import type { Settings } from './options.js';

/** A review, and what it is: 1 = positive, 0 = negative. */
export interface Review {
  text: string;
  label: number;
}

/** Reviews to learn from, mixed, and others to test on. */
export interface Corpus {
  train: Review[];
  test: Review[];
}

/** The real reviews, or invented ones. */
export async function readCorpus({ data, unlabelled, test, seed }: Settings): Promise<Corpus> {
  if (data === null) {
    // No review of the one is in the other.
    const taken = new Set<string>();
    const invent = (count: number, from: number) =>
      writeReviews(count, from, taken).map(({ text, rating }) => ({
        text,
        label: Number(rating > 5),
      }));
    return { train: invent(unlabelled, seed), test: invent(test, seed + 1) };
  }
  const imdb = await loadImdb(data);
  const mixed = ({ texts, labels }: { texts: string[]; labels: number[] }, count: number) => {
    const reviews = texts.map((text, i) => ({ text, label: labels[i]! }));
    return shuffled(reviews, seed).slice(0, count);
  };
  return { train: mixed(imdb.train, unlabelled), test: mixed(imdb.test, test) };
}

/** Numbers the words of the reviews to learn from; those to test on have no say in it. */
export function fitTokenizer({ train }: Corpus, { vocabularySize }: Settings): Tokenizer {
  const tokenizer = new Tokenizer({ numWords: vocabularySize });
  tokenizer.fitOnTexts(train.map(({ text }) => stripHtmlTags(text)));
  return tokenizer;
}

/** Reviews as rows of word numbers, padded in front. */
export function rowsOf(reviews: readonly Review[], tokenizer: Tokenizer, maxlen: number): Tensor2D {
  const texts = reviews.map(({ text }) => stripHtmlTags(text));
  return padSequences(tokenizer.textsToSequences(texts), { maxlen }) as Tensor2D;
}

export const labelsOf = (reviews: readonly Review[]): Tensor2D =>
  tensor2d(
    reviews.map(({ label }) => [label]),
    undefined,
    'float32',
  );
