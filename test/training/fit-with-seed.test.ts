import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type FitWithSeedOptions, fitWithSeed, permutation } from '../../src/index.js';
import { tinyData, tinyModel, weightsOf } from './models.js';

const warned = vi.spyOn(console, 'warn');
beforeEach(() => warned.mockReset().mockImplementation(() => undefined));

/** Trains a new tiny model; its weights at the end and its history. */
async function train(options: FitWithSeedOptions) {
  const [model, { x, y }] = [tinyModel(), tinyData()];
  const history = await fitWithSeed(model, x, y, { batchSize: 4, epochs: 3, ...options });
  return { weights: weightsOf(model), ...history };
}

describe('fitWithSeed', () => {
  test('repeats a run to the bit by its seed', async () => {
    const first = await train({ seed: 11 });
    expect(await train({ seed: 11 })).toEqual(first);
    expect((await train({ seed: 12 })).weights).not.toEqual(first.weights);
  });

  test('trains as model.fit does on samples in the order of permutation', async () => {
    const [model, { x, y }] = [tinyModel(), tinyData()];
    const losses: unknown[] = [];
    for (let epoch = 0; epoch < 3; epoch++) {
      const order = tf.tensor1d(permutation(10, 11, epoch), 'int32');
      const fitted = await model.fit(tf.gather(x, order), tf.gather(y, order), {
        batchSize: 4,
        shuffle: false,
        verbose: 0,
      });
      losses.push(...(fitted.history.loss ?? []));
    }
    const { weights, history } = await train({ seed: 11 });
    expect(weights).toEqual(weightsOf(model));
    expect(history.loss).toEqual(losses);
  });

  test('goes on after a pause as if there had been none', async () => {
    const whole = await train({ seed: 4, epochs: 5 });
    const [model, { x, y }] = [tinyModel(), tinyData()];
    const options = { batchSize: 4, seed: 4 };
    const first = await fitWithSeed(model, x, y, { ...options, epochs: 2 });
    const rest = await fitWithSeed(model, x, y, { ...options, epochs: 5, initialEpoch: 2 });
    expect(weightsOf(model)).toEqual(whole.weights);
    expect([...first.epoch, ...rest.epoch]).toEqual([0, 1, 2, 3, 4]);
    expect(first.history.loss?.concat(rest.history.loss ?? [])).toEqual(whole.history.loss);
  });

  test('returns what model.fit logs, as numbers', async () => {
    const { x, y } = tinyData();
    const { epoch, history } = await train({ validationData: [x, y] });
    expect(epoch).toEqual([0, 1, 2]);
    expect(Object.keys(history).sort()).toEqual(['acc', 'loss', 'val_acc', 'val_loss']);
    for (const values of Object.values(history)) {
      expect(values).toHaveLength(3);
      expect(values.every((value) => typeof value === 'number')).toBe(true);
    }
  });

  test('sets the last samples aside for validationSplit, as model.fit does', async () => {
    const [model, { x, y }] = [tinyModel(), tinyData()];
    const fitted = await model.fit(x, y, {
      ...{ batchSize: 4, epochs: 1, shuffle: false, verbose: 0 },
      validationSplit: 0.3,
    });
    // One batch of all samples makes their order immaterial but for rounding.
    const ours = await train({ batchSize: 8, epochs: 1, validationSplit: 0.3 });
    const theirs = tinyModel();
    const reference = await theirs.fit(x, y, {
      ...{ batchSize: 8, epochs: 1, shuffle: false, verbose: 0 },
      validationSplit: 0.3,
    });
    expect(Object.keys(ours.history)).toEqual(Object.keys(fitted.history));
    expect(ours.history.val_loss![0]).toBeCloseTo(reference.history.val_loss![0] as number);
  });

  test('takes several inputs, by position and by name', async () => {
    const inputs = [
      tfl.input({ shape: [1], name: 'left' }),
      tfl.input({ shape: [1], name: 'right' }),
    ];
    const joined = tfl.layers.concatenate().apply(inputs) as tfl.SymbolicTensor;
    const output = tfl.layers.dense({ units: 1, name: 'out' }).apply(joined) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs, outputs: output });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const [left, right] = [tf.tensor2d([[1], [2], [3]]), tf.tensor2d([[3], [1], [2]])];
    const y = tf.tensor2d([[1], [2], [4]]);
    const byPosition = await fitWithSeed(model, [left, right], y, { batchSize: 2 });
    const byName = await fitWithSeed(model, { left, right }, { out: y }, { batchSize: 2 });
    expect(byPosition.history.loss).toHaveLength(1);
    expect(byName.history.loss![0]).toBeLessThan(byPosition.history.loss![0]!);
  });

  test('leaves no tensor behind, whether training ends well or not', async () => {
    const [model, { x, y }] = [tinyModel(), tinyData()];
    const options: FitWithSeedOptions = { batchSize: 4, validationSplit: 0.3 };
    // The first step makes the optimizer's own variables.
    await fitWithSeed(model, x, y, options);
    const before = tf.memory().numTensors;
    await fitWithSeed(model, x, y, { ...options, epochs: 4 });
    expect(tf.memory().numTensors).toBe(before);

    const failing = { onEpochBegin: () => Promise.reject(new Error('disk full')) };
    await expect(fitWithSeed(model, x, y, { ...options, callbacks: failing })).rejects.toThrow(
      'disk full',
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** Writes down every event it gets, with its numbers. */
class Recorder extends tfl.Callback {
  readonly events: string[] = [];

  override setParams(params: tfl.Callback['params']) {
    super.setParams(params);
    const { epochs, initialEpoch, samples, batchSize } = params;
    this.events.push(`setParams ${JSON.stringify({ epochs, initialEpoch, samples, batchSize })}`);
  }
  override setModel(model: Parameters<tfl.Callback['setModel']>[0]) {
    super.setModel(model);
    this.events.push('setModel');
  }
  override async onTrainBegin() {
    this.events.push('onTrainBegin');
  }
  override async onTrainEnd() {
    this.events.push('onTrainEnd');
  }
  override async onEpochBegin(epoch: number) {
    this.events.push(`onEpochBegin ${epoch}`);
  }
  override async onEpochEnd(epoch: number, logs: object = {}) {
    this.events.push(`onEpochEnd ${epoch} ${Object.keys(logs).sort()}`);
  }
  override async onBatchBegin(batch: number) {
    this.events.push(`onBatchBegin ${batch}`);
  }
  override async onBatchEnd(batch: number, logs: object = {}) {
    this.events.push(`onBatchEnd ${batch} ${Object.keys(logs).sort()}`);
  }
}

describe('callbacks of fitWithSeed', () => {
  test.each([
    ['a new run', { epochs: 3 }],
    ['a resumed run', { epochs: 3, initialEpoch: 1 }],
    ['a run with nothing left', { epochs: 3, initialEpoch: 3 }],
  ])('get the events of a single model.fit: %s', async (_, span) => {
    const { x, y } = tinyData();
    const validationData: [tf.Tensor, tf.Tensor] = [x, y];
    const [expected, received] = [new Recorder(), new Recorder()];
    const options = { ...span, batchSize: 4, validationData };
    await tinyModel().fit(x, y, { ...options, callbacks: [expected], verbose: 0 });
    await train({ ...options, callbacks: [received] });
    expect(received.events).toEqual(expected.events);
  });

  test('may be one object of functions, which gets numbers', async () => {
    const seen: unknown[] = [];
    await train({
      epochs: 2,
      callbacks: {
        onTrainBegin: () => void seen.push('begin'),
        onEpochEnd: (epoch, logs) => void seen.push(epoch, typeof logs?.loss),
        onTrainEnd: () => void seen.push('end'),
      },
    });
    expect(seen).toEqual(['begin', 0, 'number', 1, 'number', 'end']);
  });

  test('may be a list that mixes objects of both kinds', async () => {
    const epochs: number[] = [];
    const recorder = new Recorder();
    await train({ callbacks: [{ onEpochEnd: (epoch) => void epochs.push(epoch) }, recorder] });
    expect(epochs).toEqual([0, 1, 2]);
    expect(recorder.events.filter((event) => event.startsWith('onEpochEnd'))).toHaveLength(3);
  });

  test('stop training through the model', async () => {
    const [model, { x, y }] = [tinyModel(), tinyData()];
    const events: string[] = [];
    const { epoch } = await fitWithSeed(model, x, y, {
      epochs: 5,
      callbacks: {
        onEpochEnd: (finished) => {
          events.push(`epoch ${finished}`);
          model.stopTraining = finished === 1;
        },
        onTrainEnd: () => void events.push('end'),
      },
    });
    expect(epoch).toEqual([0, 1]);
    expect(events).toEqual(['epoch 0', 'epoch 1', 'end']);
  });

  test('stop within an epoch', async () => {
    const [model, { x, y }] = [tinyModel(), tinyData()];
    const batches: number[] = [];
    const { epoch } = await fitWithSeed(model, x, y, {
      ...{ epochs: 5, batchSize: 2 },
      callbacks: {
        onBatchEnd: (batch) => {
          batches.push(batch);
          model.stopTraining = batch === 2;
        },
      },
    });
    expect(batches).toEqual([0, 1, 2]);
    expect(epoch).toEqual([0]);
  });

  test('include early stopping, which counts its patience across epochs', async () => {
    const { x, y } = tinyData();
    // No loss is ever below the baseline, so that patience runs out after three epochs.
    const early = new tfl.EarlyStopping({ monitor: 'val_loss', patience: 3, baseline: -1 });
    const { epoch } = await train({ epochs: 9, validationData: [x, y], callbacks: early });
    expect(epoch).toEqual([0, 1, 2]);
  });

  test('let timers and signals have their turn, unless told never to', async () => {
    const turns = async (yieldEvery: 'batch' | 'never') => {
      let count = 0;
      const immediate = function again(): void {
        count++;
        handle = setImmediate(again);
      };
      let handle = setImmediate(immediate);
      // A callback object alone: with model.fit there would be no turn at all.
      await train({ callbacks: new Recorder(), yieldEvery });
      clearImmediate(handle);
      return count;
    };
    expect(await turns('batch')).toBeGreaterThanOrEqual(9);
    expect(await turns('never')).toBe(0);
  });
});

describe('fitWithSeed warns', () => {
  test('when validationSplit takes a single class', async () => {
    const { x } = tinyData();
    const y = tf.tensor2d([[1], [1], [1], [1], [1], [0], [0], [0], [0], [0]]);
    await fitWithSeed(tinyModel(), x, y, { validationSplit: 0.2 });
    expect(warned.mock.calls).toEqual([
      [
        'fitWithSeed: every validation label is 0, so that validation accuracy says nothing about ' +
          'other classes. validationSplit takes the last samples as they stand. Use ' +
          'splitValidation, which mixes them first, and pass its parts as x, y and validationData.',
      ],
    ]);
  });

  test('never about validationData, which splitValidation has judged already', async () => {
    const { x } = tinyData();
    await train({ validationData: [x, tf.zeros([10, 1])] });
    expect(warned).not.toHaveBeenCalled();
  });
});

describe('fitWithSeed rejects', () => {
  test.each([
    [{ epochs: 0 }, 'fitWithSeed: epochs must be a whole number, at least 1, received 0.'],
    [{ epochs: 2.5 }, 'fitWithSeed: epochs must be a whole number, at least 1, received 2.5.'],
    [{ batchSize: 0 }, 'fitWithSeed: batchSize must be a whole number, at least 1, received 0.'],
    [
      { initialEpoch: -1 },
      'fitWithSeed: initialEpoch must be a whole number, at least 0, received -1.',
    ],
    [
      { epochs: 3, initialEpoch: 4 },
      'fitWithSeed: initialEpoch must not be greater than epochs, 3, received 4. epochs counts from the very first epoch, also when a run is resumed.',
    ],
    [
      { seed: -1 },
      'fitWithSeed: seed must be a whole number from 0 to 9007199254740991, received -1. Leave it out for 0.',
    ],
    [
      { validationSplit: 1 },
      'fitWithSeed: validationSplit must be between 0 and 1 and leave no part of the 10 samples empty, received 1.',
    ],
    [
      { validationSplit: 0.95 },
      'fitWithSeed: validationSplit must be between 0 and 1 and leave no part of the 10 samples empty, received 0.95.',
    ],
    [
      { validationData: [] as never },
      'fitWithSeed: validationData must be a pair [x, y] of tensors, received [].',
    ],
    [
      { callbacks: 'log' as never },
      'fitWithSeed: callbacks must be callback objects or objects of functions, received "log". For example { onEpochEnd: (epoch, logs) => console.log(epoch, logs) }.',
    ],
  ] as [FitWithSeedOptions, string][])('%j', async (options, message) => {
    const { x, y } = tinyData();
    await expect(fitWithSeed(tinyModel(), x, y, options)).rejects.toThrow(message);
  });

  test('samples and labels that differ in number', async () => {
    const { x } = tinyData();
    await expect(fitWithSeed(tinyModel(), x, tf.zeros([9, 1]))).rejects.toThrow(
      'fitWithSeed: y must have as many rows as x, but has 9 and x has 10. Give every sample one label.',
    );
  });

  test('validation samples and labels that differ in number', async () => {
    const { x, y } = tinyData();
    const validationData: [tf.Tensor, tf.Tensor] = [x, tf.zeros([9, 1])];
    await expect(fitWithSeed(tinyModel(), x, y, { validationData })).rejects.toThrow(
      'fitWithSeed: validationData[1] must have as many rows as validationData[0], but has 9 and validationData[0] has 10.',
    );
  });

  test('no samples', async () => {
    const [x, y] = [tf.zeros([0, 2]), tf.zeros([0, 1])];
    await expect(fitWithSeed(tinyModel(), x, y)).rejects.toThrow(
      'fitWithSeed: x must hold at least one sample along its first axis.',
    );
    await expect(fitWithSeed(tinyModel(), [], y)).rejects.toThrow(
      'fitWithSeed: x must not be empty.',
    );
  });

  test('labels that are NaN, naming the row', async () => {
    const { x } = tinyData();
    const y = tf.tensor2d([[0], [1], [Number.NaN], [0], [1], [0], [1], [0], [1], [0]]);
    await expect(fitWithSeed(tinyModel(), x, y)).rejects.toThrow(
      'fitWithSeed: y, row 2 must be a finite number, received NaN. Remove that sample or repair its label.',
    );
  });

  test('lists in place of tensors', async () => {
    const { y } = tinyData();
    await expect(fitWithSeed(tinyModel(), [[1, 2]] as never, y)).rejects.toThrow(
      'fitWithSeed: x[0] must be a tensor, received [1, 2]. padSequences makes one from sequences, ' +
        'tf.tensor2d(labels, [labels.length, 1]) from labels.',
    );
  });

  test('a model that is not compiled', async () => {
    const { x, y } = tinyData();
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [2] })] });
    await expect(fitWithSeed(model, x, y)).rejects.toThrow(
      "fitWithSeed: the model must be compiled before it is trained. Call model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' }) first.",
    );
  });

  test('what is no model', async () => {
    const { x, y } = tinyData();
    await expect(fitWithSeed({} as never, x, y)).rejects.toThrow(
      'fitWithSeed: model must be a model of tf.layers, received {  }.',
    );
  });
});
