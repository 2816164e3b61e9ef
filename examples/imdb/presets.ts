/** `--preset`: the classifiers that go beyond the article, trained and tested with several seeds. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Precision,
  TextClassifier,
  type TextEvaluation,
  type TextPreset,
} from 'tfjs-recurrent';
import { fileSystem } from 'tfjs-recurrent/node';
import { saveText } from '../shared/run-folder.js';
import { Stopwatch } from '../shared/stopwatch.js';
import { type Reviews, readReviews } from './data.js';
import type { Settings } from './options.js';
import { duration, percent } from './report/html.js';

/** What `--preset` asks for. */
export interface PresetCommand {
  name: 'preset';
  preset: TextPreset;
  /** Runs with `settings.seed`, the next seed and so on. */
  seeds: number;
  settings: Settings;
  out: string;
}

/** One seed's run in figures. */
export interface PresetRun {
  seed: number;
  /** On the test reviews, which are read once. */
  test: TextEvaluation;
  /** On the reviews that were set aside from those to learn from. */
  validation: TextEvaluation | undefined;
  /** Wall time of the stages. */
  seconds: Record<string, number>;
  /** Processor time of the training, in seconds, over all threads. */
  processorSeconds: number;
  /** From one text to its prediction, in milliseconds, on average. */
  oneReview: number;
  /** For each precision the size of all files, in bytes, and the accuracy of what comes back from them. */
  files: Record<Precision, { bytes: number; accuracy: number }>;
}

const CLASS_NAMES = ['negative', 'positive'];
const PRECISIONS: Precision[] = ['float32', 'float16', 'int8'];

/** Reviews that are judged one by one, to time them. */
const TIMED = 200;

/** Trains with each seed, prints a line each, and leaves figures and files in the folder `out`. */
export async function runPresets(command: PresetCommand): Promise<void> {
  const { preset, seeds, settings, out } = command;
  const runs: PresetRun[] = [];
  for (let seed = settings.seed; seed < settings.seed + seeds; seed++) {
    const run = await runPreset(command, seed, join(out, `seed-${seed}`));
    runs.push(run);
    console.log(inWords(run));
    await saveText(out, `${preset}.json`, `${JSON.stringify(runs, null, 2)}\n`);
  }
  const accuracies = runs.map(({ test }) => test.accuracy);
  const mean = accuracies.reduce((a, b) => a + b, 0) / runs.length;
  const range = `${percent(Math.min(...accuracies), 2)} to ${percent(Math.max(...accuracies), 2)}`;
  console.log(
    `\n${preset}: mean test accuracy ${percent(mean, 2)} (${range}). Files are in ${out}.`,
  );
}

async function runPreset(
  { preset, settings, out }: PresetCommand,
  seed: number,
  folder: string,
): Promise<PresetRun> {
  const stopwatch = new Stopwatch();
  const { train, test } = await stopwatch.time('read', () => readReviews(settings, out, () => {}));
  const before = process.cpuUsage();
  const classifier = await stopwatch.time('train', () =>
    TextClassifier.train({ ...train, classNames: CLASS_NAMES }, { preset, seed }),
  );
  const { user, system } = process.cpuUsage(before);
  const { validation } = classifier;
  const ofTest = await stopwatch.time('evaluate', () => classifier.evaluate(test));
  const oneReview = await timeOneByOne(classifier, test);
  const files = {} as PresetRun['files'];
  for (const precision of PRECISIONS) {
    const target = fileSystem(join(folder, precision));
    await classifier.save(target, { precision });
    const loaded = await TextClassifier.load(target);
    const { accuracy } = await loaded.evaluate(test);
    loaded.dispose();
    files[precision] = { bytes: await sizeOf(join(folder, precision)), accuracy };
  }
  classifier.dispose();
  const processorSeconds = (user + system) / 1e6;
  const seconds = stopwatch.stop();
  return { seed, test: ofTest, validation, seconds, processorSeconds, oneReview, files };
}

async function timeOneByOne(classifier: TextClassifier, { texts }: Reviews): Promise<number> {
  const some = texts.slice(-TIMED);
  for (const text of some) await classifier.predict(text);
  const start = performance.now();
  for (const text of some) await classifier.predict(text);
  return (performance.now() - start) / some.length;
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((a, b) => a + b, 0);
}

function inWords({ seed, test, seconds, processorSeconds, oneReview, files }: PresetRun): string {
  const ofFiles = PRECISIONS.map((precision) => {
    const { bytes, accuracy } = files[precision];
    return `${precision} ${(bytes / 1e6).toFixed(2)} MB, ${percent(accuracy, 2)}`;
  });
  return [
    `Seed ${seed}: test accuracy ${percent(test.accuracy, 2)}, calibration error ${percent(test.calibrationError, 2)}.`,
    `  Trained in ${duration(seconds.train!)} (${duration(processorSeconds)} of processors); ` +
      `one review in ${oneReview.toFixed(2)} ms.`,
    `  Saved as ${ofFiles.join('; ')}.`,
    ...test.confusion.map(
      (row, label) => `  ${CLASS_NAMES[label]} taken for negative, positive: ${row.join(', ')}.`,
    ),
  ].join('\n');
}
