import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { loadKerasModel } from '../../../src/index.js';
import { useBackend } from '../../layers/golden.js';
import { alone, DENSE, legacyWeights } from './read-small.js';

beforeAll(() => useBackend('cpu', false));
afterEach(() => vi.restoreAllMocks());

const ADAM = { class_name: 'Adam', config: { learning_rate: 0.01 } };

/** A Dense that was compiled with Adam and mse, save for what `state` says. */
function compiled(state: object): string {
  const model = JSON.parse(alone('Dense', DENSE, '3.15.1', [null, 3]));
  return JSON.stringify({ ...model, compile_config: { optimizer: ADAM, loss: 'mse', ...state } });
}

async function filesOf(state: object) {
  const { file, values } = await legacyWeights({ one: [[3, 2], [2]] });
  return { files: { json: compiled(state), weights: file }, weights: values.get('one')! };
}

/** What is told on the console, by this library: TensorFlow.js greets who uses its cpu backend. */
function watchWarnings(): () => string[] {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  return () =>
    warn.mock.calls.map(([text]) => String(text)).filter((text) => text.startsWith('loadKeras'));
}

describe('a compile state that cannot be had is left out, with a warning:', () => {
  it.each<[string, object, string]>([
    [
      'another optimizer',
      { optimizer: { class_name: 'Lion', config: {} } },
      'the optimizer must be one of Adadelta, Adagrad, Adam, Adamax, AdamW, Nadam, RMSprop and SGD, received "Lion"',
    ],
    [
      'a setting of an optimizer',
      { optimizer: { ...ADAM, config: { amsgrad: true } } },
      'the optimizer Adam has amsgrad, which TensorFlow.js does not have, received true',
    ],
    [
      "a schedule of one's own",
      { optimizer: { ...ADAM, config: { learning_rate: { class_name: 'WarmUp', config: {} } } } },
      'the optimizer Adam must have a schedule of Keras as learning_rate, received "WarmUp"',
    ],
    [
      'two ways of clipping',
      { optimizer: { ...ADAM, config: { clipnorm: 1, clipvalue: 0.5 } } },
      'the optimizer Adam must clip gradients in one way, received ["clipnorm", "clipvalue"]',
    ],
    [
      "a loss of one's own",
      { loss: 'my_loss' },
      `the loss must be one of Keras's that can be had here, received "my_loss"`,
    ],
    [
      'a setting of a loss',
      { loss: { class_name: 'CategoricalCrossentropy', config: { axis: 1 } } },
      'the loss CategoricalCrossentropy has axis, which TensorFlow.js does not have, received 1',
    ],
    [
      'a loss that is not reduced',
      { loss: { class_name: 'Huber', config: { reduction: 'none' } } },
      'the loss Huber must be averaged or summed over samples, received "none"',
    ],
    [
      'a metric',
      { metrics: ['accuracy', { class_name: 'F1Score', config: {} }] },
      `the metric must be one of Keras's that can be had here, received "F1Score"`,
    ],
    [
      'a metric of several values',
      { metrics: [{ class_name: 'Precision', config: { thresholds: [0.3, 0.7] } }] },
      'the metric Precision must have one threshold, received [0.3, 0.7]',
    ],
    [
      'metrics by the weights of samples',
      { weighted_metrics: ['mse'] },
      'weighted_metrics has no counterpart in TensorFlow.js, received ["mse"]',
    ],
    [
      'losses for other outputs',
      { loss: ['mse', 'mse'] },
      'there must be as many losses as outputs, one, received ["mse", "mse"]',
    ],
    [
      'weights of losses for other outputs',
      { loss_weights: { two: 0.5 } },
      'loss_weights must be for one, received "two"',
    ],
  ])('%s', async (_, state, reason) => {
    const { files, weights } = await filesOf(state);
    const warnings = watchWarnings();
    const model = await loadKerasModel(files);
    expect(warnings()).toEqual([
      `loadKerasModel: the model is not compiled: ${reason}. For training, compile the model ` +
        'yourself; { compile: false } spares you this warning.',
    ]);
    expect(model.optimizer).toBeUndefined();
    // x · kernel + bias
    const [kernel, bias] = weights as [Float32Array, Float32Array];
    const x = [1, -2, 3];
    const expected = [0, 1].map((unit) =>
      x.reduce((sum, value, i) => sum + value * kernel[2 * i + unit]!, bias[unit]!),
    );
    const predicted = [...(model.predict(tf.tensor2d([x])) as tf.Tensor).dataSync()];
    for (const [i, value] of predicted.entries()) expect(value).toBeCloseTo(expected[i]!, 6);
    model.dispose();
  });

  it('is an error where the caller asks for it, and leaves no tensor behind', async () => {
    const { files } = await filesOf({ loss: 'my_loss' });
    const before = tf.memory().numTensors;
    await expect(loadKerasModel(files, { compile: true })).rejects.toThrow(
      `loadKerasModel: the loss must be one of Keras's that can be had here, received "my_loss". ` +
        'Pass { compile: false }, and compile the model yourself for training.',
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is not looked at with compile: false', async () => {
    const { files } = await filesOf({ loss: 'my_loss' });
    const warnings = watchWarnings();
    const model = await loadKerasModel(files, { compile: false });
    expect([warnings(), model.optimizer]).toEqual([[], undefined]);
  });

  it('keeps the first rate of a schedule that there is not here, and says so', async () => {
    const schedule = {
      class_name: 'CosineDecayRestarts',
      config: { initial_learning_rate: 0.25, first_decay_steps: 100 },
    };
    const { files } = await filesOf({
      optimizer: { ...ADAM, config: { learning_rate: schedule } },
    });
    const warnings = watchWarnings();
    const model = await loadKerasModel(files);
    expect(model.optimizer.getConfig().learningRate).toBe(0.25);
    expect(warnings()).toEqual([
      'loadKerasModel: the learning rate stays what it is at first, where Keras changes it by ' +
        'CosineDecayRestarts. For training, compile the model yourself; { compile: false } spares you this warning.',
    ]);
  });
});

describe('optimizers are read by every name that Keras had for them:', () => {
  it.each<[string, object, string]>([
    [
      'SGD with momentum',
      { class_name: 'SGD', config: { lr: 0.1, momentum: 0.9, decay: 0, nesterov: true } },
      'Momentum',
    ],
    ['SGD', { class_name: 'SGD', config: { learning_rate: 0.1 } }, 'SGD'],
    ['RMSprop', { class_name: 'RMSprop', config: { learning_rate: 0.1, rho: 0.8 } }, 'RMSProp'],
    ['Adagrad', { class_name: 'Adagrad', config: {} }, 'Adagrad'],
    ['Adadelta', { class_name: 'Adadelta', config: {} }, 'Adadelta'],
    ['Adamax', { class_name: 'Adamax', config: {} }, 'Adamax'],
    ['Nadam', { class_name: 'Custom>Nadam', config: {} }, 'Nadam'],
    ['AdamW', { class_name: 'Custom>AdamW', config: {} }, 'AdamWithWeightDecay'],
    ['Adam by its name', 'adam' as unknown as object, 'Adam'],
  ])('%s', async (_, optimizer, name) => {
    const fn = { class_name: 'MeanMetricWrapper', config: { fn: 'mean_absolute_error' } };
    const { files } = await filesOf({ optimizer, metrics: [['acc', fn]] });
    const model = await loadKerasModel(files, { compile: true });
    expect(model.optimizer.getClassName()).toBe(name);
    expect([model.loss, model.metrics]).toEqual(['meanSquaredError', ['accuracy', 'mae']]);
  });
});

describe('files of TensorFlow 2.11 to 2.15 are compiled:', () => {
  // What Keras 2.15 predicts with them.
  it.each([
    ['adam', 'Adam', [0.47288921, 0.54118985]],
    ['nadam', 'Nadam', [0.53167045, 0.40643531]],
    ['rmsprop', 'RMSProp', [0.40077257, 0.59476161]],
    ['sgd', 'SGD', [0.53197145, 0.52132457]],
  ] as const)('Custom>%s', async (file, name, expected) => {
    const bytes = readFileSync(new URL(`../../golden/files/custom_${file}.h5`, import.meta.url));
    const warnings = watchWarnings();
    const model = await loadKerasModel(bytes);
    expect(warnings()).toEqual([]);
    expect(model.optimizer.getClassName()).toBe(name);
    expect([model.loss, model.metrics]).toEqual(['binaryCrossentropy', ['binaryAccuracy']]);
    const x = tf.reshape(tf.linspace(-1, 1, 24), [2, 4, 3]);
    const predicted = [...(model.predict(x) as tf.Tensor).dataSync()];
    for (const [i, value] of predicted.entries()) expect(value).toBeCloseTo(expected[i]!, 6);
    model.dispose();
  });
});
