import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scalar } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  createLanguageModel,
  fitWithSeed,
  generateText,
  historyChart,
  loadWithVocabularies,
  saveWithVocabularies,
} from 'tfjs-recurrent';
import { fileSystem, progressBar } from 'tfjs-recurrent/node';
import { saveText } from '../shared/run-folder.js';
import { Stopwatch } from '../shared/stopwatch.js';
import { fitTokenizer, type Sequences, sequencesOf, splitText } from './data.js';
import { bitsPerCharacter } from './n-gram.js';
import type { Settings } from './options.js';
import { writeLog } from './text/log.js';

/** The figures of a run, which `result.json` holds. */
export interface Result {
  settings: Settings;
  characters: { train: number; test: number; vocabulary: number };
  parameters: number;
  /** Bits a character of the part that was held out. */
  bits: { unigram: number; trigram: number; fiveGram: number; model: number };
  /** What the saved model wrote. */
  written: string;
  seconds: Record<string, number>;
}

const PROMPT = 'Monday, ';

/** Trains, tests beside the models that count, saves, loads and writes. */
export async function runExperiment(settings: Settings, out: string): Promise<Result> {
  const stopwatch = new Stopwatch();
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });

  const text = await stopwatch.time('write', () => writeLog(settings.characters));
  const { train, test } = splitText(text);
  const tokenizer = fitTokenizer(train);
  const [trainTokens = [], testTokens = []] = tokenizer.textsToSequences([train, test]);
  const sequences = sequencesOf(trainTokens, settings.sequenceLength);
  const testSequences = sequencesOf(testTokens, settings.sequenceLength);

  const model = createLanguageModel({
    vocabularySize: tokenizer.wordIndex.size + 1,
    embeddingDim: settings.embeddingDim,
    units: settings.units,
    learningRate: settings.learningRate,
    seed: settings.seed,
  });
  model.summary();
  const counts = { train: train.length, test: test.length, vocabulary: tokenizer.wordIndex.size };
  console.log(
    `${counts.train} characters to learn from, ${counts.test} to be tested on, ${counts.vocabulary} different ones.\n`,
  );

  const { history } = await stopwatch.time('train', () =>
    fitWithSeed(model, sequences.x, sequences.y, {
      epochs: settings.epochs,
      batchSize: settings.batchSize,
      seed: settings.seed,
      validationData: [testSequences.x, testSequences.y],
      callbacks: progressBar(),
    }),
  );
  const baselines = await stopwatch.time('count', () => ({
    unigram: bitsPerCharacter(train, test, 1),
    trigram: bitsPerCharacter(train, test, 3),
    fiveGram: bitsPerCharacter(train, test, 5),
  }));
  // As one sequence: the states are carried from its beginning to its end.
  const whole = sequencesOf(testTokens, testTokens.length - 1);
  const bits = { ...baselines, model: await stopwatch.time('test', () => bitsOf(model, whole)) };
  console.log(`
Bits a character of the part held out:
  unigram model  ${bits.unigram.toFixed(3)}
  trigram model  ${bits.trigram.toFixed(3)}
  5-gram model   ${bits.fiveGram.toFixed(3)}
  LSTM           ${bits.model.toFixed(3)}
`);

  const handler = fileSystem(join(out, 'model'));
  await saveWithVocabularies({ model, vocabularies: { characters: tokenizer } }, handler);
  const options = { prompt: PROMPT, length: 600, temperature: 0.7, seed: settings.seed, tokenizer };
  const written = await stopwatch.time('generate', () => generateText(model, options));
  const loaded = await loadWithVocabularies(handler);
  const again = await generateText(loaded.model, {
    ...options,
    tokenizer: loaded.vocabularies.characters!,
  });
  if (again !== written) throw new Error('The loaded model writes something else.');
  console.log(`Saved in ${out}, loaded, and it writes the same (temperature 0.7):\n`);
  console.log(PROMPT + written);

  const result: Result = {
    settings,
    characters: counts,
    parameters: model.countParams(),
    bits,
    written: PROMPT + written,
    seconds: stopwatch.stop(),
  };
  await saveText(out, 'bits.svg', chart(history));
  await saveText(out, 'result.json', `${JSON.stringify(result, null, 2)}\n`);
  console.log(`\n${result.seconds.total} seconds, ${result.seconds.train} of them training.`);
  return result;
}

/** Nats, in which losses are counted, to bits. */
const inBits = (nats: number) => nats / Math.LN2;

function bitsOf(model: LayersModel, { x, y }: Sequences): number {
  const [loss] = model.evaluate(x, y) as Scalar[];
  return inBits(loss!.dataSync()[0]!);
}

/** The bits a character after each epoch, as a picture. */
function chart(history: Record<string, unknown[]>): string {
  const bits = (name: string) => (history[name] as number[]).map(inBits);
  const lists = { bits: bits('loss'), val_bits: bits('val_loss') };
  return historyChart(lists, { metric: 'bits', title: 'bits a character' });
}
