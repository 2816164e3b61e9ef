import { beforeAll, describe, expect, test } from 'vitest';
import { withSlopeOfAbs } from '../../../src/foundation/slope-of-abs.js';
import { tf } from '../../../src/foundation/tensorflow.js';
import { regressionLoss } from '../../../src/kernels/losses/regression.js';
import { useBackend } from '../kernels.js';
import { lossAndGradient, stockLoss } from './stock-loss.js';

const SHAPES = [[32, 1], [7, 5], [3, 11, 2], [5]];

describe.each(['meanSquaredError', 'meanAbsoluteError'] as const)('%s', (loss) => {
  beforeAll(() => useBackend('cpu'));

  test.each(SHAPES.map((shape) => [shape]))('is that of TensorFlow.js to the bit: %j', (shape) => {
    const yTrue = tf.randomNormal(shape, 0, 1, 'float32', 1);
    const yPred = tf.randomNormal(shape, 0, 1, 'float32', 2);
    const actual = lossAndGradient((y, p) => regressionLoss(y, p, loss), yTrue, yPred);
    const expected = lossAndGradient(stockLoss(loss), yTrue, yPred);
    expect(actual).toEqual(expected);
  });

  test('an error of nothing, and NaN', () => {
    const [yTrue, yPred] = [tf.tensor2d([[1, 2, 3]]), tf.tensor2d([[1, -Infinity, NaN]])];
    const actual = lossAndGradient((y, p) => regressionLoss(y, p, loss), yTrue, yPred);
    const composed = (y: tf.Tensor, p: tf.Tensor) => withSlopeOfAbs(() => stockLoss(loss)(y, p));
    const expected = lossAndGradient(composed, yTrue, yPred);
    expect(actual).toEqual(expected);
  });
});
