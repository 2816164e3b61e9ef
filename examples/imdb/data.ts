import { join } from 'node:path';
import { type Tensor, type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import { padSequences, splitValidation, stripHtmlTags, Tokenizer } from 'tfjs-recurrent';
import { loadImdb } from 'tfjs-recurrent/node';
import type { Settings } from './options.js';
import { writeSampleCorpus } from './sample-corpus.js';

/** Reviews and what they are: 1 = positive, 0 = negative. */
export interface Reviews {
  texts: string[];
  labels: number[];
}

/** Reviews as the model takes them. */
export interface Samples {
  x: Tensor; // [reviews, sequenceLength], int32
  y: Tensor2D; // [reviews, 1]
}

/**
 * Reads both halves of the corpus and takes the HTML tags out.
 *
 * @param settings `data` and `limit` count.
 * @param out Where the sample is written to, when that is what is asked for.
 * @param onProgress Is told the fraction that has been read.
 */
export async function readReviews(
  settings: Settings,
  out: string,
  onProgress: (fraction: number) => void,
): Promise<{ train: Reviews; test: Reviews }> {
  const path = settings.data ?? join(out, 'corpus');
  if (settings.data === null) await writeSampleCorpus(path);
  const { train, test } = await loadImdb(path, {
    onProgress: ({ fraction }) => onProgress(fraction),
    ...(settings.limit === null ? {} : { limit: settings.limit }),
  });
  return { train: withoutTags(train), test: withoutTags(test) };
}

/** In place, so that no two copies of all reviews are in memory. */
function withoutTags({ texts, labels }: Reviews): Reviews {
  for (const [index, text] of texts.entries()) texts[index] = stripHtmlTags(text);
  return { texts, labels };
}

/** Numbers the words of the training reviews; the test reviews have no say in it. */
export function fitTokenizer(train: Reviews, settings: Settings): Tokenizer {
  const tokenizer = new Tokenizer({ numWords: settings.vocabularySize });
  tokenizer.fitOnTexts(train.texts);
  return tokenizer;
}

/** Turns reviews into rows of word numbers, all of one length. */
export function toSamples(reviews: Reviews, tokenizer: Tokenizer, settings: Settings): Samples {
  const sequences = tokenizer.textsToSequences(reviews.texts);
  return {
    x: padSequences(sequences, { maxlen: settings.sequenceLength }),
    y: tensor2d(reviews.labels, [reviews.labels.length, 1], 'float32'),
  };
}

/**
 * Sets the validation part aside: at random, or from the end as the article does. As texts, of
 * which no copies are made; rows of numbers would be there twice.
 */
export function split(reviews: Reviews, settings: Settings) {
  return splitValidation(
    { ...reviews },
    {
      validationSplit: settings.validationSplit,
      shuffle: settings.split === 'shuffled',
      seed: settings.seed,
    },
  );
}
