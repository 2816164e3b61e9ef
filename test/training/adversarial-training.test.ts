/** adversarialTraining: each step beside one written out in tf.grads, on every path and backend. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { adversarialTraining, fitWithSeed, layers } from '../../src/index.js';
import { perturb, perturbComposed } from '../../src/kernels/merging/perturb.js';
import { tinyData, weightsOf } from './models.js';

const [WORDS, TIME, WIDTH, UNITS, RATE, EPSILON] = [9, 6, 5, 4, 0.5, 0.7];

interface Settings {
  maskZero?: boolean;
  frozen?: boolean;
  l2?: number;
  kernel?: 'auto' | 'composed';
  dropout?: number;
}

function modelOf(settings: Settings): tfl.LayersModel {
  const { maskZero = false, frozen = false, l2 = 0, kernel = 'auto', dropout = 0 } = settings;
  const seeded = (seed: number) => tfl.initializers.glorotUniform({ seed });
  const model = tfl.sequential({
    layers: [
      layers.embedding({
        ...{ inputDim: WORDS, outputDim: WIDTH, inputLength: TIME, maskZero, kernel },
        embeddingsInitializer: tfl.initializers.randomUniform({ seed: 1 }),
        trainable: !frozen,
      }),
      layers.simpleRNN({
        ...{ units: UNITS, kernelInitializer: seeded(2), recurrentInitializer: seeded(3), kernel },
        ...(l2 > 0 && { kernelRegularizer: tfl.regularizers.l2({ l2 }) }),
      }),
      ...(dropout > 0 ? [layers.dropout({ rate: dropout, seed: 5 })] : []),
      layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer: seeded(4), kernel }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(RATE), loss: 'binaryCrossentropy', metrics: ['acc'] });
  return model;
}

// The third sample has the same word twice, and the last one none.
const X = () =>
  tf.tensor2d([[0, 0, 1, 2, 3, 4], [0, 5, 6, 7, 8, 1], [2, 2, 3, 0, 4, 5], [0, 0, 0, 0, 0, 0]]); // biome-ignore format: rows
const Y = () => tf.tensor2d([[1], [0], [1], [0]]);

/** Steps of Miyato et al. written out in operations of TensorFlow.js, and the loss of each. */
function byTheBook(start: tf.Tensor[], steps: number, { maskZero, frozen, l2 = 0 }: Settings) {
  let weights = start;
  const losses: number[] = [];
  const words = X();
  const hot = tf.oneHot(tf.cast(words, 'int32'), WORDS);
  const bySample = [...words.shape, 1];
  const counts = maskZero
    ? tf.reshape(tf.cast(tf.notEqual(words, 0), 'float32'), bySample)
    : tf.ones(bySample);
  const embed = (table: tf.Tensor) =>
    tf.reshape(tf.matMul(tf.reshape(tf.cast(hot, 'float32'), [-1, WORDS]), table as tf.Tensor2D), [
      4,
      TIME,
      WIDTH,
    ]);
  const lossOf = (
    x: tf.Tensor,
    kernel: tf.Tensor,
    recurrent: tf.Tensor,
    bias: tf.Tensor,
    w: tf.Tensor,
    b: tf.Tensor,
  ) => {
    let h: tf.Tensor2D = tf.zeros([4, UNITS]);
    for (let t = 0; t < TIME; t++) {
      const [step, counted] = [x, counts].map((all) =>
        tf.squeeze(tf.slice(all, [0, t, 0], [-1, 1, -1]), [1]),
      ) as [tf.Tensor2D, tf.Tensor2D];
      const sums = tf.add(
        tf.add(tf.matMul(step, kernel as tf.Tensor2D), tf.matMul(h, recurrent as tf.Tensor2D)),
        bias,
      );
      h = tf.add(tf.mul(tf.tanh(sums), counted), tf.mul(h, tf.sub(1, counted)));
    }
    const p = tf.sigmoid(tf.add(tf.matMul(h, w as tf.Tensor2D), b));
    const y = Y();
    const each = tf.add(tf.mul(y, tf.log(p)), tf.mul(tf.sub(1, y), tf.log(tf.sub(1, p))));
    return tf.neg(tf.mean(each)) as tf.Scalar;
  };
  for (let step = 0; step < steps; step++) {
    const [table, ...others] = weights as [tf.Tensor, ...tf.Tensor[]];
    const x = embed(table);
    const direction = tf.grad((moved) =>
      lossOf(moved, ...(others as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor])),
    )(x);
    const norms = tf.norm(tf.reshape(direction, [4, -1]), 2, 1);
    const r = tf.mul(tf.divNoNan(direction, tf.reshape(norms, [4, 1, 1])), EPSILON);
    const total = (...all: tf.Tensor[]) => {
      const [ofTable, ...rest] = all as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      const plain = lossOf(embed(ofTable), ...rest);
      const perturbed = lossOf(tf.add(embed(ofTable), r), ...rest);
      const penalty = tf.mul(l2, tf.sum(tf.square(rest[0])));
      return tf.add(tf.add(plain, perturbed), penalty) as tf.Scalar;
    };
    losses.push(total(...weights).dataSync()[0]!);
    const gradients = tf.grads(total)(weights);
    weights = weights.map((weight, i) =>
      frozen && i === 0 ? weight : tf.sub(weight, tf.mul(RATE, gradients[i]!)),
    );
  }
  return { losses, weights: weights.flatMap((weight) => [...weight.dataSync()]) };
}

/** The trained weights in the order of the layers. */
const inOrder = (model: tfl.LayersModel) => model.layers.flatMap((layer) => layer.getWeights());

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
}

const CASES: Settings[] = [{}, { maskZero: true }, { frozen: true }, { l2: 0.1 }];

describe.each([
  ['cpu', 'auto'],
  ['cpu', 'composed'],
  ['wasm', 'auto'],
] as const)('adversarialTraining on %s, kernels %s', (backend, kernel) => {
  beforeAll(() => tf.setBackend(backend));
  afterAll(() => tf.setBackend('cpu'));

  test.each(CASES)('takes the steps of the paper: %o', async (settings) => {
    const model = modelOf({ ...settings, kernel });
    const start = inOrder(model).map((weight) => weight.clone());
    const tapes = vi.spyOn(tf.engine(), 'gradients');
    const { history } = await fitWithSeed(model, X(), Y(), {
      ...{ epochs: 3, batchSize: 4, shuffle: false },
      callbacks: adversarialTraining({ epsilon: EPSILON }),
    });
    expect(tapes).not.toHaveBeenCalled();
    tapes.mockRestore();
    // The tape of TensorFlow.js has gradients of everything there.
    await tf.setBackend('cpu');
    const { losses, weights } = byTheBook(start, 3, settings);
    expectClose(
      inOrder(model).flatMap((weight) => [...weight.dataSync()]),
      weights,
    );
    expectClose(history.loss!, losses);
    await tf.setBackend(backend);
  });
});

test('goes by operations of TensorFlow.js where kernels cannot be used', async () => {
  await tf.setBackend('cpu');
  const results: number[][] = [];
  for (const isOnTape of [false, true]) {
    const model = modelOf({ maskZero: true, l2: 0.1, dropout: 0.3 });
    // Whoever watches kernels is to see them: then steps are taken on a tape.
    tf.engine().state.profiling = isOnTape;
    const { history } = await fitWithSeed(model, X(), Y(), {
      ...{ epochs: 2, batchSize: 4, shuffle: false },
      callbacks: adversarialTraining({ epsilon: EPSILON }),
    }).finally(() => {
      tf.engine().state.profiling = false;
    });
    results.push([...history.loss!, ...history.acc!, ...weightsOf(model)]);
  }
  expectClose(results[1]!, results[0]!);
});

test('ends with the run, also with one that throws', async () => {
  await tf.setBackend('cpu');
  const trainPlainly = async (model: tfl.LayersModel) => {
    await model.fit(X(), Y(), { batchSize: 4, shuffle: false, verbose: 0 });
    return weightsOf(model);
  };
  const expected = await trainPlainly(modelOf({}));
  const model = modelOf({});
  const failing = { onBatchBegin: () => Promise.reject(new Error('stopped')) };
  const callbacks = [adversarialTraining({ epsilon: EPSILON }), failing];
  await expect(fitWithSeed(model, X(), Y(), { callbacks })).rejects.toThrow('stopped');
  expect(await trainPlainly(model)).toEqual(expected);
});

test('leaves no tensor behind', async () => {
  const model = modelOf({ maskZero: true });
  const data = [X(), Y()] as const;
  const run = () =>
    fitWithSeed(model, ...data, { callbacks: adversarialTraining({ epsilon: EPSILON }) });
  await run();
  const { numTensors } = tf.memory();
  await run();
  expect(tf.memory().numTensors).toBe(numTensors);
});

describe('perturb', () => {
  test('moves each sample by epsilon, however small its gradient, and none without one', () => {
    const x = tf.ones([3, 2, 2]);
    const direction = tf.tensor3d([3e-25, 0, 0, 4e-25, 0, 0, 0, 0, 1, 1, 1, -1], [3, 2, 2]);
    const expected = [1.6, 1, 1, 1.8, 1, 1, 1, 1, 1.5, 1.5, 1.5, 0.5];
    for (const move of [perturb, perturbComposed]) {
      expectClose([...move(x, direction, 1).dataSync()], expected);
    }
  });
});

describe('adversarialTraining refuses', () => {
  const fit = (model: tfl.LayersModel, x: tf.Tensor, y: tf.Tensor) =>
    fitWithSeed(model, x, y, { callbacks: adversarialTraining({ epsilon: 1 }) });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('epsilon %d', (epsilon) => {
    expect(() => adversarialTraining({ epsilon })).toThrow(
      'adversarialTraining: epsilon must be a positive number, received',
    );
  });

  test('a model without words', async () => {
    const model = tfl.sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { x, y } = tinyData();
    await expect(fit(model, x, y)).rejects.toThrow(
      'adversarialTraining: the model must have one Embedding, called once, whose vectors are perturbed, received 0.',
    );
  });

  test('a model that TensorFlow.js runs', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.embedding({ inputDim: WORDS, outputDim: 2, inputLength: TIME }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 1 }),
      ],
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await expect(fit(model, X(), Y())).rejects.toThrow('Make its Embedding by layers.embedding.');
  });

  test('an optimizer with a way of its own to gradients', async () => {
    const model = modelOf({});
    model.optimizer.minimize = () => null;
    await expect(fit(model, X(), Y())).rejects.toThrow('the optimizer must leave it to others');
  });

  test('a stateful model', async () => {
    const model = tfl.sequential({
      layers: [
        layers.embedding({ inputDim: WORDS, outputDim: 2, batchInputShape: [4, TIME] }),
        layers.lstm({ units: 1, stateful: true }),
      ],
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const run = fitWithSeed(model, X(), Y(), {
      batchSize: 4,
      callbacks: adversarialTraining({ epsilon: 1 }),
    });
    await expect(run).rejects.toThrow('no layer may be stateful');
  });
});
