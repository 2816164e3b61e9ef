/**
 * How long a step of training takes, and a prediction: 100 reviews of 300 words, the
 * model of createSentimentLstm (4,000 words, embedding 32, LSTM 32, dense 256).
 *
 *     npx tsx bench/step.ts [--backend wasm|cpu] [--threads N] [--runs 30]
 */
import * as tf from '@tensorflow/tfjs-core';
import { createSentimentLstm } from '../src/index.js';
import { start } from './backend.js';
import { HEAD, interleaved, line } from './medians.js';

const [BATCH, TIME, WORDS] = [100, 300, 4000];
const { runs } = await start('step', 30);

const model = createSentimentLstm({ seed: 1 });
const full = tf.randomUniform([BATCH, TIME], 1, WORDS, 'int32', 1);
// Padded in front, as short reviews are: half of the words on average.
const padded = tf.tidy(() => {
  const lengths = tf.randomUniform([BATCH, 1], 0, TIME, 'int32', 2);
  return tf.mul(full, tf.cast(tf.lessEqual(lengths, tf.range(0, TIME, 1, 'int32')), 'int32'));
});
const labels = tf.cast(tf.randomUniform([BATCH, 1], 0, 2, 'int32', 3), 'float32');

const predict = async (x: tf.Tensor) => {
  const prediction = model.predict(x) as tf.Tensor;
  await prediction.data();
  prediction.dispose();
};

const spreads = await interleaved(
  {
    'training step': () => model.trainOnBatch(full, labels),
    'predict, weights just changed': () => predict(full),
    predict: () => predict(full),
    'predict, half of it padding': () => predict(padded),
  },
  runs,
);
console.log(HEAD);
for (const [name, spread] of Object.entries(spreads)) {
  console.log(line(name, spread, `${((1000 * BATCH) / spread.median).toFixed(0)} reviews/s`));
}
