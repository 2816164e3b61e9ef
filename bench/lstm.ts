/**
 * How fast the LSTM layer computes a sum of its last outputs and the gradients of its
 * weights and its input, at batch 100.
 *
 *     npx tsx bench/lstm.ts [--backend wasm|cpu] [--threads N] [--runs 5]
 *
 * Multiplications with the weights are counted: 2·batch·time·(inputs + units)·4·units
 * operations forward, twice that backward.
 */
import * as tf from '@tensorflow/tfjs-core';
import { layers } from '../src/index.js';
import { start } from './backend.js';
import { HEAD, interleaved, line } from './medians.js';

const BATCH = 100;
const SIZES = [
  { units: 32, time: 300 },
  { units: 64, time: 300 },
  { units: 128, time: 300 },
  { units: 256, time: 300 },
  { units: 32, time: 100 },
  { units: 32, time: 1000 },
];
const { runs } = await start('lstm', 5);

const tasks: Record<string, () => void> = {};
const operations: Record<string, number> = {};
for (const { units, time } of SIZES) {
  const layer = layers.lstm({ units, recurrentActivation: 'sigmoid', kernel: 'fused' });
  const x = tf.randomNormal([BATCH, time, units], 0, 1, 'float32', 1);
  tf.tidy(() => void layer.apply(x)); // builds the weights
  const weights = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const input = tf.variable(x);
  x.dispose();
  const forward = 2 * BATCH * time * 2 * units * 4 * units;
  const name = `units = inputs ${units}, time ${time}`;
  tasks[`${name}, forward`] = () => {
    const output = tf.tidy(() => layer.apply(input) as tf.Tensor);
    output.dataSync();
    output.dispose();
  };
  operations[`${name}, forward`] = forward;
  tasks[`${name}, and back`] = () => {
    const loss = () => tf.sum(layer.apply(input) as tf.Tensor) as tf.Scalar;
    const { value, grads } = tf.variableGrads(loss, [input, ...weights]);
    tf.dispose([value, grads] as tf.TensorContainer);
  };
  operations[`${name}, and back`] = 3 * forward;
}

const spreads = await interleaved(tasks, runs, 1);
console.log(HEAD);
for (const [name, spread] of Object.entries(spreads)) {
  console.log(
    line(name, spread, `${(operations[name]! / spread.median / 1e6).toFixed(1)} GFLOP/s`),
  );
}
