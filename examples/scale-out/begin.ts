/** Trains one epoch here, and leaves what Keras needs to go on: the model, and the data as numbers. */
import '@tensorflow/tfjs-backend-cpu';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tensor2d } from '@tensorflow/tfjs-core';
import {
  createSentimentLstm,
  fitWithSeed,
  saveKerasModel,
  shuffled,
  Tokenizer,
} from 'tfjs-recurrent';
import { loadImdb } from 'tfjs-recurrent/node';
import { writeSampleCorpus } from '../imdb/sample-corpus.js';
import { evaluate, pad, predictFirst, SEQUENCE_LENGTH } from './shared.js';

const { values } = parseArgs({
  options: { data: { type: 'string' }, out: { type: 'string', default: 'runs/scale-out' } },
});
const { out } = values;
await mkdir(out, { recursive: true });
const corpus = values.data ?? join(out, 'corpus');
if (values.data === undefined) await writeSampleCorpus(corpus);
const { train, test } = await loadImdb(corpus);

const tokenizer = new Tokenizer({ numWords: 4000 });
tokenizer.fitOnTexts(train.texts);
const reviews = shuffled(
  tokenizer
    .textsToSequences(train.texts)
    .map((words, index) => ({ words, label: train.labels[index]! })),
  1,
);
const x = reviews.map(({ words }) => words);
const y = reviews.map(({ label }) => label);
const testData = { x: tokenizer.textsToSequences(test.texts), y: test.labels };

const model = createSentimentLstm({
  vocabularySize: 4000,
  sequenceLength: SEQUENCE_LENGTH,
  seed: 1,
});
await fitWithSeed(model, pad(x), tensor2d(y, [y.length, 1], 'float32'), {
  batchSize: 100,
  epochs: 1,
  seed: 1,
});
console.log(`Test accuracy after one epoch here: ${await evaluate(model, testData)}`);

await writeFile(join(out, 'begun.keras'), await saveKerasModel(model));
await writeFile(join(out, 'begun.json'), JSON.stringify(await predictFirst(model, testData)));
await writeFile(join(out, 'train.json'), JSON.stringify({ x: await pad(x).array(), y }));
await writeFile(join(out, 'test.json'), JSON.stringify(testData));
console.log(`Saved in ${out}.`);
