import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../src/foundation/tensorflow.js';
import { loadKerasModel } from '../../src/index.js';
import { useBackend } from '../layers/golden.js';
import { alone, DENSE, legacyWeights } from './read-small.js';

beforeAll(() => useBackend('cpu', false));

describe('a compile state that TensorFlow.js does not have is refused, and left out with compile: false:', () => {
  const adam = { class_name: 'Adam', config: { learning_rate: 0.01 } };
  const remedy = 'Pass { compile: false }, and compile the model yourself for training.';
  const compiled = (state: object) => {
    const model = JSON.parse(alone('Dense', DENSE, '3.15.1', [null, 3]));
    return JSON.stringify({ ...model, compile_config: { optimizer: adam, loss: 'mse', ...state } });
  };

  it.each<[string, object, string]>([
    [
      'clipping',
      { optimizer: { ...adam, config: { clipnorm: 1 } } },
      'the optimizer Adam has clipnorm, which TensorFlow.js does not have, received 1',
    ],
    [
      'a schedule',
      { optimizer: { ...adam, config: { learning_rate: { class_name: 'CosineDecay' } } } },
      'the optimizer Adam must have a number as learning_rate, received { class_name }',
    ],
    [
      'another optimizer',
      { optimizer: { class_name: 'Lion', config: {} } },
      'the optimizer must be one that TensorFlow.js has, received "Lion"',
    ],
    [
      'logits',
      { loss: { class_name: 'BinaryCrossentropy', config: { from_logits: true } } },
      'the loss BinaryCrossentropy has from_logits, which TensorFlow.js does not have, received true',
    ],
    [
      "a loss of one's own",
      { loss: 'my_loss' },
      'the loss must be one of TensorFlow.js, received "my_loss"',
    ],
    [
      'a metric',
      { metrics: ['accuracy', { class_name: 'AUC', config: {} }] },
      'the metric must be one that TensorFlow.js computes as Keras does, received "AUC"',
    ],
    [
      'weights of losses',
      { loss_weights: [0.5] },
      'loss_weights has no counterpart in TensorFlow.js, received [0.5]',
    ],
    [
      'losses for other outputs',
      { loss: ['mse', 'mse'] },
      'TensorFlow.js cannot compile the model as the file says: When passing an Array as loss, it should have one entry per model output. The model has 1 output(s), but you passed loss=meanSquaredError,meanSquaredError',
    ],
  ])('%s', async (_, state, message) => {
    const { file } = await legacyWeights({ one: [[3, 2], [2]] });
    const before = tf.memory().numTensors;
    const files = { json: compiled(state), weights: file };
    await expect(loadKerasModel(files)).rejects.toThrow(`loadKerasModel: ${message}`);
    await expect(loadKerasModel(files)).rejects.toThrow(remedy);
    expect(tf.memory().numTensors).toBe(before);
    const model = await loadKerasModel(files, { compile: false });
    expect(model.optimizer).toBeUndefined();
    model.dispose();
  });

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
    ['Adam by its name', 'adam' as unknown as object, 'Adam'],
  ])('but not %s', async (_, optimizer, name) => {
    const { file } = await legacyWeights({ one: [[3, 2], [2]] });
    const fn = { class_name: 'MeanMetricWrapper', config: { fn: 'mean_absolute_error' } };
    const json = compiled({ optimizer, metrics: [['acc', fn]] });
    const model = await loadKerasModel({ json, weights: file });
    expect(model.optimizer.getClassName()).toBe(name);
    expect([model.loss, model.metrics]).toEqual(['meanSquaredError', ['accuracy', 'mae']]);
  });
});
