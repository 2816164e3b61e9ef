/**
 * What one step of a stream takes, and what batches of similar lengths save.
 *
 *     npx tsx bench/streams.ts
 *
 * Medians of many pushes in this process; the epochs with and without buckets take turns.
 */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { bucketBatches, fitWithSeed, layers, padSequences, ready, stream } from '../src/index.js';
import { seededRandom } from '../src/foundation/random.js';

await tf.setBackend('cpu');
await ready();

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

/** Microseconds of one push. */
function pushTime(model: tfl.LayersModel, width: number): number {
  const along = stream(model);
  const step = new Float32Array(width).fill(0.3);
  const times: number[] = [];
  for (let i = 0; i < 20_000; i++) {
    const begin = performance.now();
    const output = along.push(step);
    times.push(1000 * (performance.now() - begin));
    output.dispose();
  }
  along.reset();
  return median(times.slice(5000));
}

const lstm = (units: number, width: number) =>
  layers.lstm({ units, inputShape: [null, width], recurrentActivation: 'sigmoid' });
for (const width of [1, 16, 64]) {
  const alone = pushTime(tfl.sequential({ layers: [lstm(64, width)] }), width);
  const output = layers.dense({ units: 10, activation: 'softmax' });
  const whole = pushTime(tfl.sequential({ layers: [lstm(64, width), output] }), width);
  console.log(
    `one step, LSTM of 64 units, ${width} inputs: ${alone.toFixed(1)} µs, with an output layer ${whole.toFixed(1)} µs`,
  );
}

// Lengths as those of film reviews: median 175 words, cut at 500.
const random = seededRandom(1);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const samples = 512;
const sequences = Array.from({ length: samples }, () => {
  const length = Math.min(500, Math.max(10, Math.round(175 * Math.exp(0.7 * normal()))));
  return Array.from({ length }, () => 1 + Math.floor(1999 * random()));
});
const labels = sequences.map(() => Math.round(random()));
const build = () => {
  const model = tfl.sequential({
    layers: [
      layers.embedding({ inputDim: 2000, outputDim: 32, maskZero: true, inputShape: [null] }),
      lstm(32, 32),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });
  return model;
};
const [padded, bucketed] = [build(), build()];
const x = padSequences(sequences) as tf.Tensor;
const y = tf.tensor2d(labels, [samples, 1]);
const batches = bucketBatches(sequences, labels, { batchSize: 32, seed: 1 });
const cpu = async (body: () => Promise<unknown>) => {
  const begin = process.cpuUsage();
  const clock = performance.now();
  await body();
  const { user, system } = process.cpuUsage(begin);
  return { cpu: (user + system) / 1000, wall: performance.now() - clock };
};
const times = { padded: [] as number[], bucketed: [] as number[] };
const walls = { padded: [] as number[], bucketed: [] as number[] };
for (let round = 0; round < 6; round++) {
  const plain = await cpu(() =>
    fitWithSeed(padded, x, y, { epochs: 1, batchSize: 32, seed: round, verbose: 0 }),
  );
  const short = await cpu(() => bucketed.fitDataset(batches, { epochs: 1, verbose: 0 }));
  if (round === 0) continue;
  times.padded.push(plain.cpu);
  times.bucketed.push(short.cpu);
  walls.padded.push(plain.wall);
  walls.bucketed.push(short.wall);
}
const ratio = (of: typeof times) => (median(of.bucketed) / median(of.padded)).toFixed(2);
console.log(
  `an epoch by buckets takes ${ratio(times)} of the processor time of one padded to the longest, ${ratio(walls)} of its wall time`,
);
