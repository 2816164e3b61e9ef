import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { dense } from '../../../src/kernels/dense/dense.js';
import { dropout } from '../../../src/kernels/dropout/dropout.js';
import { together } from '../../../src/kernels/bridge/together.js';
import { BACKENDS, bytesInUse, unwatched } from '../kernels.js';

const weights = () => ({
  x: tf.ones([2, 3]) as tf.Tensor2D,
  kernel: tf.ones([3, 2]) as tf.Tensor2D,
});

afterAll(() => tf.setBackend('cpu'));

describe.each(BACKENDS)('kernels together on the %s backend', (backend) => {
  beforeEach(() => tf.setBackend(backend));

  test('compute what they compute alone, and what TensorFlow.js makes of it stays', async () => {
    await unwatched(() => {
      const { x, kernel } = weights();
      const alone = tf.relu(
        dense({ x: dense({ x, kernel }, false), kernel: tf.ones([2, 1]) }, true),
      );
      const sum = tf.tidy(() =>
        together(() => {
          const first = dense({ x, kernel }, false);
          return tf.relu(dense({ x: first, kernel: tf.ones([2, 1]) }, true));
        }),
      );
      expect(sum.arraySync()).toEqual(alone.arraySync());
      expect(sum.arraySync()).toEqual([[6], [6]]);
    });
  });

  test('leave nothing behind, whether they succeed or not', () => {
    const inputs = weights();
    const before = { bytes: bytesInUse(), tensors: tf.memory().numTensors };
    const now = () => ({ bytes: bytesInUse(), tensors: tf.memory().numTensors });
    tf.tidy(() => together(() => void dropout(dense(inputs, false), 0.5, 1)));
    expect(now()).toEqual(before);
    const failing = () =>
      tf.tidy(() =>
        together(() => {
          dense(inputs, false);
          throw new Error('on the way');
        }),
      );
    expect(failing).toThrow('on the way');
    expect(now()).toEqual(before);
    // From here on the engine has them again.
    expect(tf.tidy(() => dense(inputs, false).arraySync())).toEqual([
      [3, 3],
      [3, 3],
    ]);
  });

  test('hand a tensor over, whose values then can be read', () => {
    const y = tf.tidy(() => together((lent) => lent.handOver(dense(weights(), false))));
    expect(y.arraySync()).toEqual([
      [3, 3],
      [3, 3],
    ]);
    y.dispose();
  });

  test('leave a tensor of somebody else as it is when it is handed over', () => {
    const one = tf.scalar(1);
    expect(tf.tidy(() => together((lent) => lent.handOver(one)))).toBe(one);
    expect(one.isDisposed).toBe(false);
  });

  test('leave a variable what it was assigned', () => {
    const variable = tf.tidy(() => tf.variable(tf.zeros([2, 2])));
    const { tensors, buffers } = {
      tensors: tf.memory().numTensors,
      buffers: tf.memory().numDataBuffers,
    };
    const inputs = weights();
    tf.tidy(() => together(() => variable.assign(dense(inputs, false))));
    expect(variable.arraySync()).toEqual([
      [3, 3],
      [3, 3],
    ]);
    tf.dispose(inputs as unknown as tf.TensorContainer);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(tf.memory().numDataBuffers).toBe(buffers);
    variable.dispose();
  });

  test('give memory back before the end where they are told to', () => {
    const inputs = weights();
    tf.tidy(() =>
      together((lent) => {
        const before = bytesInUse();
        const y = dense(inputs, false);
        expect(bytesInUse()).toBeGreaterThan(before);
        lent.dispose(y);
        expect(bytesInUse()).toBe(before);
        const ones = tf.ones([3]);
        lent.dispose(ones);
        expect(ones.isDisposed).toBe(true);
      }),
    );
  });
});
