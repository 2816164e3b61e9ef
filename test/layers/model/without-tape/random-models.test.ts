import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { randomModels } from '../../../random-models.js';
import { Draw, type Drawn, drawModel } from './draw-model.js';

const STEPS = 3;

afterAll(() => tf.setBackend('cpu'));

/** What three steps of training leave: losses, metrics and weights. */
async function train(
  { model, inputs, labels, settings }: Drawn,
  steps = STEPS,
): Promise<number[][]> {
  const results: number[][] = [];
  for (let step = 0; step < steps; step++) {
    const { history } = await model.fit(inputs, labels, {
      epochs: 1,
      shuffle: false,
      verbose: 0,
      ...settings,
    });
    results.push(Object.values(history).map(([value]) => value as number));
  }
  for (const weight of model.getWeights()) results.push([...weight.dataSync()]);
  return results;
}

/** The largest difference, of numbers that are not small relative to their size. */
function difference(a: number[][], b: number[][]): number {
  expect(b.map(({ length }) => length)).toEqual(a.map(({ length }) => length));
  const others = b.flat();
  return Math.max(
    ...a.flat().map((value, i) => {
      const other = others[i]!;
      if (Number.isNaN(value) && Number.isNaN(other)) return 0;
      return Math.abs(value - other) / Math.max(1, Math.abs(value));
    }),
  );
}

// Drawn by their numbers: models, data, losses and optimizers are the same in every run. The tape is
// that of the cpu backend always, since wasm lacks the gradients of convolution and pooling.
const { first, count } = randomModels({ all: 500, few: 150 });
const NUMBERS = Array.from({ length: count }, (_, i) => first + i);

describe.each([
  ['cpu', NUMBERS.filter((number) => number % 6 < 5)],
  ['wasm', NUMBERS.filter((number) => number % 6 === 5)],
] as const)('random models trained without a tape on %s as with one', (backend, numbers) => {
  beforeEach(() => tf.setBackend('cpu'));

  test.each(numbers)('model %i', async (number) => {
    const draw = () => drawModel(new Draw(number));
    const withTape = draw();
    const { optimizer } = withTape.model;
    // Whoever has a way of its own with gradients is given them by a tape.
    optimizer.minimize = tf.Optimizer.prototype.minimize.bind(optimizer);
    const taped = await train(withTape);
    await tf.setBackend(backend);
    const without = draw();
    // Normalization over so few samples, and Adamax behind it, make more of a last bit.
    expect(difference(taped, await train(without)), without.told).toBeLessThan(5e-5);
    // What the optimizer remembers is there now.
    const { numTensors } = tf.memory();
    await train(without, 1);
    expect(tf.memory().numTensors, without.told).toBe(numTensors);
    for (const { model, inputs, labels } of [withTape, without]) {
      model.dispose();
      tf.dispose([inputs, labels]);
    }
  });
});
