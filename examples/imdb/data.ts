import { join } from 'node:path';
import { type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
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
  x: Tensor2D; // [reviews, sequenceLength], int32
  y: Tensor2D; // [reviews, 1]
}

/**
 * Reads both halves of the corpus.
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
  return { train, test };
}

/** Texts without their HTML tags, one at a time, so that no two copies of all are in memory. */
function* withoutTags(texts: readonly string[]): Generator<string, void, undefined> {
  for (const text of texts) yield stripHtmlTags(text);
}

/** Numbers the words of the training reviews; the test reviews have no say in it. */
export function fitTokenizer(train: Reviews, settings: Settings): Tokenizer {
  const tokenizer = new Tokenizer({ numWords: settings.vocabularySize });
  tokenizer.fitOnTexts(withoutTags(train.texts));
  return tokenizer;
}

// The sequences of all reviews at once would take more memory than the rows that come of them.
const PIECE = 100;

/** Turns reviews into rows of word numbers, all of one length. */
export function toSamples(
  { texts, labels }: Reviews,
  tokenizer: Tokenizer,
  { sequenceLength }: Settings,
): Samples {
  const rows = new Int32Array(texts.length * sequenceLength);
  let row = 0;
  const sequences = tokenizer.textsToSequencesGenerator(withoutTags(texts));
  for (const piece of inPieces(sequences, PIECE)) {
    const padded = padSequences(piece, { maxlen: sequenceLength });
    rows.set(padded.dataSync(), row * sequenceLength);
    row += piece.length;
    padded.dispose();
  }
  return {
    x: tensor2d(rows, [texts.length, sequenceLength], 'int32'),
    y: tensor2d(labels, [labels.length, 1], 'float32'),
  };
}

function* inPieces<Item>(items: Iterable<Item>, size: number): Generator<Item[], void, undefined> {
  let piece: Item[] = [];
  for (const item of items) {
    piece.push(item);
    if (piece.length < size) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
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
