/**
 * How long an explanation takes beside a step of training, and how well it adds up.
 *
 *     npx tsx bench/explain.ts [--threads 2]
 *
 * A text of 300 words and the model of createSentimentLstm, whose weights are drawn by a seed; the step has
 * a batch of 100. All take turns. With `--threads 1` the time of the processor counts, which other
 * programs do not change much; otherwise that of the clock. With a model of examples/imdb and the reviews,
 * it also counts how far contributions are from adding up:
 *
 *     npx tsx bench/explain.ts --data PATH --model runs/imdb [--reviews 200]
 */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createSentimentLstm, explain, ready } from '../src/index.js';
import { median } from './harness/in-turn.js';
import { readJudgedReviews, threadsOf } from './harness/judged-reviews.js';

const RUNS = 40;
const TIME = 300;
const args = process.argv.slice(2);
const threads = threadsOf(args);

tf.enableProdMode();
await tf.setBackend('cpu');
await ready({ threads });

const model = createSentimentLstm({ seed: 1 });
const words = Int32Array.from({ length: TIME }, (_, i) => 1 + ((i * 7919) % 3999));
const x = tf.randomUniform([100, TIME], 1, 4000, 'int32', 1);
const y = tf.ones([100, 1]);
const turns: Record<string, () => unknown> = {
  integratedGradients: () => explain(model, words),
  occlusion: () => explain(model, words, { method: 'occlusion' }),
  gradientTimesInput: () => explain(model, words, { method: 'gradientTimesInput' }),
  'a step of training': () => model.trainOnBatch(x, y),
};

/** Milliseconds of the processor with one thread, else of the clock. */
async function timeOf(run: () => unknown): Promise<number> {
  const [cpu, clock] = [process.cpuUsage(), performance.now()];
  await run();
  const elapsed = performance.now() - clock;
  const { user, system } = process.cpuUsage(cpu);
  return threads === 1 ? (user + system) / 1000 : elapsed;
}

const times = new Map(Object.keys(turns).map((name) => [name, [] as number[]]));
for (let run = 0; run < RUNS; run++) {
  for (const [name, turn] of Object.entries(turns)) times.get(name)!.push(await timeOf(turn));
}
for (const [name, found] of times) {
  const [least, middle] = [Math.min(...found), median(found)].map((ms) => ms.toFixed(1));
  console.log(`${name}: ${least} ms at least, median ${middle} ms`);
}

const judged = await readJudgedReviews(args);
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
