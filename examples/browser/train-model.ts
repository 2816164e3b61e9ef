/**
 * Trains the model that the playground begins with, on the real reviews, and writes it into the page.
 *
 *     npm run playground:train -- --data aclImdb_v1.tar.gz
 *
 * Visitors type a sentence or two, where reviews have hundreds of words. So the model learns from each
 * review twice: from its last words, and from a piece of it, which begins and ends anywhere.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { concat, tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';
import {
  createSentimentLstm,
  fitWithSeed,
  padSequences,
  stripHtmlTags,
  Tokenizer,
} from 'tfjs-recurrent';
import { fileSystem, loadImdb, progressBar } from 'tfjs-recurrent/node';
import { runExample, startBackend } from '../shared/command-line.js';
import { parseOptions, UsageError } from '../shared/options.js';
import { seededRandom } from '../shared/random.js';

const FOLDER = fileURLToPath(new URL('public/model', import.meta.url));
const VOCABULARY = 5000;
const LENGTH = 200; // words that the model reads at most
const SHORTEST_PIECE = 3;
const LONGEST_PIECE = 60;
const EPOCHS = 4;
const SEED = 7;

interface Reviews {
  texts: readonly string[];
  labels: readonly number[];
}

await runExample(async (args) => {
  const { data } = parseOptions(args, { data: { type: 'string' } });
  if (!data) throw new UsageError('Say where the reviews are: --data aclImdb_v1.tar.gz');
  await startBackend('cpu');

  const { train, test } = await loadImdb(data);
  const tokenizer = new Tokenizer({ numWords: VOCABULARY });
  tokenizer.fitOnTexts(train.texts.map(stripHtmlTags));
  const learned = samplesOf(train, tokenizer);
  const held = samplesOf(test, tokenizer);

  const model = createSentimentLstm({
    vocabularySize: VOCABULARY,
    sequenceLength: LENGTH,
    embeddingDim: 32,
    lstmUnits: 32,
    denseUnits: 32,
    dropoutRate: 0.4,
    maskZero: true,
    seed: SEED,
  });
  await fitWithSeed(
    model,
    concat([learned.whole, learned.pieces]),
    concat([learned.labels, learned.labels]),
    { batchSize: 100, epochs: EPOCHS, seed: SEED, callbacks: progressBar() },
  );

  const accuracy = (x: Tensor2D) => accuracyOf(model.evaluate(x, held.labels));
  const found = { whole: accuracy(held.whole), pieces: accuracy(held.pieces) };
  await model.save(fileSystem(FOLDER));
  // Only the words, in their order: counts are of no use to the page.
  const words = Array.from({ length: VOCABULARY - 1 }, (_, i) => tokenizer.indexWord.get(i + 1)!);
  writeFileSync(join(FOLDER, 'words.json'), `${JSON.stringify({ words, accuracy: found })}\n`);
  console.log(
    `Right on ${(100 * found.whole).toFixed(1)} % of the 25,000 test reviews, and on ` +
      `${(100 * found.pieces).toFixed(1)} % of a piece of each, of ${SHORTEST_PIECE} to ${LONGEST_PIECE} words.`,
  );
});

function samplesOf({ texts, labels }: Reviews, tokenizer: Tokenizer) {
  const random = seededRandom(SEED);
  const sequences = tokenizer.textsToSequences(texts.map(stripHtmlTags));
  const pieces = sequences.map((words) => {
    const length = random.between(SHORTEST_PIECE, LONGEST_PIECE);
    const start = random.between(0, Math.max(0, words.length - length));
    return words.slice(start, start + length);
  });
  return {
    whole: padSequences(sequences, { maxlen: LENGTH }) as Tensor2D,
    pieces: padSequences(pieces, { maxlen: LENGTH }) as Tensor2D,
    labels: tensor2d(Array.from(labels), [labels.length, 1]),
  };
}

function accuracyOf(scores: unknown): number {
  const [, accuracy] = scores as { dataSync(): Float32Array }[];
  return accuracy!.dataSync()[0]!;
}
