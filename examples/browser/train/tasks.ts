/** What each source of texts means: which texts, and how a network learns from them. */
import type { SentimentTrainOptions } from 'tfjs-recurrent';
import { say } from '../page/language.js';
import { readOwnClasses } from './own-classes.js';
import type { TrainingTask } from './train.worker.js';

export type Source = 'sample' | 'own' | 'archive';

/** A task, and what the page tells of it. */
export interface Planned {
  task: TrainingTask;
  epochs: number;
  /** Of the real reviews, those that are for training. */
  texts: number;
}

const SAMPLE = 3000;
const ARCHIVE = 25_000;
const SMALL = { embeddingDim: 16, lstmUnits: 16, denseUnits: 16, learningRate: 0.01, seed: 1 };

const OPTIONS: Record<Source, SentimentTrainOptions & { epochs: number }> = {
  sample: { ...SMALL, vocabularySize: 2000, sequenceLength: 80, epochs: 4, batchSize: 50 },
  // A few texts: all of them are learned from, and often.
  own: {
    ...SMALL,
    vocabularySize: 1000,
    sequenceLength: 24,
    epochs: 40,
    batchSize: 8,
    validationSplit: 0,
  },
  archive: { vocabularySize: 4000, sequenceLength: 200, epochs: 3, batchSize: 100, seed: 1 },
};

/** What to learn from a source, and how; an Error with a sentence for the visitor where it is not there. */
export function planOf(source: Source, archive: File | undefined): Planned {
  const options = OPTIONS[source];
  const { epochs } = options;
  if (source === 'sample') return { task: { sample: SAMPLE, options }, epochs, texts: SAMPLE };
  if (source === 'archive') {
    if (!archive) throw new Error(say('needFile'));
    return { task: { archive, options }, epochs, texts: ARCHIVE };
  }
  const { classNames, ...texts } = readOwnClasses();
  const task = { texts, options: { ...options, classNames } };
  return { task, epochs, texts: texts.texts.length };
}
