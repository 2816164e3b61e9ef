/** Crossentropies of smoothed labels: the losses of Keras, by themselves and in a model. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers, loadKerasModel, losses, saveKerasModel } from '../../../src/index.js';
import { trainingBlocks } from '../../golden/training-blocks.js';

const MAKERS = {
  BinaryCrossentropy: losses.binaryCrossentropy,
  CategoricalCrossentropy: losses.categoricalCrossentropy,
};

/** By the book: the labels are moved, and the crossentropy is a sum of logarithms. */
function byTheBook(name: keyof typeof MAKERS, smoothing: number, labels: tf.Tensor, p: tf.Tensor) {
  if (name === 'BinaryCrossentropy') {
    const moved = tf.add(tf.mul(labels, 1 - smoothing), smoothing / 2);
    const right = tf.mul(moved, tf.log(p));
    return tf.neg(tf.mean(tf.add(right, tf.mul(tf.sub(1, moved), tf.log(tf.sub(1, p)))), -1));
  }
  const moved = tf.add(tf.mul(labels, 1 - smoothing), smoothing / labels.shape.at(-1)!);
  return tf.neg(tf.sum(tf.mul(moved, tf.log(tf.div(p, tf.sum(p, -1, true)))), -1));
}

function expectClose(received: tf.Tensor, expected: ArrayLike<number>): void {
  const values = received.dataSync();
  expect(values.length).toBe(expected.length);
  values.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 5);
  });
}

describe.each(['cpu', 'wasm'])('on the %s backend', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  afterAll(() => tf.setBackend('cpu'));

  test.each(trainingBlocks.smoothed.map((one) => [one.name, one.label_smoothing, one] as const))(
    '%s of labels that are smoothed by %f is that of Keras',
    (name, labelSmoothing, one) => {
      const loss = MAKERS[name]({ labelSmoothing });
      const [labels, outputs] = [tf.tensor2d(one.labels), tf.tensor2d(one.outputs)];
      expectClose(loss(labels, outputs), one.losses);
      const ours = tf.grad((p) => loss(labels, p))(outputs);
      const plain = tf.grad((p) => byTheBook(name, labelSmoothing, labels, p))(outputs);
      expectClose(ours, plain.dataSync());
    },
  );

  test.each(Object.keys(MAKERS) as (keyof typeof MAKERS)[])(
    '%s trains a model by its kernel, with and without weights of samples',
    async (name) => {
      const classes = name === 'BinaryCrossentropy' ? 2 : 3;
      const x = tf.randomNormal([6, 4], 0, 1, 'float32', 1);
      const y = tf.oneHot(tf.tensor1d([0, 1, 1, 0, 1, 0], 'int32'), classes);
      const make = (loss: unknown) => {
        const model = tfl.sequential();
        const kernelInitializer = tfl.initializers.glorotUniform({ seed: 3 });
        const activation = name === 'BinaryCrossentropy' ? 'sigmoid' : 'softmax';
        model.add(layers.dense({ units: classes, inputShape: [4], activation, kernelInitializer }));
        model.compile({ optimizer: tf.train.sgd(0.5), loss: loss as never });
        return model;
      };
      const ours = make(MAKERS[name]({ labelSmoothing: 0.2 }));
      const plain = make((yTrue: tf.Tensor, yPred: tf.Tensor) =>
        byTheBook(name, 0.2, tf.cast(yTrue, 'float32'), yPred),
      );
      for (const classWeight of [undefined, { 0: 1, 1: 3, 2: 1 }]) {
        const gradients = vi.spyOn(tf.engine(), 'gradients');
        const options = {
          epochs: 2,
          shuffle: false,
          batchSize: 4,
          ...(classWeight && name !== 'BinaryCrossentropy' && { classWeight }),
        };
        await ours.fit(x, y, options);
        expect(gradients).not.toHaveBeenCalled();
        gradients.mockRestore();
        await plain.fit(x, y, options);
        ours.getWeights().forEach((weight, i) => {
          expectClose(weight, plain.getWeights()[i]!.dataSync());
        });
      }
    },
  );
});

test('files of Keras hold the smoothing', async () => {
  const model = tfl.sequential();
  model.add(layers.dense({ units: 1, inputShape: [2], activation: 'sigmoid' }));
  model.compile({ optimizer: 'sgd', loss: losses.binaryCrossentropy({ labelSmoothing: 0.3 }) });
  const again = await loadKerasModel(await saveKerasModel(model), { compile: true });
  const [x, y] = [tf.tensor2d([[1, 2]]), tf.tensor2d([[1]])];
  const [loss, same] = [model, again].map((one) => (one.evaluate(x, y) as tf.Scalar).dataSync()[0]);
  expect(same).toBeCloseTo(loss!, 6);
  const { json } = await saveKerasModel(again, { format: 'json+h5' });
  expect(JSON.parse(json).compile_config.loss.config.label_smoothing).toBe(0.3);
});

test.each<[string, () => unknown, string]>([
  [
    'labels of another shape',
    () => losses.binaryCrossentropy()(tf.ones([2]), tf.ones([2, 1])),
    'losses.binaryCrossentropy: labels must have the shape [2, 1] of what the model returns, received [2].',
  ],
  [
    'a smoothing of 1',
    () => losses.categoricalCrossentropy({ labelSmoothing: 1 }),
    'losses.categoricalCrossentropy: labelSmoothing must be a number from 0 up to, not including, 1, received 1.',
  ],
  [
    'another option',
    () => losses.binaryCrossentropy({ smoothing: 0.1 } as never),
    'losses.binaryCrossentropy: there is no option smoothing.',
  ],
])('%s is refused', (_, make, message) => {
  expect(make).toThrow(message);
});
