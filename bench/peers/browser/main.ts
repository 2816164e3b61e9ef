/** Ours in a page: what ours.ts does in Node, as far as it is compared. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { ready, SentimentClassifier } from 'tfjs-recurrent';

/** Rows of reviews as numbers, and their labels. */
export interface Rows {
  count: number;
  x: Int32Array;
  y: Float32Array;
}

/** What the bench asks a page for. */
export interface InPage {
  load(threads: number): Promise<{ parameters: number; isolated: boolean }>;
  /** One pass over the rows by model.fit; milliseconds a step. */
  fit(rows: Rows, batchSize: number): Promise<{ ms: number; loss: number }>;
  /** One review a call; milliseconds a review. */
  one(texts: string[]): Promise<{ ms: number; probabilities: number[] }>;
}

declare global {
  var inPage: InPage | undefined;
}

let classifier: SentimentClassifier;

globalThis.inPage = {
  async load(threads) {
    await tf.setBackend('cpu');
    await ready({ threads });
    const { href } = new URL('./classifier/model.json', location.href);
    classifier = await SentimentClassifier.load(href);
    return { parameters: classifier.model.countParams(), isolated: crossOriginIsolated };
  },

  async fit({ count, x, y }, batchSize) {
    const inputs = tf.tensor2d(x, [count, x.length / count], 'int32');
    const labels = tf.tensor2d(y, [count, 1]);
    const start = performance.now();
    const { history } = await classifier.model.fit(inputs, labels, { batchSize, verbose: 0 });
    const ms = (performance.now() - start) / (count / batchSize);
    tf.dispose([inputs, labels]);
    return { ms, loss: history.loss![0] as number };
  },

  async one(texts) {
    const probabilities: number[] = [];
    const start = performance.now();
    for (const text of texts) probabilities.push((await classifier.predict(text)).probability);
    return { ms: (performance.now() - start) / texts.length, probabilities };
  },
};
