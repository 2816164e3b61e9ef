import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { describe, expect, it } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { adam } from '../../../src/layers/optimizers/adam.js';

describe.each(['cpu', 'wasm'])('adam on the %s backend', (backend) => {
  it('is tf.train.adam to the bit, for sizes that are not multiples of four', async () => {
    await tf.setBackend(backend);
    // The largest is shared by threads.
    for (const size of [1, 3, 4, 7, 63, 70_001]) {
      const start = tf.randomNormal([size], 0, 1, 'float32', 1);
      const ours = tf.variable(start.clone());
      const theirs = tf.variable(start.clone());
      const fused = adam(0.01, 0.8, 0.95, 1e-6);
      const stock = tf.train.adam(0.01, 0.8, 0.95, 1e-6);
      for (let step = 1; step <= 30; step++) {
        const tensor = tf.randomNormal([size], 0, 0.01, 'float32', step);
        fused.applyGradients([{ name: ours.name, tensor }]);
        stock.applyGradients([{ name: theirs.name, tensor }]);
      }
      expect(ours.dataSync()).toEqual(theirs.dataSync());
      expect(ours.dataSync()).not.toEqual(start.dataSync());
    }
  });

  it('changes moments where they are, unless somebody has a copy of them', async () => {
    await tf.setBackend(backend);
    const x = tf.variable(tf.tensor1d([1, -2, 3]));
    const optimizer = adam();
    const step = () => optimizer.applyGradients([{ name: x.name, tensor: tf.ones([3]) }]);
    const { accumulatedFirstMoment } = optimizer as unknown as {
      accumulatedFirstMoment: { variable: tf.Variable }[];
    };
    step(); // gives the moments their place
    const { variable } = accumulatedFirstMoment[0]!;
    const { dataId } = variable;
    step();
    expect(variable.dataId).toBe(dataId);
    const copy = variable.clone();
    step();
    expect(variable.dataId).not.toBe(dataId);
    const [second, third] = [0.19, 0.271]; // 1 - 0.9², 1 - 0.9³
    expect(copy.dataSync()[0]).toBeCloseTo(second, 6);
    expect(variable.dataSync()[0]).toBeCloseTo(third, 6);
    step(); // after their values were read
    expect(variable.dataSync()[0]).toBeCloseTo(0.3439, 6); // 1 - 0.9⁴
  });

  it('saves and restores the same state as tf.train.adam', async () => {
    await tf.setBackend(backend);
    const x = tf.variable(tf.tensor1d([1, -2, 3]));
    const fused = adam();
    const loss = () => tf.sum(tf.square(x)) as tf.Scalar;
    for (let step = 0; step < 3; step++) fused.minimize(loss);
    const saved = await fused.getWeights();
    expect(saved.map(({ name }) => name)).toEqual(['iter', `${x.name}/m`, `${x.name}/v`]);
    const stock = tf.train.adam();
    await stock.setWeights(saved.map(({ name, tensor }) => ({ name, tensor: tensor.clone() })));
    expect((await stock.getWeights())[1]?.tensor.dataSync()).toEqual(saved[1]?.tensor.dataSync());
  });

  it('leaks nothing', async () => {
    await tf.setBackend(backend);
    const x = tf.variable(tf.tensor1d([1, -2, 3]));
    const optimizer = adam();
    const loss = () => tf.sum(tf.square(x)) as tf.Scalar;
    optimizer.minimize(loss);
    const { numTensors } = tf.memory();
    for (let step = 0; step < 20; step++) optimizer.minimize(loss);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

it('adam takes numbers in their order, not an object', () => {
  for (const wrong of [{ learningRate: 0.1 }, '0.1', Number.NaN]) {
    expect(() => adam(wrong as never)).toThrow(
      /^adam: learningRate must be a number, received .* The order is adam\(learningRate, beta1, beta2, epsilon, options\)\.\n/,
    );
  }
});
