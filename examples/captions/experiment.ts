/** The whole example, from invented scenes to a saved model and its scores. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dispose, tensor2d } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  createOneToMany,
  fitWithSeed,
  generateFromVectors,
  historyChart,
  loadWithVocabularies,
  saveWithVocabularies,
  teacherForcing,
  Tokenizer,
} from 'tfjs-recurrent';
import { fileSystem, progressBar } from 'tfjs-recurrent/node';
import { UsageError } from '../shared/options.js';
import { exists, saveText } from '../shared/run-folder.js';
import type { RunSettings } from '../shared/run-options.js';
import { Stopwatch } from '../shared/stopwatch.js';
import { commonestSentence, judge, nearestSentence, type Scores } from './judge.js';
import { type Captioned, INPUTS, inventScenes, readScene, toVector } from './scenes.js';

/** What a run finds, as `result.json` holds it. */
export interface CaptionsResult {
  settings: RunSettings;
  /** The sentence of the nearest scene. */
  nearest: Scores;
  /** The commonest sentence about as many things. */
  commonest: Scores;
  model: Scores;
  parameters: number;
  seconds: Record<string, number>;
}

const [START, END] = ['<start>', '<end>'];

/** Sentences as lists, which a tokenizer takes as they are. */
const listOf = (sentence: string): string[] => [START, ...sentence.split(' '), END];

/** Trains a model, compares it with the baselines, and saves it. */
export async function runCaptions(settings: RunSettings, out: string): Promise<CaptionsResult> {
  const { samples, seed, epochs, batchSize } = settings;
  const stopwatch = new Stopwatch();
  await mkdir(out, { recursive: true });
  const { train, validation, test } = inventScenes(samples, seed);
  const words = new Tokenizer();
  words.fitOnTexts(train.map(({ sentence }) => listOf(sentence)));
  const model = createOneToMany({
    cell: 'lstm',
    inputs: INPUTS,
    vocabularySize: words.wordIndex.size + 1, // 0 is padding
    embeddingDim: 16,
    units: 64,
    dropoutRate: 0.3,
    learningRate: 0.004,
    seed,
  });
  console.log(
    `${train.length} scenes to learn from, ${test.length} to test on, all with a shape in a colour that ` +
      `it never had before; ${words.wordIndex.size} words. The first one:\n  ${train[0]!.sentence}\n`,
  );

  const learnt = toSamples(train, words);
  const checked = toSamples(validation, words);
  const history = await stopwatch.time('train', () =>
    fitWithSeed(model, learnt.x, learnt.y, {
      ...{ epochs, batchSize, seed },
      validationData: [checked.x, checked.y],
      callbacks: progressBar(),
    }),
  );
  dispose([learnt.x, learnt.y, checked.x, checked.y]);

  const vectors = test.map(({ vector }) => vector);
  const said = await stopwatch.time('write', () => captionsOf(model, words, vectors));
  const result: CaptionsResult = {
    settings,
    nearest: judge(
      test,
      vectors.map((vector) => nearestSentence(train, vector)),
    ),
    commonest: judge(
      test,
      test.map(({ scene }) => commonestSentence(train, scene.length)),
    ),
    model: judge(test, said),
    parameters: model.countParams(),
    seconds: stopwatch.stop(),
  };
  console.log(table(result));
  for (const [i, { sentence }] of test.slice(0, 3).entries()) {
    console.log(`right: ${sentence}\nsaid:  ${said[i]}`);
  }

  await saveWithVocabularies({ model, vocabularies: { words } }, fileSystem(join(out, 'model')));
  await saveText(out, 'loss.svg', historyChart(history, { metric: 'loss' }));
  await saveText(out, 'result.json', `${JSON.stringify(result, null, 2)}\n`);
  console.log(
    `\nSaved in ${out}. Try: npm run demo:captions -- --scene "red star 0.2 0.5 and large blue oval 0.8 0.5"`,
  );
  return result;
}

/** Vectors and words in, the words that follow out: see teacherForcing. */
function toSamples(scenes: readonly Captioned[], words: Tokenizer) {
  const sequences = words.textsToSequences(scenes.map(({ sentence }) => listOf(sentence)));
  const { inputs, targets } = teacherForcing(sequences);
  return { x: [tensor2d(scenes.map(({ vector }) => vector)), inputs], y: targets };
}

/** What the model says about each vector. */
function captionsOf(model: LayersModel, words: Tokenizer, vectors: number[][]): string[] {
  const [startToken, endToken] = [START, END].map((word) => words.wordIndex.get(word!)!);
  const written = generateFromVectors(model, vectors, {
    startToken: startToken!,
    endToken: endToken!,
    maxLength: 20,
  });
  return words.sequencesToTexts(written);
}

/** Says something about a scene with the model that a run has saved. */
export async function describeScene(text: string, out: string): Promise<string> {
  const folder = join(out, 'model');
  if (!(await exists(folder))) {
    throw new UsageError(
      `${out} holds no trained model. Train one with \`npm run demo:captions\`, or name its folder with --out.`,
    );
  }
  const scene = readScene(text);
  if (scene === null) {
    throw new UsageError(
      `--scene needs a colour and a shape for one or two things, received "${text}". ` +
        'Try --scene "small red star 0.2 0.9".',
    );
  }
  const { model, vocabularies } = await loadWithVocabularies(fileSystem(folder));
  return captionsOf(model, vocabularies.words!, [toVector(scene)])[0]!;
}

function table({ nearest, commonest, model }: CaptionsResult): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`.padStart(12);
  const row = (name: string, { exact, words }: Scores) =>
    `${name.padEnd(30)}${percent(exact)}${percent(words)}`;
  return [
    '',
    `${''.padEnd(30)}${'sentences'.padStart(12)}${'words'.padStart(12)}`,
    row('commonest of its kind', commonest),
    row('that of the nearest scene', nearest),
    row('one to many', model),
    '',
  ].join('\n');
}
