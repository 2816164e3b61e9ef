/** The same question to the article's sentiment model, with each of the three cells. */
import { dispose, gather, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { type CellName, createManyToOne, fitWithSeed, gradientNorms } from 'tfjs-recurrent';
import { fitTokenizer, readReviews, toSamples } from '../imdb/data.js';
import { ARTICLE } from '../imdb/options.js';
import { relativeToLast } from './norms.js';
import type { Settings } from './options.js';

/** What the sentiment models show. */
export interface SentimentResult {
  /** |∂loss/∂h(t)| over the words of a review, relative to the last one, by the name of the cell. */
  norms: Record<string, number[]>;
  /** The share of reviews that each judges rightly. */
  accuracy: Record<string, number>;
}

const CELLS: readonly [name: string, cell: CellName][] = [
  ['SimpleRNN', 'simpleRNN'],
  ['GRU', 'gru'],
  ['LSTM', 'lstm'],
];
const EPOCHS = 3;
const LOOKED_AT = 64;

/** Trains the three models on the same reviews, and measures their gradients on others. */
export async function lookAtSentiment(
  { data, seed, backend, reviews }: Settings,
  out: string,
): Promise<SentimentResult> {
  const settings = { ...ARTICLE, data, seed, backend, limit: Math.floor(reviews / 2) * 2 };
  const { train, test } = await readReviews(settings, out, () => {});
  const tokenizer = fitTokenizer(train, settings);
  const [learnt, unseen] = [train, test].map((half) => toSamples(half, tokenizer, settings));
  const result: SentimentResult = { norms: {}, accuracy: {} };
  for (const [name, cell] of CELLS) {
    const { vocabularySize, sequenceLength, embeddingDim, denseUnits, dropoutRate } = settings;
    const model = createManyToOne({
      ...{ cell, vocabularySize, sequenceLength, embeddingDim, denseUnits, dropoutRate, seed },
      units: settings.lstmUnits,
    });
    await fitWithSeed(model, learnt!.x, learnt!.y, { epochs: EPOCHS, batchSize: 32, seed });
    const [, accuracy] = model.evaluate(unseen!.x, unseen!.y, { batchSize: 100 }) as Tensor[];
    result.accuracy[name] = accuracy!.dataSync()[0]!;
    // Positive ones come first, so that both ends have both kinds.
    const x = everyNth(unseen!.x, LOOKED_AT);
    const y = everyNth(unseen!.y, LOOKED_AT);
    result.norms[name] = relativeToLast(gradientNorms(model, x, y));
    dispose([x, y]);
    model.dispose();
  }
  dispose([learnt!.x, learnt!.y, unseen!.x, unseen!.y]);
  return result;
}

/** Some of the rows, from all over. */
function everyNth(rows: Tensor2D, count: number): Tensor2D {
  const [all] = rows.shape;
  const chosen = Array.from({ length: Math.min(count, all) }, (_, i) => i);
  return gather(
    rows,
    chosen.map((i) => Math.floor((i * all) / chosen.length)),
  );
}
