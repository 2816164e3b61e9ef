/** Learning rates that follow a schedule: the rates of Keras, and optimizers that take them. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { adam, schedules, withLearningRateSchedule } from '../../../src/index.js';
import { readSchedule } from '../../../src/keras/reading/compiled/read-schedule.js';
import { applyGradients, stepsByKernel } from '../../../src/layers/optimizers/optimizers.js';
import { trainingBlocks as golden } from '../../golden/training-blocks.js';

describe('schedules give the rates of Keras:', () => {
  test.each(
    golden.schedules.map(
      ({ name, config, rates }) => [name, JSON.stringify(config), rates] as const,
    ),
  )('%s %s', (name, config, rates) => {
    const { schedule } = readSchedule('the optimizer', name, JSON.parse(config));
    golden.steps.forEach((step, i) => {
      expect(schedule!(step), `step ${step}`).toBeCloseTo(rates[i]!, 6);
    });
  });
});

const HALVED = schedules.exponentialDecay({
  ...{ initialLearningRate: 0.5, decaySteps: 1, decayRate: 0.5 },
});

const OPTIMIZERS: Record<string, (rate: number) => tf.Optimizer> = {
  adam: (rate) => tf.train.adam(rate),
  adamax: (rate) => tf.train.adamax(rate),
  sgd: (rate) => tf.train.sgd(rate),
  momentum: (rate) => tf.train.momentum(rate, 0.9),
  rmsprop: (rate) => tf.train.rmsprop(rate),
  adagrad: (rate) => tf.train.adagrad(rate),
  adadelta: (rate) => tf.train.adadelta(rate),
};

describe.each(['cpu', 'wasm'])('an optimizer with a schedule on the %s backend', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  afterAll(() => tf.setBackend('cpu'));

  describe.each(Object.entries(OPTIMIZERS))('%s', (_, make) => {
    /** Steps of an optimizer whose rate is set by hand before each. */
    function byHand(gradients: tf.Tensor[]): Float32Array {
      const weights = tf.variable(tf.ones([5]));
      const optimizer = make(0.5);
      gradients.forEach((tensor, step) => {
        const rated = optimizer as unknown as {
          learningRate: number;
          setLearningRate?(rate: number): void;
        };
        if (rated.setLearningRate) rated.setLearningRate(0.5 ** (step + 1));
        else rated.learningRate = 0.5 ** (step + 1);
        optimizer.applyGradients([{ name: weights.name, tensor }] as never);
      });
      return weights.dataSync() as Float32Array;
    }

    const gradients = () => [1, 2, 3, 4].map((seed) => tf.randomNormal([5], 0, 1, 'float32', seed));

    test('steps by tf.train as if its rate had been set each time', () => {
      const weights = tf.variable(tf.ones([5]));
      const optimizer = withLearningRateSchedule(make(0.5), HALVED);
      for (const tensor of gradients()) {
        optimizer.applyGradients([{ name: weights.name, tensor }] as never);
      }
      expect(weights.dataSync()).toEqual(byHand(gradients()));
    });

    test('steps by its kernel as before', () => {
      const weights = tf.variable(tf.ones([5]));
      const optimizer = withLearningRateSchedule(make(0.5), HALVED);
      expect(stepsByKernel(optimizer)).toBe(true);
      for (const tensor of gradients()) {
        applyGradients(optimizer, [{ name: weights.name, tensor }] as never);
      }
      expect(weights.dataSync()).toEqual(byHand(gradients()));
    });

    test('leaks nothing', () => {
      const weights = tf.variable(tf.ones([5]));
      const optimizer = withLearningRateSchedule(make(0.5), HALVED);
      const [tensor] = gradients();
      const step = () => optimizer.applyGradients([{ name: weights.name, tensor }] as never);
      step();
      const { numTensors } = tf.memory();
      for (let i = 0; i < 3; i++) step();
      expect(tf.memory().numTensors).toBe(numTensors);
    });
  });
});

describe('a schedule', () => {
  test('is the learning rate of adam', () => {
    const weights = tf.variable(tf.ones([1]));
    const optimizer = adam((step) => (step === 0 ? 0.25 : 0));
    // The first step of Adam is as long as its rate.
    for (let step = 0; step < 3; step++) {
      optimizer.applyGradients([{ name: weights.name, tensor: tf.ones([1]) }]);
    }
    expect(weights.dataSync()[0]).toBeCloseTo(0.75, 5);
    expect(optimizer.getConfig().learningRate).toBe(0);
    expect(optimizer.getClassName()).toBe('AdamWithSchedule');
  });

  test('cannot be overruled, nor given twice', () => {
    const optimizer = adam(HALVED);
    expect(() => Object.assign(optimizer, { learningRate: 0.1 })).toThrow(
      'withLearningRateSchedule: the learning rate follows a schedule and cannot be set, received 0.1. ' +
        'Compile the model with a number as learning rate to set it as you like.',
    );
    expect(() => withLearningRateSchedule(optimizer, HALVED)).toThrow(
      'withLearningRateSchedule: the optimizer has a schedule already.',
    );
  });

  test.each<[string, () => unknown, string]>([
    [
      'gives no rate at first',
      () => adam(() => Number.NaN),
      'adam: the schedule must give a learning rate for step 0, a number of at least 0, received NaN.',
    ],
    [
      'is no function',
      () => withLearningRateSchedule(tf.train.sgd(1), 0.1 as never),
      'withLearningRateSchedule: the schedule must be a function from a step to a learning rate, received 0.1.',
    ],
    [
      'is for no optimizer',
      () => withLearningRateSchedule({} as never, HALVED),
      'withLearningRateSchedule: the optimizer must be one of tf.train with a learning rate, received {  }.',
    ],
    [
      'misses a number',
      () => schedules.exponentialDecay({ initialLearningRate: 1, decaySteps: 2 } as never),
      'schedules.exponentialDecay: decayRate must be a number of at least 0, received undefined.',
    ],
    [
      'takes no steps',
      () => schedules.polynomialDecay({ initialLearningRate: 1, decaySteps: 0 }),
      'schedules.polynomialDecay: decaySteps must be a positive number, received 0.',
    ],
    [
      'is spelt as in Keras',
      () => schedules.cosineDecay({ initial_learning_rate: 1, decaySteps: 2 } as never),
      'schedules.cosineDecay: there is no option initial_learning_rate. Write initialLearningRate.',
    ],
    [
      'warms up to nothing',
      () => schedules.cosineDecay({ initialLearningRate: 1, decaySteps: 2, warmupSteps: 5 }),
      'schedules.cosineDecay: a warm-up needs both warmupTarget and warmupSteps',
    ],
    [
      'has boundaries that do not rise',
      () => schedules.piecewiseConstantDecay({ boundaries: [5, 5], values: [1, 2, 3] }),
      'schedules.piecewiseConstantDecay: boundaries must be a list of steps, each after the one before',
    ],
    [
      'has too few values',
      () => schedules.piecewiseConstantDecay({ boundaries: [5], values: [1] }),
      'schedules.piecewiseConstantDecay: values must be one more than boundaries, 2, received 1.',
    ],
  ])('that %s is refused', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test('that gives no rate later on stops there', () => {
    const weights = tf.variable(tf.ones([1]));
    const optimizer = adam((step) => 1 / (1 - step));
    const step = () => optimizer.applyGradients([{ name: weights.name, tensor: tf.ones([1]) }]);
    step();
    const before = weights.dataSync();
    expect(step).toThrow('the schedule must give a learning rate for step 1');
    expect(weights.dataSync()).toEqual(before);
  });
});
