/** The whole example: networks that learn to add, and how far back their gradients reach. */
import { mkdir } from 'node:fs/promises';
import { dispose } from '@tensorflow/tfjs-core';
import { gradientNormChart, gradientNorms } from 'tfjs-recurrent';
import { seededRandom } from '../shared/random.js';
import { saveText } from '../shared/run-folder.js';
import { Stopwatch } from '../shared/stopwatch.js';
import { shareBars } from './bars.js';
import { makeNetwork, type Network, NETWORKS } from './networks.js';
import { reach, relativeToLast } from './norms.js';
import type { Settings } from './options.js';
import { drawSums, GUESSING } from './problem.js';
import { lookAtSentiment, type SentimentResult } from './sentiment.js';
import { learnToAdd, type Score } from './train.js';

/** What a run finds, as `result.json` holds it. */
export interface AddingResult {
  settings: Settings;
  /** By the length of the sequences and the name of the network. */
  scores: Record<string, Record<string, Score>>;
  /** Of the longest sequences, before and after learning, relative to the last step. */
  fresh: Record<string, number[]>;
  learnt: Record<string, number[]>;
  sentiment: SentimentResult;
  seconds: Record<string, number>;
}

const TESTED = 500;
const LOOKED_AT = 32;
const NAME = '|∂loss/∂h|, last step = 1';

/** Trains every network on every length, and writes scores and charts. */
export async function runAdding(settings: Settings, out: string): Promise<AddingResult> {
  const { lengths } = settings;
  const stopwatch = new Stopwatch();
  await mkdir(out, { recursive: true });
  const result: AddingResult = {
    ...{ settings, scores: {}, fresh: {}, learnt: {} },
    sentiment: { norms: {}, accuracy: {} },
    seconds: {},
  };
  console.log(`Guessing costs ${GUESSING.toFixed(3)}. Right is within 0.04.\n`);
  console.log(row('steps of time', 'network', 'batches', 'mean squared error', 'right'));
  for (const length of lengths) {
    const of: Record<string, Score> = {};
    for (const network of NETWORKS) {
      const { name } = network;
      const { score, fresh, learnt } = await stopwatch.time(`${name}, ${length}`, () =>
        measure(network, length, settings),
      );
      of[name] = score;
      if (length === lengths.at(-1)) {
        result.fresh[name] = fresh;
        result.learnt[name] = learnt;
      }
      const { steps, meanSquaredError, near } = score;
      console.log(row(length, name, steps, meanSquaredError.toFixed(4), percent(near)));
    }
    result.scores[length] = of;
  }

  result.sentiment = await stopwatch.time('sentiment', () => lookAtSentiment(settings, out));
  result.seconds = stopwatch.stop();
  await saveCharts(result, out);
  await saveText(out, 'result.json', `${JSON.stringify(result, null, 2)}\n`);
  console.log(`\n${reaches(result)}\n\nSaved in ${out}.`);
  return result;
}

/** Trains a network on sequences of a length; its gradients before and after, relative to the last step. */
export async function measure(network: Network, length: number, settings: Settings) {
  const { seed } = settings;
  const test = drawSums(TESTED, length, seededRandom(seed + 7));
  const seen = drawSums(LOOKED_AT, length, seededRandom(seed + 8));
  const model = makeNetwork(network, length, settings);
  const norms = () => relativeToLast(gradientNorms(model, seen.x, seen.y));
  const fresh = norms();
  const score = await learnToAdd(model, length, test, settings);
  const learnt = norms();
  model.dispose();
  dispose([test.x, test.y, seen.x, seen.y]);
  return { score, fresh, learnt };
}

/** Draws what a run has found into its folder. */
export async function saveCharts(result: AddingResult, out: string): Promise<void> {
  const { scores, fresh, learnt, sentiment, settings } = result;
  const longest = settings.lengths.at(-1)!;
  const chart = (name: string, norms: Record<string, number[]>, title: string, step: string) =>
    saveText(out, name, gradientNormChart(norms, { title, name: NAME, step }));
  const of = `the adding problem, ${longest} steps`;
  await chart('gradients-adding.svg', learnt, `Gradients after learning: ${of}`, 'step');
  await chart('gradients-fresh.svg', fresh, `Gradients before learning: ${of}`, 'step');
  await chart(
    'gradients-sentiment.svg',
    sentiment.norms,
    'Gradients of the sentiment model',
    'word',
  );
  const names = NETWORKS.map(({ name }) => name);
  const groups = Object.entries(scores).map(([length, of]) => ({
    name: `${length} steps`,
    shares: names.map((name) => of[name]!.near),
  }));
  const title = 'Sums within 0.04 of the right one';
  await saveText(
    out,
    'accuracy-by-length.svg',
    shareBars(title, names, groups, 'length of the sequences'),
  );
}

/** In words: how far back each gradient stays above a hundredth of its last step's. */
function reaches({ learnt, sentiment, settings }: AddingResult): string {
  const line = (name: string, norms: readonly number[]) =>
    `  ${name.padEnd(20)}${String(reach(norms)).padStart(5)}`;
  return [
    `Steps back until a gradient is a hundredth of that at the last step, of ${settings.lengths.at(-1)}:`,
    ...Object.entries(learnt).map(([name, norms]) => line(name, norms)),
    'and of the 300 words of the sentiment model:',
    ...Object.entries(sentiment.norms).map(([name, norms]) => line(name, norms)),
  ].join('\n');
}

const percent = (share: number) => `${(share * 100).toFixed(0)} %`;

const row = (...[length, name, steps, error, near]: readonly [...unknown[]]) =>
  `${String(length).padStart(13)}  ${String(name).padEnd(18)}${String(steps).padStart(8)}` +
  `${String(error).padStart(20)}${String(near).padStart(8)}`;
