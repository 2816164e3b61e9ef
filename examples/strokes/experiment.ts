/** The whole example, from invented handwriting to a saved reader and its error rates. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dispose } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { fitWithSeed, historyChart, registerLayers } from 'tfjs-recurrent';
import { fileSystem, progressBar } from 'tfjs-recurrent/node';
import { UsageError } from '../shared/options.js';
import { seededRandom } from '../shared/random.js';
import { exists, saveText } from '../shared/run-folder.js';
import type { RunSettings } from '../shared/run-options.js';
import { Stopwatch } from '../shared/stopwatch.js';
import { spikeChart } from './chart.js';
import { labelErrorRate, NearestFrames } from './judge.js';
import { compileReader, createReader, probabilitiesOf, readWritings, toTensors } from './reader.js';
import { inventWritings, write, type Writing } from './strokes.js';

/** What a run finds, as `result.json` holds it; rates of labels that are wrong. */
export interface StrokesResult {
  settings: RunSettings;
  baseline: number;
  greedy: number;
  beam: number;
  parameters: number;
  seconds: Record<string, number>;
}

/** Trains a reader, compares it with the baseline, and saves it. */
export async function runStrokes(settings: RunSettings, out: string): Promise<StrokesResult> {
  const { samples, seed, epochs, batchSize } = settings;
  const stopwatch = new Stopwatch();
  await mkdir(out, { recursive: true });
  const train = inventWritings(samples, 3 * seed + 1);
  const validation = inventWritings(Math.ceil(samples / 10), 3 * seed + 2);
  const test = inventWritings(Math.ceil(samples / 5), 3 * seed + 3);
  const frames = train.reduce((sum, writing) => sum + writing.frames.length, 0) / train.length;
  console.log(
    `${train.length} lines to learn from, ${test.length} to test on, of 2 to 5 digits in ` +
      `${frames.toFixed(0)} frames on average.\n`,
  );
  const model = createReader(seed);
  compileReader(model);
  const learnt = toTensors(train);
  const checked = toTensors(validation);
  const history = await stopwatch.time('train', () =>
    fitWithSeed(model, learnt.x, learnt.y, {
      ...{ epochs, batchSize, seed },
      validationData: [checked.x, checked.y],
      callbacks: progressBar(),
    }),
  );
  dispose([learnt.x, learnt.y, checked.x, checked.y]);

  const right = test.map(({ digits }) => digits);
  const nearest = new NearestFrames(train);
  const rate = (read: readonly (readonly number[])[]) => labelErrorRate(right, read);
  const result: StrokesResult = {
    settings,
    baseline: rate(test.map((writing) => nearest.read(writing))),
    greedy: rate(readWritings(model, test, 'greedy')),
    beam: await stopwatch.time('beam', () => rate(readWritings(model, test, 'beam'))),
    parameters: model.countParams(),
    seconds: stopwatch.stop(),
  };
  console.log(table(result));

  await model.save(fileSystem(join(out, 'model')));
  await saveText(out, 'spikes.svg', spikeChart(test[0]!, probabilitiesOf(model, test[0]!)));
  await saveText(out, 'loss.svg', historyChart(history, { metric: 'loss' }));
  await saveText(out, 'result.json', `${JSON.stringify(result, null, 2)}\n`);
  console.log(`Saved in ${out}. Try: npm run demo:strokes -- --read 31415`);
  return result;
}

/** Writes digits in a new hand, and reads them with the model that a run has saved. */
export async function readDigits(text: string, out: string): Promise<string> {
  if (!/^\d+$/.test(text)) throw new UsageError(`--read needs digits, received "${text}".`);
  const folder = join(out, 'model');
  if (!(await exists(folder))) {
    throw new UsageError(
      `${out} holds no trained reader. Train one with \`npm run demo:strokes\`, or name its folder with --out.`,
    );
  }
  registerLayers();
  const model = await loadLayersModel(fileSystem(folder));
  const writing: Writing = write([...text].map(Number), seededRandom(Number(text) + 1));
  const [read] = readWritings(model, [writing], 'beam');
  await saveText(out, 'read.svg', spikeChart(writing, probabilitiesOf(model, writing)));
  return `read: ${read!.join('')}, from ${writing.frames.length} frames; drawn in ${join(out, 'read.svg')}`;
}

function table({ baseline, greedy, beam }: StrokesResult): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`.padStart(8);
  return [
    '',
    'digits that are wrong, left out or too many',
    `nearest frames  ${percent(baseline)}`,
    `network, greedy ${percent(greedy)}`,
    `network, beam   ${percent(beam)}`,
    '',
  ].join('\n');
}
