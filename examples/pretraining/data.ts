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

/** Reviews to learn from, mixed, others to weigh paths by, and others to test on. */
export interface Corpus {
  train: Review[];
  validation: Review[];
  test: Review[];
}

/** The real reviews, or invented ones. */
export async function readCorpus(settings: Settings): Promise<Corpus> {
  const { data, unlabelled, validation, test, seed } = settings;
  if (data === null) {
    // No review of one part is in another.
    const taken = new Set<string>();
    const invent = (count: number, from: number) =>
      writeReviews(count, from, taken).map(({ text, rating }) => ({
        text,
        label: Number(rating > 5),
      }));
    return {
      ...{ train: invent(unlabelled, seed), test: invent(test, seed + 1) },
      validation: invent(validation, seed + 2),
    };
  }
  const imdb = await loadImdb(data);
  const all = reviewsOf(imdb.train);
  // The last of each class: neighbours are of one film, and films that are known are easier than new ones.
  const ofClass = (label: number) => all.filter((review) => review.label === label);
  const halves = [1, 0].map((label) => {
    const own = ofClass(label);
    const at = own.length - Math.round(validation / 2);
    return { train: own.slice(0, at), validation: own.slice(at) };
  });
  return {
    train: shuffled(
      halves.flatMap(({ train }) => train),
      seed,
    ).slice(0, unlabelled),
    validation: halves.flatMap((half) => half.validation),
    test: shuffled(reviewsOf(imdb.test), seed).slice(0, test),
  };
}

const reviewsOf = ({ texts, labels }: { texts: string[]; labels: number[] }): Review[] =>
  texts.map((text, i) => ({ text, label: labels[i]! }));

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
