import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { applyGradients, stepsByKernel } from '../../../src/layers/optimizers/optimizers.js';

const OPTIMIZERS: Record<string, () => tf.Optimizer> = {
  adam: () => tf.train.adam(0.01, 0.8, 0.95, 1e-6),
  adamax: () => tf.train.adamax(0.01, 0.8, 0.95, 1e-6, 0.1),
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.7),
  'momentum of Nesterov': () => tf.train.momentum(0.1, 0.7, true),
  rmsprop: () => tf.train.rmsprop(0.01),
  'rmsprop with momentum': () => tf.train.rmsprop(0.01, 0.8, 0.5, 1e-4),
  // TensorFlow.js takes the root of the variance less epsilon, which rounding can make negative.
  'rmsprop, centered': () => tf.train.rmsprop(0.01, 0.8, 0.5, 1e-12, true),
  adagrad: () => tf.train.adagrad(0.1, 0.2),
  adadelta: () => tf.train.adadelta(0.1, 0.9, 1e-5),
};

/** What an optimizer keeps, by the end of the names. */
async function stateOf(optimizer: tf.Optimizer): Promise<unknown> {
  const lists = Object.entries(optimizer).filter(([, value]) => Array.isArray(value));
  return lists.map(([name, slots]) => [
    name,
    slots.map(({ originalName, variable }: { originalName: string; variable: tf.Variable }) => [
      originalName.split('/').slice(1),
      variable.dataSync(),
    ]),
  ]);
}

describe.each(['cpu', 'wasm'])('steps by kernels on the %s backend', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  afterAll(() => tf.setBackend('cpu'));

  test.each(Object.entries(OPTIMIZERS))('%s is that of tf.train to the bit', async (_, make) => {
    // The largest is shared by threads.
    for (const size of [1, 3, 63, 70_001]) {
      const start = tf.randomNormal([size], 0, 1, 'float32', 1);
      const [ours, theirs] = [tf.variable(start.clone()), tf.variable(start.clone())];
      const [fused, stock] = [make(), make()];
      expect(stepsByKernel(fused)).toBe(true);
      for (let step = 1; step <= (size > 100 ? 3 : 12); step++) {
        const tensor = tf.randomNormal([size], 0, 0.1, 'float32', step);
        applyGradients(fused, [{ name: ours.name, tensor }]);
        stock.applyGradients([{ name: theirs.name, tensor }] as never);
      }
      expect(ours.dataSync()).toEqual(theirs.dataSync());
      expect(ours.dataSync()).not.toEqual(start.dataSync());
      expect(await stateOf(fused)).toEqual(await stateOf(stock));
      expect(fused.iterations).toBe(stock.iterations);
    }
  });

  test.each(Object.entries(OPTIMIZERS))('%s goes on from where tf.train left', (_, make) => {
    const [ours, theirs] = [1, 2].map(() => tf.variable(tf.tensor1d([1, -2, 3])));
    const [mixed, stock] = [make(), make()];
    for (let step = 1; step <= 6; step++) {
      const tensor = tf.randomNormal([3], 0, 1, 'float32', step);
      const gradients = [{ name: ours!.name, tensor }];
      if (step % 2) mixed.applyGradients(gradients as never);
      else applyGradients(mixed, gradients);
      stock.applyGradients([{ name: theirs!.name, tensor }] as never);
    }
    expect(ours!.dataSync()).toEqual(theirs!.dataSync());
  });

  test.each(Object.entries(OPTIMIZERS))('%s passes variables without a gradient by', (_, make) => {
    const [first, second] = [1, 2].map(() => tf.variable(tf.tensor1d([1, -2, 3])));
    const optimizer = make();
    const gradients = [
      { name: first!.name, tensor: null as never },
      { name: second!.name, tensor: tf.ones([3]) },
    ];
    applyGradients(optimizer, gradients);
    const { numTensors } = tf.memory();
    applyGradients(optimizer, gradients);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect([...first!.dataSync()]).toEqual([1, -2, 3]);
    expect(second!.dataSync()[0]).toBeLessThan(1);
  });
});

test('an optimizer that has its own way takes it', () => {
  const seen: unknown[] = [];
  class Watched extends tf.SGDOptimizer {
    override applyGradients(gradients: Parameters<tf.SGDOptimizer['applyGradients']>[0]): void {
      seen.push(gradients);
    }
  }
  const optimizer = new Watched(0.1);
  expect(stepsByKernel(optimizer)).toBe(false);
  applyGradients(optimizer, []);
  expect(seen).toEqual([[]]);
});
