/// <reference types="vite/client" />
import * as tf from '@tensorflow/tfjs-core';
import {
  adam,
  createSentimentLstm,
  fitInWorker,
  padSequences,
  ready,
  Tokenizer,
} from 'tfjs-recurrent';
import { chooseBackend } from './backend.js';

const options = new URLSearchParams(location.search);
const status = document.querySelector<HTMLElement>('#status')!;
const table = document.querySelector<HTMLTableElement>('#predictions')!;

await chooseBackend(options.get('backend') ?? 'wasm');
await ready();

const reviews: [text: string, label: number][] = [
  ['A warm, funny film with a wonderful cast.', 1],
  ['Slow and dull; I left before the end.', 0],
  ['Beautiful pictures and a wonderful story.', 1],
  ['The jokes are old and the plot is a mess.', 0],
  ['Funny and warm: I laughed and I cried.', 1],
  ['A dull, slow mess; I want my two hours back.', 0],
  ['A beautiful story, and a wonderful cast.', 1],
  ['An old plot, dull jokes, and a slow end.', 0],
];
const texts = reviews.map(([text]) => text);

const tokenizer = new Tokenizer({ numWords: 100 });
tokenizer.fitOnTexts(texts);
const encode = (some: string[]) => padSequences(tokenizer.textsToSequences(some), { maxlen: 12 });

const model = createSentimentLstm({
  vocabularySize: 100,
  sequenceLength: 12,
  embeddingDim: 16,
  lstmUnits: 16,
  denseUnits: 32,
  compile: false,
  seed: 1,
});
// Epsilon as Keras has it: on a GPU with half floats TensorFlow.js would take 1e-4, and
// the backends would no longer agree.
model.compile({
  optimizer: adam(0.01, 0.9, 0.999, 1e-7),
  loss: 'binaryCrossentropy',
  metrics: ['accuracy'],
});

// All reviews in one batch: an epoch is one step, and there is nothing to shuffle.
const epochs = Number(options.get('epochs') ?? 15);
const labels = tf.tensor2d(reviews.map(([, label]) => [label]));
// In one piece, or a bundler does not see that it is a worker.
const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
const training = fitInWorker(worker, model, encode(texts), labels, {
  epochs,
  batchSize: texts.length,
  shuffle: false,
  callbacks: {
    onEpochEnd: async (epoch, logs) => {
      status.textContent = `Epoch ${epoch + 1} of ${epochs}: loss ${logs?.loss?.toFixed(3)}`;
    },
  },
});
await training.finished;
worker.terminate();

const unseen = 'A funny story and a wonderful film.';
const shown = [...texts, unseen];
let probabilities: ArrayLike<number> = [];
const { kernelNames } = await tf.profile(() => {
  probabilities = (model.predict(encode(shown)) as tf.Tensor).dataSync();
});
shown.forEach((text, index) => {
  const row = table.insertRow();
  row.insertCell().textContent = probabilities[index]!.toFixed(6);
  row.insertCell().textContent = text;
});
const lstm = kernelNames.includes('RecurrentLstm') ? 'one fused kernel' : 'composed operations';
status.textContent += `, on ${tf.getBackend()}, the LSTM as ${lstm}. How positive each review is:`;
status.dataset.finished = 'true';
