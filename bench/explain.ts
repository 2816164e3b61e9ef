/**
 * How long an explanation takes, and how well it adds up.
 *
 *     npx tsx bench/explain.ts
 *
 * A text of 300 words and the model of createSentimentLstm, whose weights are drawn by a seed: their values do
 * not change what is computed. The least and the median of many runs in this process, on two threads.
 * With a model of examples/imdb and the reviews, it also counts how far contributions are from adding up:
 *
 *     npx tsx bench/explain.ts --data PATH --model runs/imdb [--reviews 200]
 */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createSentimentLstm, type ExplainMethod, explain, ready } from '../src/index.js';
import { median } from './harness/in-turn.js';
import { readJudgedReviews } from './harness/judged-reviews.js';

const RUNS = 60;
const TIME = 300;
const METHODS: ExplainMethod[] = ['integratedGradients', 'occlusion', 'gradientTimesInput'];

tf.enableProdMode();
await tf.setBackend('cpu');
await ready({ threads: 2 });

const model = createSentimentLstm({ seed: 1, compile: false });
const words = Int32Array.from({ length: TIME }, (_, i) => 1 + ((i * 7919) % 3999));
for (const method of METHODS) {
  const times = Array.from({ length: RUNS }, () => {
    const begin = performance.now();
    explain(model, words, { method });
    return performance.now() - begin;
  });
  const [least, middle] = [Math.min(...times), median(times)].map((ms) => ms.toFixed(1));
  console.log(`${method}, ${TIME} words: ${least} ms at least, median ${middle} ms`);
}

const judged = await readJudgedReviews(process.argv.slice(2));
if (judged) {
  const { judge, reviews } = judged;
  for (const steps of [16, 32, 64]) {
    const errors = reviews
      .map((review) => explain(judge, review, { steps }).completenessError)
      .sort((a, b) => a - b);
    const at = (share: number) =>
      errors[Math.min(errors.length - 1, Math.floor(share * errors.length))]!;
    const within = errors.filter((error) => error <= 0.01).length / errors.length;
    console.log(
      `${steps} steps, ${errors.length} reviews: error ${percent(at(0.5))} in the median, ${percent(at(0.99))} in the ` +
        `99th of a hundred, ${percent(at(1))} at most; ${percent(within)} are within 1 %`,
    );
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
