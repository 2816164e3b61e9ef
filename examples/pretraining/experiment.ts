import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { dispose, type Scalar, slice, type Tensor2D, zeros } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  adversarialTraining,
  fitWithSeed,
  historyChart,
  saveWithVocabularies,
  type TextClassifier,
  type TextData,
  type Tokenizer,
  wideAndDeep,
} from 'tfjs-recurrent';
import { fileSystem, progressBar } from 'tfjs-recurrent/node';
import { saveText } from '../shared/run-folder.js';
import { Stopwatch } from '../shared/stopwatch.js';
import { type Corpus, fitTokenizer, labelsOf, readCorpus, rowsOf } from './data.js';
import { carryOver, classifier, languageModel } from './networks.js';
import type { Settings } from './options.js';

/** The figures of a run, which `result.json` holds. */
export interface Result {
  settings: Settings;
  reviews: { labelled: number; unlabelled: number; test: number };
  /** Of the language model on test reviews: among how many words it wavers, on average. */
  perplexity: { before: number; after: number };
  /** Of the classifiers on the test reviews; the last is the pretrained one with n-grams beside it. */
  accuracy: { fromScratch: number; pretrained: number; withNGrams?: number };
  /** Of the weights of the last one in 8 bits, in bytes. */
  bytes?: number;
  seconds: Record<string, number>;
  /** Processor time, in seconds, over all threads. */
  processorSeconds: number;
}

/** Trains a classifier from scratch, a language model, and a classifier that begins where that has ended. */
export async function runExperiment(settings: Settings, out: string): Promise<Result> {
  const stopwatch = new Stopwatch();
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const corpus = await stopwatch.time('read', () => readCorpus(settings));
  const tokenizer = fitTokenizer(corpus, settings);
  const parts = prepare(corpus, tokenizer, settings);
  const reviews = sizesOf(parts);
  console.log(
    `${reviews.labelled} reviews with labels, ${reviews.unlabelled} to read, ${reviews.test} to test on.\n`,
  );

  console.log('A classifier from scratch:');
  const plain = classifier(settings);
  const ofPlain = await stopwatch.time('from scratch', () => train(plain, parts, settings));

  console.log('\nA language model, which needs no labels:');
  const language = languageModel(settings);
  const before = perplexityOf(language, parts.testRows);
  await stopwatch.time('language model', () => read(language, parts.unlabelledRows, settings));
  const after = perplexityOf(language, parts.testRows);
  console.log(
    `Perplexity on test reviews: ${before.toFixed(1)} before, ${after.toFixed(1)} after.`,
  );

  console.log('\nThe same classifier, which begins with the weights of the language model:');
  const pretrained = classifier(settings);
  carryOver(language, pretrained);
  const ofPretrained = await stopwatch.time('pretrained', () => train(pretrained, parts, settings));
  const joined =
    corpus.validation.length > 0
      ? await stopwatch.time('n-grams', () => joinNGrams(pretrained, tokenizer, corpus, settings))
      : undefined;
  const accuracy = {
    ...{ fromScratch: ofPlain.accuracy, pretrained: ofPretrained.accuracy },
    ...(joined && { withNGrams: joined.accuracy }),
  };
  console.log(`
Right on test reviews:
  from scratch  ${accuracy.fromScratch.toFixed(4)}
  pretrained    ${accuracy.pretrained.toFixed(4)}${joined ? `\n  with n-grams  ${joined.accuracy.toFixed(4)}` : ''}
`);

  const model = fileSystem(join(out, 'model'));
  await saveWithVocabularies({ model: pretrained, vocabularies: { words: tokenizer } }, model);
  const lists = { accuracy: ofPlain.history, pretrained_accuracy: ofPretrained.history };
  await saveText(
    out,
    'accuracy.svg',
    historyChart(lists, { metric: 'accuracy', title: 'right on test reviews' }),
  );
  const bytes = joined && (await saveSmall(joined.classifier, join(out, 'with-n-grams')));
  const { user, system } = process.cpuUsage();
  const result: Result = {
    ...{ settings, reviews, perplexity: { before, after }, accuracy },
    ...(bytes !== undefined && { bytes }),
    seconds: stopwatch.stop(),
    processorSeconds: Math.round((user + system) / 1e6),
  };
  await saveText(out, 'result.json', `${JSON.stringify(result, null, 2)}\n`);
  console.log(`${result.seconds.total} seconds. The model and the figures are in ${out}.`);
  dispose(Object.values(parts));
  return result;
}

type Parts = ReturnType<typeof prepare>;

function prepare({ train, test }: Corpus, tokenizer: Tokenizer, settings: Settings) {
  const { labelled, sequenceLength } = settings;
  const rows = (reviews: Corpus['train']) => rowsOf(reviews, tokenizer, sequenceLength);
  const some = train.slice(0, labelled);
  return {
    labelledRows: rows(some),
    labels: labelsOf(some),
    unlabelledRows: rows(train),
    testRows: rows(test),
    testLabels: labelsOf(test),
  };
}

function sizesOf({ labelledRows, unlabelledRows, testRows }: Parts): Result['reviews'] {
  const size = ({ shape }: Tensor2D) => shape[0];
  return { labelled: size(labelledRows), unlabelled: size(unlabelledRows), test: size(testRows) };
}

/** Trains a classifier; its accuracy on the test reviews, after each epoch and in the end. */
async function train(model: LayersModel, parts: Parts, settings: Settings) {
  const { epochs, batchSize, seed, epsilon } = settings;
  const { labelledRows: x, labels: y, testRows, testLabels } = parts;
  // The test reviews decide nothing: they are looked at after each epoch for the picture alone.
  const { history } = await fitWithSeed(model, x, y, {
    ...{ epochs, batchSize, seed, validationData: [testRows, testLabels] },
    callbacks: [progressBar(), ...(epsilon > 0 ? [adversarialTraining({ epsilon })] : [])],
  });
  const accuracies = history.val_acc ?? history.val_accuracy!;
  return { history: accuracies as number[], accuracy: accuracies.at(-1) as number };
}

/** Puts n-grams of the labelled reviews beside a classifier; the accuracy of both together on the test reviews. */
async function joinNGrams(
  model: LayersModel,
  tokenizer: Tokenizer,
  { train, validation, test }: Corpus,
  { labelled, seed }: Settings,
) {
  const classifier = await wideAndDeep(dataOf(train.slice(0, labelled)), {
    ...{ model, tokenizer, validationData: dataOf(validation), seed },
    classNames: ['negative', 'positive'],
  });
  const { accuracy } = await classifier.evaluate(dataOf(test));
  return { classifier, accuracy };
}

const dataOf = (reviews: Corpus['train']): TextData => ({
  texts: reviews.map(({ text }) => text),
  labels: reviews.map(({ label }) => label),
});

/** Saves a classifier in 8 bits; the bytes of its weights. */
async function saveSmall(classifier: TextClassifier, folder: string): Promise<number> {
  await classifier.save(fileSystem(folder), { precision: 'int8' });
  const names = (await readdir(folder)).filter((name) => name.endsWith('.bin'));
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

/** Reads texts: each word, and the next one. */
async function read(model: LayersModel, rows: Tensor2D, settings: Settings): Promise<void> {
  const { languageEpochs: epochs, batchSize, seed } = settings;
  const { inputs, unread } = shifted(rows);
  await fitWithSeed(model, inputs, unread, { epochs, batchSize, seed, callbacks: progressBar() });
  dispose([inputs, unread]);
}

// So many test reviews are enough for a perplexity, which goes over all words of the vocabulary.
const FOR_PERPLEXITY = 200;

/** e to the mean cross-entropy of a word, against all words. */
function perplexityOf(model: LayersModel, rows: Tensor2D): number {
  const some = slice(rows, 0, [Math.min(FOR_PERPLEXITY, rows.shape[0]), -1]);
  const { inputs, unread } = shifted(some);
  const loss = model.evaluate(inputs, unread, { batchSize: 8 }) as Scalar;
  const [nats] = loss.dataSync();
  dispose([some, inputs, unread, loss]);
  return Math.exp(nats!);
}

/** Words and what follows them; the labels of the model are its own inputs, so that those of `fit` are zeros. */
function shifted(rows: Tensor2D) {
  const [samples, length] = rows.shape;
  const size: [number, number] = [samples, length - 1];
  const inputs = [slice(rows, [0, 0], size), slice(rows, [0, 1], size)];
  return { inputs, unread: zeros([...size, 1]) };
}
