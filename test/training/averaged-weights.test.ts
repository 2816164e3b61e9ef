/** Averages of the weights: kept by the optimizer, judged while training, put in the end. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test, vi } from 'vitest';
import {
  adam,
  averagedWeights,
  captureTrainingState,
  earlyStopping,
  fitWithSeed,
  layers,
  restoreTrainingState,
  withAveragedWeights,
} from '../../src/index.js';
import { tinyData, weightsOf } from './models.js';

function model(optimizer: tf.Optimizer): tfl.Sequential {
  const made = tfl.sequential();
  const kernelInitializer = tfl.initializers.glorotUniform({ seed: 1 });
  made.add(layers.dense({ units: 3, inputShape: [2], activation: 'tanh', kernelInitializer }));
  made.add(layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer }));
  made.compile({ optimizer, loss: 'binaryCrossentropy' });
  return made;
}

const averaging = () => adam(0.1, 0.9, 0.999, 1e-7, { useEma: true, emaMomentum: 0.8 });
const RUN = { epochs: 3, batchSize: 4, seed: 1 };

/** The weights after each step of a run, and their running mean as it is defined. */
async function meansByHand(): Promise<{ last: number[]; means: number[]; ofEpochs: number[][] }> {
  const { x, y } = tinyData();
  const plain = model(adam(0.1, 0.9, 0.999, 1e-7));
  let means: number[] | undefined;
  const ofEpochs: number[][] = [];
  await fitWithSeed(plain, x, y, {
    ...RUN,
    callbacks: {
      onBatchEnd: () => {
        const now = weightsOf(plain);
        means = means ? means.map((mean, i) => 0.8 * mean + 0.2 * now[i]!) : now;
      },
      onEpochEnd: () => {
        ofEpochs.push([...means!]);
      },
    },
  });
  return { last: weightsOf(plain), means: means!, ofEpochs };
}

function expectClose(received: number[], expected: number[]): void {
  expect(received.length).toBe(expected.length);
  received.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 5);
  });
}

describe('averagedWeights', () => {
  test('leaves the running mean of the weights in the model', async () => {
    const { x, y } = tinyData();
    const averaged = model(averaging());
    const gradients = vi.spyOn(tf.engine(), 'gradients');
    await fitWithSeed(averaged, x, y, { ...RUN, callbacks: averagedWeights() });
    // Steps are taken without a tape.
    expect(gradients).not.toHaveBeenCalled();
    expectClose(weightsOf(averaged), (await meansByHand()).means);
  });

  test('is judged by the mean while it is trained by the weights', async () => {
    const { x, y } = tinyData();
    const averaged = model(averaging());
    const plain = model(adam());
    const { history } = await fitWithSeed(averaged, x, y, {
      ...{ ...RUN, validationData: [x, y] as [tf.Tensor, tf.Tensor] },
      callbacks: averagedWeights(),
    });
    const { means, ofEpochs } = await meansByHand();
    expectClose(weightsOf(averaged), means);
    ofEpochs.forEach((values, epoch) => {
      let [start, weights] = [0, [] as tf.Tensor[]];
      weights = plain.getWeights().map(({ shape, size }) => {
        start += size;
        return tf.tensor(values.slice(start - size, start), shape);
      });
      plain.setWeights(weights);
      const loss = plain.evaluate(x, y) as tf.Scalar;
      expect(history.val_loss![epoch]).toBeCloseTo(loss.dataSync()[0]!, 5);
    });
    // Validation is as it was.
    const after = (averaged.evaluate(x, y) as tf.Scalar).dataSync()[0]!;
    expect(after).toBeCloseTo(history.val_loss!.at(-1)!, 5);
  });

  test('alone is what puts them in: without it the weights are as they were', async () => {
    const { x, y } = tinyData();
    const averaged = model(averaging());
    await fitWithSeed(averaged, x, y, RUN);
    expectClose(weightsOf(averaged), (await meansByHand()).last);
  });

  test.each([
    ['before', (stop: tfl.Callback) => [averagedWeights(), stop]],
    ['behind', (stop: tfl.Callback) => [stop, averagedWeights()]],
  ] as const)('keeps the mean of the best epoch, %s earlyStopping', async (_, order) => {
    const { x, y } = tinyData();
    const averaged = model(averaging());
    // The first epoch is the best where more loss is better.
    const stop = earlyStopping({ mode: 'max', patience: 1, restoreBestWeights: true });
    const { epoch } = await fitWithSeed(averaged, x, y, {
      ...{ ...RUN, validationData: [x, y] as [tf.Tensor, tf.Tensor] },
      callbacks: order(stop as unknown as tfl.Callback),
    });
    expect(epoch.length).toBe(2);
    expectClose(weightsOf(averaged), (await meansByHand()).ofEpochs[0]!);
  });

  test('goes on from a checkpoint as if there had been none', async () => {
    const { x, y } = tinyData();
    const first = model(averaging());
    await fitWithSeed(first, x, y, { ...RUN, epochs: 2 });
    const state = await captureTrainingState(first, { epoch: 2 });
    const second = model(averaging());
    restoreTrainingState(second, state);
    await fitWithSeed(second, x, y, { ...RUN, initialEpoch: 2, callbacks: averagedWeights() });
    expectClose(weightsOf(second), (await meansByHand()).means);
  });

  test('leaves nothing behind', async () => {
    const { x, y } = tinyData();
    const averaged = model(averaging());
    const run = () =>
      fitWithSeed(averaged, x, y, {
        ...{ ...RUN, validationData: [x, y] as [tf.Tensor, tf.Tensor] },
        callbacks: averagedWeights(),
      });
    await run();
    const { numTensors } = tf.memory();
    await run();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  test('judges by the weights behind a run that has thrown, and the next run as ever', async () => {
    const { x, y } = tinyData();
    const averaged = model(averaging());
    const validated = { ...RUN, validationData: [x, y] as [tf.Tensor, tf.Tensor] };
    const fails = { onEpochEnd: () => Promise.reject(new Error('enough')) };
    const run = fitWithSeed(averaged, x, y, {
      ...validated,
      callbacks: [averagedWeights(), fails],
    });
    await expect(run).rejects.toThrow('enough');
    const plain = model(adam());
    plain.setWeights(averaged.getWeights());
    const lossOf = (one: tfl.LayersModel) => (one.evaluate(x, y) as tf.Scalar).dataSync()[0]!;
    expect(lossOf(averaged)).toBe(lossOf(plain));

    const { history } = await fitWithSeed(averaged, x, y, {
      ...validated,
      callbacks: averagedWeights(),
    });
    expect(lossOf(averaged)).toBeCloseTo(history.val_loss!.at(-1)!, 5);
  });

  test('judges a run without it by the weights, behind one that has thrown', async () => {
    const { x, y } = tinyData();
    const averaged = model(averaging());
    const validated = { ...RUN, validationData: [x, y] as [tf.Tensor, tf.Tensor] };
    const fails = { onEpochEnd: () => Promise.reject(new Error('enough')) };
    const run = fitWithSeed(averaged, x, y, {
      ...validated,
      callbacks: [averagedWeights(), fails],
    });
    await expect(run).rejects.toThrow('enough');

    // The first epoch is the best where more loss is better.
    const stop = earlyStopping({ mode: 'max', patience: 1, restoreBestWeights: true });
    let ofFirstEpoch: number[] = [];
    const { history } = await fitWithSeed(averaged, x, y, {
      ...validated,
      callbacks: [
        stop,
        {
          onEpochEnd: (epoch) => {
            if (epoch === 0) ofFirstEpoch = weightsOf(averaged);
          },
        },
      ],
    });
    expect(weightsOf(averaged)).toEqual(ofFirstEpoch);
    const plain = model(adam());
    plain.setWeights(averaged.getWeights());
    expect((plain.evaluate(x, y) as tf.Scalar).dataSync()[0]).toBe(history.val_loss![0]);
  });

  test('refuses an optimizer that does not average', async () => {
    const { x, y } = tinyData();
    const run = fitWithSeed(model(adam()), x, y, { callbacks: averagedWeights() });
    await expect(run).rejects.toThrow(
      'averagedWeights: the optimizer must average the weights, received "Adam". ' +
        'Compile the model with adam(0.001, 0.9, 0.999, 1e-7, { useEma: true }).',
    );
  });
});

describe('withAveragedWeights', () => {
  test('disposes of what it has gathered', () => {
    const x = tf.variable(tf.ones([3]));
    const { numTensors } = tf.memory();
    const optimizer = withAveragedWeights(tf.train.sgd(0.1), { momentum: 0.5 });
    for (let step = 0; step < 3; step++) optimizer.minimize(() => tf.sum(x));
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  test.each<[string, () => unknown, string]>([
    [
      'a momentum of 1',
      () => withAveragedWeights(tf.train.sgd(0.1), { momentum: 1 }),
      'withAveragedWeights: momentum must be a number from 0 up to, not including, 1, received 1.',
    ],
    [
      'an optimizer that averages',
      () => withAveragedWeights(averaging()),
      'withAveragedWeights: the optimizer averages its weights already.',
    ],
    [
      'a momentum for no averages',
      () => adam(0.1, 0.9, 0.99, 1e-7, { emaMomentum: 0.5 }),
      'adam: emaMomentum is for averaged weights, received 0.5. Give useEma: true, too, or leave it out.',
    ],
    [
      'weight decay below 0',
      () => adam(0.1, 0.9, 0.99, 1e-7, { weightDecay: -1 }),
      'adam: weightDecay must be a number of at least 0, received -1.',
    ],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
