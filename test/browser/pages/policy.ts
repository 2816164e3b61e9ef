/** Trains for a step, and puts into the page what came out. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createSentimentLstm, layers, ready, Tokenizer } from 'tfjs-recurrent';

const options = new URLSearchParams(location.search);
const backend = options.get('backend')!;
if (backend === 'wasm') {
  await import('@tensorflow/tfjs-backend-wasm');
  tf.removeBackend('cpu');
}
const shown: Record<string, unknown> = {};
try {
  await ready();
  const tokenizer = new Tokenizer();
  tokenizer.fitOnTexts(['the cat sat', 'the dog sat']);
  shown.sequences = tokenizer.textsToSequences(['the dog']);
  const model = createSentimentLstm({
    vocabularySize: 9,
    sequenceLength: 5,
    dropoutRate: 0,
    seed: 1,
  });
  // Enough work for two threads.
  const x = tf.tensor2d(
    Array.from({ length: 1280 }, (_, i) => (i * i) % 9),
    [256, 5],
  );
  const y = tf.tensor2d(Array.from({ length: 256 }, (_, i) => [i % 2]));
  await model.fit(x, y, { batchSize: 256, epochs: 2, shuffle: false, verbose: 0 });
  const { kernelNames } = await tf.profile(() => {
    shown.probabilities = Array.from((model.predict(x) as tf.Tensor).dataSync());
  });
  shown.fused = kernelNames.includes('RecurrentLstm');
  layers.lstm({ units: 2, kernel: 'fused' }).apply(tf.zeros([1, 2, 3]));
} catch (error) {
  shown.error = String(error);
}
document.querySelector('pre')!.textContent = JSON.stringify(shown);
