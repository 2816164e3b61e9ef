/** Optimizers with schedules, weight decay, averages and clipping step as those of Keras. */
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { type AdamOptions, adam, schedules } from '../../../src/index.js';
import { readOptimizer } from '../../../src/keras/reading/compiled/read-optimizer.js';
import { writeOptimizer } from '../../../src/keras/writing/write-optimizer.js';
import { averagesOf } from '../../../src/layers/optimizers/averaged-weights.js';
import { trainingBlocks as golden } from '../../golden/training-blocks.js';

type Case = (typeof golden.optimizers)[number];

const title = ({ name, config }: Case) => `${name} ${JSON.stringify(config)}`;

function writtenAs({ name, config }: Case) {
  const { learning_rate: rate } = config;
  const schedule = { class_name: 'CosineDecay', config: rate };
  const learningRate = typeof rate === 'object' ? schedule : rate;
  return { class_name: name, config: { ...config, learning_rate: learningRate } };
}

function expectSteps(
  optimizer: tf.Optimizer,
  { start, gradients, weights, final }: Case,
  tolerance = 1e-5,
): void {
  const variable = tf.variable(tf.tensor1d(start));
  gradients.forEach((gradient, step) => {
    const tensor = tf.tensor1d(gradient);
    optimizer.applyGradients([{ name: variable.name, tensor }] as never);
    expectClose(variable, weights[step]!, `step ${step}`, tolerance);
  });
  expectClose(averagesOf(optimizer)[0] ?? variable, final, 'final', tolerance);
}

function expectClose(tensor: tf.Tensor, expected: number[], what: string, tolerance: number): void {
  const off = Array.from(tensor.dataSync(), (value, i) => Math.abs(value - expected[i]!));
  expect(Math.max(...off), what).toBeLessThan(tolerance);
}

describe('an optimizer of a file steps as in Keras:', () => {
  test.each(golden.optimizers.map((one) => [title(one), one] as const))('%s', (_, one) => {
    const optimizer = readOptimizer(writtenAs(one), 3).make();
    expectSteps(optimizer, one);
    const written = writeOptimizer('here', optimizer, 'do something else.');
    expectSteps(readOptimizer(written, 3).make(), one);
  });
});

describe('adam with options steps as in Keras:', () => {
  const ofAdam = golden.optimizers.filter(({ name }) => name.startsWith('Adam'));
  test.each(ofAdam.map((one) => [title(one), one] as const))('%s', (_, one) => {
    const { learning_rate: rate, ...config } = one.config as Record<
      string,
      number | undefined | object
    >;
    const cosine = { initialLearningRate: 0.1, decaySteps: 5, alpha: 0.1 };
    const learningRate = typeof rate === 'object' ? schedules.cosineDecay(cosine) : rate;
    const options = {
      weightDecay: config.weight_decay,
      clipNorm: config.clipnorm,
      useEma: config.use_ema,
      emaMomentum: config.ema_momentum,
    } as AdamOptions;
    // Keras adds epsilon before it corrects the bias, TensorFlow.js after.
    expectSteps(adam(learningRate as number, 0.9, 0.999, 1e-7, options), one, 5e-5);
  });
});

test("a schedule of one's own is not written", () => {
  const optimizer = adam(() => 0.1);
  expect(() => writeOptimizer('here', optimizer, 'do something else.')).toThrow(
    'here: the learning rate follows a function, which Keras could not read, received function (anonymous). ' +
      'Use one of schedules. Or do something else.',
  );
});

test('averages that are put into the model in between cannot be had', () => {
  const config = { learning_rate: 0.1, use_ema: true, ema_overwrite_frequency: 10 };
  expect(() => readOptimizer({ class_name: 'Adam', config }, 3)).toThrow(
    'the optimizer Adam must put averages into the model at the end of training alone, received 10',
  );
});
