/** What trains beside the page. */
import '@tensorflow/tfjs-backend-cpu';
import {
  readImdbArchive,
  SentimentClassifier,
  type SentimentData,
  type SentimentTrainOptions,
  serveTraining,
} from 'tfjs-recurrent';
import { writeReviews } from '../../imdb/sample/reviews.js';

/** What to learn from: texts of the visitor, the archive of the real reviews, or so many made-up ones. */
export interface TrainingTask {
  texts?: SentimentData;
  archive?: File;
  sample?: number;
  options: SentimentTrainOptions;
}

serveTraining(async ({ texts, archive, sample, options }: TrainingTask, run) => {
  const data =
    texts ??
    (archive ? await read(archive, (fraction) => run.progress(fraction)) : madeUp(sample!));
  return SentimentClassifier.train(data, { ...options, callbacks: run.callbacks });
});

async function read(archive: File, onFraction: (fraction: number) => void) {
  const { train } = await readImdbArchive(archive, {
    onProgress: ({ fraction }) => onFraction(fraction),
  });
  return train;
}

function madeUp(count: number): SentimentData {
  const reviews = writeReviews(count, 1, new Set());
  return {
    texts: reviews.map(({ text }) => text),
    labels: reviews.map(({ rating }) => (rating > 5 ? 1 : 0)),
  };
}
