import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import { withSlopeOfAbs } from '../../src/foundation/slope-of-abs.js';
import { openDoor, tf, tfl } from '../../src/foundation/tensorflow.js';

beforeAll(() => openDoor());

const sizeOf = (x: tf.Tensor) => tf.sum(tf.abs(x));
const slopes = (f: (x: tf.Tensor) => tf.Tensor) => [
  ...tf
    .grad(f)(tf.tensor1d([-2, 0, 3]))
    .dataSync(),
];

describe('the slope of |x|', () => {
  test('is 0 at 0 within, and is found so when the gradient is taken later', () => {
    expect(slopes((x) => withSlopeOfAbs(() => sizeOf(x)))).toEqual([-1, 0, 1]);
  });

  test('is that of TensorFlow.js elsewhere, also behind an error', () => {
    expect(slopes(sizeOf)).toEqual([-1, -1, 1]);
    const fails = () =>
      withSlopeOfAbs(() => {
        throw new Error('in the middle');
      });
    expect(fails).toThrow('in the middle');
    expect(slopes(sizeOf)).toEqual([-1, -1, 1]);
  });
});

// max(x, 0) − x·y + log(1 + e^−|x|) at x = 0, where d max(x, 0) is 0: only with a slope of −1 it is ½ − y.
test.each([0, 0.25, 1])(
  'binaryCrossentropy of TensorFlow.js is right at a logit of 0: label %d',
  (label) => {
    const loss = (logit: tf.Tensor) =>
      tfl.metrics.binaryCrossentropy(tf.tensor2d([[label]]), tf.sigmoid(logit));
    expect(
      tf
        .grad(loss)(tf.zeros([1, 1]))
        .dataSync()[0],
    ).toBeCloseTo(0.5 - label, 6);
  },
);
