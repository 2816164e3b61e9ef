/** The whole example, from invented sentences to a saved tagger and its scores. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dispose } from '@tensorflow/tfjs-core';
import {
  createManyToMany,
  fitWithSeed,
  historyChart,
  loadWithVocabularies,
  saveWithVocabularies,
} from 'tfjs-recurrent';
import { fileSystem, progressBar } from 'tfjs-recurrent/node';
import { UsageError } from '../shared/options.js';
import { exists, saveText } from '../shared/run-folder.js';
import type { RunSettings } from '../shared/run-options.js';
import { Stopwatch } from '../shared/stopwatch.js';
import { judge, type Scores, SeenWords } from './judge.js';
import { fitVocabularies, tagWords, toSamples, type Vocabularies } from './samples.js';
import { inventCorpus, type Sentence } from './sentences.js';

/** What a run finds, as `result.json` holds it. */
export interface TaggingResult {
  settings: RunSettings;
  baseline: Scores;
  tagger: Scores;
  parameters: number;
  seconds: Record<string, number>;
}

const wordsOf = (sentence: Sentence): string[] => sentence.map(({ word }) => word);

/** Trains a tagger, compares it with the baseline, and saves it. */
export async function runTagging(settings: RunSettings, out: string): Promise<TaggingResult> {
  const { samples, seed, epochs, batchSize } = settings;
  const stopwatch = new Stopwatch();
  await mkdir(out, { recursive: true });
  const { train, validation, test } = inventCorpus(samples, seed);
  const vocabularies = fitVocabularies(train);
  const { words, tags } = vocabularies;
  const model = createManyToMany({
    vocabularySize: words.wordIndex.size + 1, // 0 is padding
    outputs: tags.wordIndex.size + 1,
    embeddingDim: 32,
    units: 32,
    bidirectional: true,
    dropoutRate: 0.2,
    learningRate: 0.004,
    seed,
  });
  console.log(
    `${train.length} sentences to learn from, ${test.length} to test on; ` +
      `${words.wordIndex.size} words, ${tags.wordIndex.size} kinds. The first one:\n  ` +
      `${train[0]!.map(({ word, tag }) => `${word}/${tag}`).join(' ')}\n`,
  );

  const learnt = toSamples(train, vocabularies, seed + 2);
  const checked = toSamples(validation, vocabularies);
  const history = await stopwatch.time('train', () =>
    fitWithSeed(model, learnt.x, learnt.y, {
      ...{ epochs, batchSize, seed },
      validationData: [checked.x, checked.y],
      callbacks: progressBar(),
    }),
  );
  dispose([learnt.x, learnt.y, checked.x, checked.y]);

  const seen = new SeenWords(train);
  const guessed = test.map((sentence) => wordsOf(sentence).map((word) => seen.commonest(word)));
  const said = await stopwatch.time('tag', () => tagWords(model, vocabularies, test.map(wordsOf)));
  const result: TaggingResult = {
    settings,
    baseline: judge(test, guessed, seen),
    tagger: judge(test, said, seen),
    parameters: model.countParams(),
    seconds: stopwatch.stop(),
  };
  console.log(table(result));

  await saveWithVocabularies(
    { model, vocabularies: { words, tags } },
    fileSystem(join(out, 'model')),
  );
  await saveText(out, 'accuracy.svg', historyChart(history, { metric: 'accuracy' }));
  await saveText(out, 'result.json', `${JSON.stringify(result, null, 2)}\n`);
  console.log(`Saved in ${out}. Try: npm run demo:tagging -- --tag "the guards watch the light"`);
  return result;
}

/** Tags a sentence with the model that a run has saved. */
export async function tagSentence(text: string, out: string): Promise<string> {
  const folder = join(out, 'model');
  if (!(await exists(folder))) {
    throw new UsageError(
      `${out} holds no trained tagger. Train one with \`npm run demo:tagging\`, or name its folder with --out.`,
    );
  }
  const { model, vocabularies } = await loadWithVocabularies(fileSystem(folder));
  const sentence = text.toLowerCase().match(/[\p{L}'-]+|[.,?]/gu) ?? [];
  if (sentence.length === 0) throw new UsageError(`--tag needs words, received "${text}".`);
  // The grammar ends every sentence.
  const whole = /[.?]$/.test(text) ? sentence : [...sentence, '.'];
  const [kinds] = tagWords(model, vocabularies as unknown as Vocabularies, [whole]);
  return sentence.map((word, i) => `${word}/${kinds![i]}`).join(' ');
}

function table({ baseline, tagger }: TaggingResult): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`.padStart(10);
  const row = (name: string, key: keyof Scores) =>
    `${name.padEnd(26)}${percent(baseline[key])}${percent(tagger[key])}`;
  return [
    '',
    `${''.padEnd(26)}${'baseline'.padStart(10)}${'tagger'.padStart(10)}`,
    row('words', 'words'),
    row('words of several kinds', 'ambiguous'),
    row('words never seen', 'unseen'),
    row('whole sentences', 'sentences'),
    '',
  ].join('\n');
}
