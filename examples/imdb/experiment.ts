import { join } from 'node:path';
import { dispose, type Scalar } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { createSentimentLstm, historyChart, type TrainingHistory } from 'tfjs-recurrent';
import { fileSystem } from 'tfjs-recurrent/node';
import { fitTokenizer, readReviews, type Samples, split, toSamples } from './data.js';
import { ARTICLE, type Settings } from './options.js';
import { inWords, judgeSamples, judgeTexts } from './predict.js';
import { count, duration, percent } from './report/html.js';
import { type Curves, reportPage } from './report.js';
import { countConfusion, type RunResult } from './result.js';
import { saveText } from '../shared/run-folder.js';
import { type Judge, loadJudge, openRun, saveJudge } from './run-folder.js';
import { Stopwatch } from '../shared/stopwatch.js';
import { train, trainOn } from './train.js';

/** Reviews for the end, which no corpus holds. */
const NEW_REVIEWS = [
  'A wonderful film: the acting is superb, and the ending moved me to tears.',
  'What a dull, predictable mess. I want my money back.',
];

/** The whole experiment, from reviews on disk to a report beside the trained model. */
export async function runExperiment(
  settings: Settings,
  out: string,
  resume: boolean,
): Promise<RunResult> {
  const stopwatch = new Stopwatch();
  await openRun(out, settings, resume);
  announce(settings);

  const { tokenizer, parts, test, testTexts } = await prepare(settings, out, stopwatch);
  const sizes = { train: rows(parts.train), validation: rows(parts.validation), test: rows(test) };
  console.log(
    `${count(sizes.train)} reviews to learn from, ${count(sizes.validation)} to check on, ${count(sizes.test)} to test on; ` +
      `${count(tokenizer.wordIndex.size)} different words.\n`,
  );

  const { vocabularySize, sequenceLength, embeddingDim, lstmUnits, denseUnits } = settings;
  const { dropoutRate, recurrentActivation, learningRate, seed } = settings;
  const layerSizes = { vocabularySize, sequenceLength, embeddingDim, lstmUnits, denseUnits };
  const others = { dropoutRate, recurrentActivation, learningRate, seed };
  const model = createSentimentLstm({ ...layerSizes, ...others });
  model.summary(88);
  const { history, secondsPerEpoch } = await stopwatch.time('train', () =>
    train(model, parts, settings, out, resume),
  );

  const [loss, accuracy] = await stopwatch.time('evaluate', () => evaluate(model, test));
  console.log(`\nTest accuracy ${percent(accuracy, 2)}, test loss ${loss.toFixed(4)}.\n`);
  const probabilities = await stopwatch.time('predict', () => judgeSamples(model, test.x));

  const loaded = await stopwatch.time('save and load', async () => {
    await saveJudge(out, { model, tokenizer });
    return loadJudge(out);
  });
  requireEqual(probabilities, judgeSamples(loaded.model, test.x));
  console.log(`Saved in ${out}, loaded, and the predictions are the same. One more epoch:`);
  const increment = await trainIncrement(loaded, parts.train, test, settings, out, stopwatch);
  sayWhatItThinks(loaded);

  const labels = test.y.dataSync();
  const judged = testTexts.map((text, index) => ({
    text,
    label: labels[index]!,
    probability: probabilities[index]!,
  }));
  const result: RunResult = {
    accuracy,
    loss,
    confusion: countConfusion(judged),
    reviews: sizes,
    distinctWords: tokenizer.wordIndex.size,
    parameters: model.countParams(),
    secondsPerEpoch: secondsPerEpoch.map((seconds) => Math.round(seconds * 1000) / 1000),
    seconds: stopwatch.stop(),
    increment,
    settings,
  };
  const curves = drawCurves(history);
  await saveText(out, 'history.json', toJson(history));
  await saveText(out, 'accuracy.svg', curves.accuracy);
  await saveText(out, 'loss.svg', curves.loss);
  await saveText(out, 'report.html', reportPage(result, curves, judged));
  await saveText(out, 'result.json', toJson(result));
  summarize(result, out);
  dispose([test.x, test.y, parts.train.x, parts.train.y, parts.validation.x, parts.validation.y]);
  return result;
}

/** From reviews on disk to samples; the training texts are not needed after this. */
async function prepare(settings: Settings, out: string, stopwatch: Stopwatch) {
  const reviews = await stopwatch.time('read', () => readReviews(settings, out, showReading));
  const tokenizer = await stopwatch.time('tokenize', () => fitTokenizer(reviews.train, settings));
  const texts = split(reviews.train, settings);
  const [train, validation, test] = await stopwatch.time('pad', () =>
    [texts.train, texts.validation, reviews.test].map((part) =>
      toSamples(part, tokenizer, settings),
    ),
  );
  const parts = { train: train!, validation: validation! };
  return { tokenizer, parts, test: test!, testTexts: reviews.test.texts };
}

function announce(settings: Settings): void {
  if (settings.data === null) {
    console.log('The built-in sample: invented reviews. For the real ones: --data PATH.');
  }
  const changed = (Object.keys(ARTICLE) as (keyof typeof ARTICLE)[])
    .filter((name) => settings[name] !== ARTICLE[name])
    .map((name) => `${name} ${settings[name]} (${ARTICLE[name]})`);
  if (changed.length > 0) console.log(`Other than in the article: ${changed.join(', ')}.`);
}

let shown = -1;

function showReading(fraction: number): void {
  const done = Math.floor(fraction * 100);
  if (!process.stdout.isTTY || done === shown) return;
  shown = done;
  process.stdout.write(done < 100 ? `\rReading the reviews: ${done} %` : '\r\x1b[K');
}

const rows = ({ x }: Samples): number => x.shape[0] ?? 0;

async function evaluate(model: LayersModel, { x, y }: Samples): Promise<[number, number]> {
  const scores = model.evaluate(x, y, { batchSize: 100 }) as [Scalar, Scalar];
  const [loss, accuracy] = await Promise.all(scores.map((score) => score.data()));
  dispose(scores);
  return [loss![0]!, accuracy![0]!];
}

function requireEqual(before: readonly number[], after: readonly number[]): void {
  const index = before.findIndex((probability, at) => probability !== after[at]);
  if (index === -1 && before.length === after.length) return;
  throw new Error(
    `The loaded model judges test review ${index} otherwise than the saved one: ` +
      `${after[index]} instead of ${before[index]}.`,
  );
}

/** The article's increment: the model that came from disk learns on, and is saved beside the first. */
async function trainIncrement(
  { model }: Judge,
  samples: Samples,
  test: Samples,
  settings: Settings,
  out: string,
  stopwatch: Stopwatch,
): Promise<RunResult['increment']> {
  await stopwatch.time('increment', () => trainOn(model, samples, settings));
  const [loss, accuracy] = await evaluate(model, test);
  console.log(`Test accuracy now ${percent(accuracy, 2)}, test loss ${loss.toFixed(4)}.\n`);
  await model.save(fileSystem(join(out, 'increment')), { includeOptimizer: true });
  return { accuracy, loss, seconds: stopwatch.seconds.increment! };
}

function sayWhatItThinks(judge: Judge): void {
  const probabilities = judgeTexts(judge, NEW_REVIEWS);
  for (const [index, text] of NEW_REVIEWS.entries()) {
    console.log(`"${text}"\n  is ${inWords(probabilities[index]!)}`);
  }
}

// As large as the report shows them, so that their letters are as large as its own.
const SIZE = { width: 480, height: 330 };

const drawCurves = (history: TrainingHistory): Curves => ({
  accuracy: historyChart(history, { metric: 'accuracy', title: 'Accuracy', ...SIZE }),
  loss: historyChart(history, { metric: 'loss', title: 'Loss', ...SIZE }),
});

const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function summarize({ seconds, secondsPerEpoch }: RunResult, out: string): void {
  const stages = Object.entries(seconds).map(([stage, time]) => `${stage} ${duration(time)}`);
  console.log(`\nWall time: ${stages.join(', ')}.`);
  console.log(`Epochs: ${secondsPerEpoch.map(duration).join(', ') || 'none ran now'}.`);
  console.log(`Open ${join(out, 'report.html')} in a browser.`);
  console.log('Ask it yourself: npm run demo -- --predict "A film I will not forget."');
}
