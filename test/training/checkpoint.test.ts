import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonOf } from '../../src/foundation/errors.js';
import { openDoor, tf, tfl } from '../../src/foundation/tensorflow.js';
import {
  captureTrainingState,
  restoreTrainingState,
  type TrainingState,
} from '../../src/training/checkpoint.js';

const x = tf.tensor2d([0.1, 0.9, -0.4, 0.3, 0.8, -0.7, 0.5, 0.2, -0.6, 0.4, 0.7, -0.1], [4, 3]);
const y = tf.tensor2d([1, 0, 0, 1], [4, 1]);

beforeAll(async () => {
  openDoor();
  await tf.setBackend('cpu');
});

afterAll(() => {
  x.dispose();
  y.dispose();
});

/** A model whose initial weights are the same every time. */
function build(optimizer: tf.Optimizer | string = 'adam', units = 2): tfl.Sequential {
  const kernel = (seed: number) => tfl.initializers.glorotUniform({ seed });
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({
        name: 'hidden',
        units,
        activation: 'tanh',
        inputShape: [3],
        kernelInitializer: kernel(1),
      }),
      tfl.layers.dense({ name: 'out', units: 1, kernelInitializer: kernel(2) }),
    ],
  });
  model.compile({ optimizer, loss: 'meanSquaredError' });
  return model;
}

async function train(model: tfl.LayersModel, from: number, to: number): Promise<void> {
  await model.fit(x, y, { initialEpoch: from, epochs: to, batchSize: 2, shuffle: false });
}

function bits(model: tfl.LayersModel): number[][] {
  return model
    .getWeights()
    .map((weight) => [...new Uint32Array((weight.dataSync() as Float32Array).slice().buffer)]);
}

/** The state as it comes back from a file: the bytes begin wherever there was room for them. */
function stored({ header, data }: TrainingState): TrainingState {
  const bytes = Buffer.concat([Buffer.from('123'), data]).subarray(3);
  return { header: JSON.parse(JSON.stringify(header)), data: bytes };
}

describe('a resumed run ends with the bits of an uninterrupted one', () => {
  const optimizers: Record<string, () => tf.Optimizer> = {
    sgd: () => tf.train.sgd(0.1),
    momentum: () => tf.train.momentum(0.1, 0.9),
    nesterov: () => tf.train.momentum(0.1, 0.9, true),
    adagrad: () => tf.train.adagrad(0.1),
    adadelta: () => tf.train.adadelta(),
    adam: () => tf.train.adam(0.01),
    adamax: () => tf.train.adamax(0.01, 0.9, 0.999, 1e-7, 0.1),
    rmsprop: () => tf.train.rmsprop(0.01),
    'rmsprop, centered, with momentum': () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-7, true),
  };
  for (const [name, optimizer] of Object.entries(optimizers)) {
    it(name, async () => {
      const whole = build(optimizer());
      await train(whole, 0, 9);

      const interrupted = build(optimizer());
      await train(interrupted, 0, 4);
      const state = stored(await captureTrainingState(interrupted, { epoch: 4 }));
      const resumed = build(optimizer());
      const { epoch } = restoreTrainingState(resumed, state);
      expect(epoch).toBe(4);
      expect(resumed.optimizer.iterations).toBe(8);
      await train(resumed, epoch, 9);

      expect(bits(resumed)).toEqual(bits(whole));
      expect(bits(resumed)).not.toEqual(bits(interrupted));
    });
  }

  it('also in a model that has already taken steps, and back again', async () => {
    const model = build();
    await train(model, 0, 3);
    const state = await captureTrainingState(model, { epoch: 3 });
    await train(model, 3, 6);
    const once = bits(model);
    restoreTrainingState(model, state);
    await train(model, 3, 6);
    expect(bits(model)).toEqual(once);
  });

  it('also from before the first step, when the optimizer has no moments yet', async () => {
    const model = build();
    const state = await captureTrainingState(model, { epoch: 0 });
    await train(model, 0, 2);
    const once = bits(model);
    restoreTrainingState(model, state);
    expect(model.optimizer.iterations).toBe(0);
    await train(model, 0, 2);
    expect(bits(model)).toEqual(once);
  });

  it('also after a callback has changed the learning rate', async () => {
    const whole = build(tf.train.sgd(0.1));
    await train(whole, 0, 2);
    (whole.optimizer as tf.SGDOptimizer).setLearningRate(0.01);
    const state = stored(await captureTrainingState(whole, { epoch: 2 }));
    await train(whole, 2, 4);
    const resumed = build(tf.train.sgd(0.1));
    restoreTrainingState(resumed, state);
    await train(resumed, 2, 4);
    expect(bits(resumed)).toEqual(bits(whole));
  });
});

class Counter extends tfl.layers.Layer {
  static className = 'Counter';
  randomState = 0;
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    this.randomState++;
    return tf.mul(Array.isArray(inputs) ? inputs[0]! : inputs, 1);
  }
}

describe('what else is remembered', () => {
  it('random states of layers, inside nested models and wrappers too', async () => {
    const counters = [
      new Counter({ name: 'plain' }),
      new Counter({ name: 'nested' }),
      new Counter({ name: 'wrapped' }),
    ] as const;
    const inner = tfl.sequential({
      name: 'inner',
      layers: [tfl.layers.reshape({ targetShape: [3, 1], inputShape: [3] }), counters[1]],
    });
    const model = tfl.sequential({
      layers: [
        tfl.layers.inputLayer({ inputShape: [3] }),
        counters[0],
        inner,
        tfl.layers.timeDistributed({ layer: counters[2] }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 1 }),
      ],
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    for (const [index, counter] of counters.entries()) counter.randomState = 10 + index;
    const state = stored(await captureTrainingState(model, { epoch: 1 }));
    expect(state.header.random.map(({ layer }) => layer.replace(/\d+/g, ''))).toEqual([
      'plain',
      'inner/nested',
      'time_distributed_TimeDistributed/wrapped',
    ]);
    for (const counter of counters) counter.randomState = 0;
    restoreTrainingState(model, state);
    expect(counters.map((counter) => counter.randomState)).toEqual([10, 11, 12]);
  });

  it('states that a stateful layer carries from batch to batch', async () => {
    const buildStateful = () => {
      const model = tfl.sequential({
        layers: [
          tfl.layers.simpleRNN({ units: 2, stateful: true, batchInputShape: [1, 2, 3] }),
          tfl.layers.dense({ units: 1 }),
        ],
      });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      return model;
    };
    const sequence = tf.ones([1, 2, 3]);
    const read = (output: tf.Tensor | tf.Tensor[]) => [...(output as tf.Tensor).dataSync()];
    const model = buildStateful();
    model.predict(sequence);
    const state = stored(await captureTrainingState(model, { epoch: 0 }));
    const next = read(model.predict(sequence));
    const resumed = buildStateful();
    restoreTrainingState(resumed, state);
    expect(read(resumed.predict(sequence))).toEqual(next);
    expect(read(resumed.predict(sequence))).not.toEqual(next);
  });

  it('states of several stateful layers, whose names differ by their numbers alone', async () => {
    const build = () => {
      const seed = (n: number) => ({
        kernelInitializer: tfl.initializers.glorotUniform({ seed: n }),
        recurrentInitializer: tfl.initializers.glorotUniform({ seed: n + 1 }),
      });
      const common = { units: 2, stateful: true, returnSequences: true };
      const model = tfl.sequential({
        layers: [
          tfl.layers.simpleRNN({ ...common, ...seed(1), batchInputShape: [1, 2, 3] }),
          tfl.layers.simpleRNN({ ...common, ...seed(3) }),
        ],
      });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      return model;
    };
    const statesOf = (model: tfl.Sequential) =>
      model.layers.map((layer) => [...(layer as tfl.RNN).getStates()[0]!.dataSync()]);
    const model = build();
    model.predict(tf.ones([1, 2, 3]));
    const [first, second] = statesOf(model);
    expect(first).not.toEqual(second);
    const state = stored(await captureTrainingState(model, { epoch: 0 }));
    const resumed = build();
    restoreTrainingState(resumed, state);
    expect(statesOf(resumed)).toEqual([first, second]);
  });

  it('the history, with the numbers that JSON lacks', async () => {
    const history = {
      epoch: [0, 1, 2],
      history: { loss: [0.1 + 0.2, Number.NaN, Number.POSITIVE_INFINITY] },
    };
    const state = stored(await captureTrainingState(build(), { epoch: 3, history }));
    expect(restoreTrainingState(build(), state)).toEqual({ epoch: 3, history });
  });

  it('nothing beyond it: no tensor is left over', async () => {
    const model = build();
    await train(model, 0, 1);
    const state = await captureTrainingState(model, { epoch: 1 });
    const before = tf.memory().numTensors;
    restoreTrainingState(model, await captureTrainingState(model, { epoch: 1 }));
    restoreTrainingState(model, state);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('errors, before anything is changed', () => {
  async function refused(model: tfl.LayersModel, state: TrainingState): Promise<string> {
    const before = bits(model);
    let message = '';
    try {
      restoreTrainingState(model, state);
    } catch (error) {
      message = reasonOf(error);
    }
    expect(bits(model)).toEqual(before);
    return message;
  }

  it('other shapes', async () => {
    const state = await captureTrainingState(build('adam', 2), { epoch: 1 });
    expect(await refused(build('adam', 5), state)).toBe(
      'restoreTrainingState: the state must come from a model like this one, but it has ' +
        'hidden/kernel [3, 2] where the model has hidden/kernel [3, 5]. ' +
        'Build and compile the model as in the run that was captured.',
    );
  });

  it('other names', async () => {
    const other = tfl.sequential({
      layers: [
        tfl.layers.dense({ name: 'first', units: 2, inputShape: [3] }),
        tfl.layers.dense({ name: 'out', units: 1 }),
      ],
    });
    other.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const state = await captureTrainingState(build(), { epoch: 1 });
    expect(await refused(other, state)).toContain(
      'it has hidden/kernel [3, 2] where the model has first/kernel [3, 2]',
    );
  });

  it('fewer weights', async () => {
    const other = tfl.sequential({
      layers: [tfl.layers.dense({ name: 'hidden', units: 2, inputShape: [3] })],
    });
    other.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const state = await captureTrainingState(build(), { epoch: 1 });
    expect(await refused(other, state)).toContain(
      'it has out/kernel [2, 1] where the model has no further weight',
    );
  });

  it('another optimizer', async () => {
    const state = await captureTrainingState(build('adam'), { epoch: 1 });
    expect(await refused(build('sgd'), state)).toContain(
      'it was trained by Adam and the model is compiled with SGD',
    );
  });

  it('a layer with a random state that the captured model did not have', async () => {
    const state = await captureTrainingState(build(), { epoch: 1 });
    const model = build();
    Object.assign(model.layers[0]!, { randomState: 3 });
    expect(await refused(model, state)).toContain(
      'it has no layer where the model has hidden with a random state',
    );
  });

  it('bytes that were cut short', async () => {
    const { header, data } = await captureTrainingState(build(), { epoch: 1 });
    expect(await refused(build(), { header, data: data.subarray(0, 20) })).toMatch(
      /^restoreTrainingState: data must have the \d+ bytes that its header names, received 20\./,
    );
  });

  it('JSON that is something else', async () => {
    const { data } = await captureTrainingState(build(), { epoch: 1 });
    const header = { format: 'else' } as unknown as TrainingState['header'];
    expect(await refused(build(), { header, data })).toContain(
      'it is not a training state of this version',
    );
  });

  it.each([
    [{ epoch: -1 }, 'its epoch is -1'],
    [{ history: null }, 'its history is null'],
    [{ optimizer: { className: 'Adam' } }, 'its optimizer is { className }'],
    [{ random: [{ state: 1 }] }, 'its random states are [{ state }]'],
    [{ tensors: [{ name: 'hidden/kernel' }] }, 'its tensors are [{ name }]'],
    [
      {
        tensors: [1, 3].map((index) => ({
          kind: 'optimizer',
          name: 'm',
          shape: [],
          dtype: 'float32',
          slot: { property: 'accumulatedFirstMoment', index },
        })),
      },
      'variables of its optimizer are missing',
    ],
  ])('a header that nothing wrote: %j', async (fields, what) => {
    const { header, data } = await captureTrainingState(build(), { epoch: 1 });
    const damaged = { ...header, ...fields } as unknown as TrainingState['header'];
    expect(await refused(build(), { header: damaged, data })).toBe(
      `restoreTrainingState: the state is damaged: ${what}. Use another one.`,
    );
  });

  it('a model that is not compiled', async () => {
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [3] })] });
    await expect(captureTrainingState(model, { epoch: 1 })).rejects.toThrow(
      'captureTrainingState: the model must be compiled. Call model.compile(',
    );
  });

  it('nothing about the epochs that are done', async () => {
    await expect(captureTrainingState(build(), undefined as never)).rejects.toThrow(
      'captureTrainingState: progress must say how many epochs are done, received undefined. Write captureTrainingState(model, { epoch: 2 }).',
    );
  });

  it('an epoch that is not a whole number', async () => {
    await expect(captureTrainingState(build(), { epoch: -1 })).rejects.toThrow(
      'captureTrainingState: epoch must be the number of epochs done, 0 or more, received -1.',
    );
  });

  it('an optimizer that hides what it remembers', async () => {
    const model = build('sgd');
    const velocity = tf.zeros([1]);
    const iterations = { name: 'iter', tensor: tf.scalar(0, 'int32') };
    model.optimizer.getWeights = async () => [iterations, { name: 'v', tensor: velocity }];
    await expect(captureTrainingState(model, { epoch: 1 })).rejects.toThrow(
      'captureTrainingState: the optimizer must keep its variables as properties or in lists of ' +
        '{ variable }, received ["v"].',
    );
  });
});
