import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { record } from '../../../src/kernels/bridge/small-tape.js';
import { BACKENDS, useBackend } from '../kernels.js';

describe.each(BACKENDS)('a small tape on the %s backend', (backend) => {
  beforeAll(() => useBackend(backend));

  test('gives the gradients of tf.grads, after other operations have run', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const a = tf.randomNormal([3, 4], 0, 1, 'float32', 1);
      const b = tf.randomNormal([4, 2], 0, 1, 'float32', 2);
      const dy = tf.randomNormal([3, 2], 0, 1, 'float32', 3);
      const f = (x: tf.Tensor, y: tf.Tensor) =>
        tf.add(tf.tanh(tf.matMul(x, y)), tf.sum(tf.square(x)));
      const recording = record(() => f(a, b));
      expect(tf.engine().state.gradientDepth).toBe(0);
      tf.square(a); // nobody records it
      const gradients = recording.gradients([[recording.outputs, dy]], [a, b]);
      const expected = tf.grads(f)([a, b], dy);
      gradients.forEach((gradient, i) => {
        expect(gradient!.dataSync()).toEqual(expected[i]!.dataSync());
      });
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('takes several outputs, one that nobody asks about, and sources that are not reached', () => {
    tf.tidy(() => {
      const [x, other] = [tf.tensor1d([1, 2, 3]), tf.tensor1d([4])];
      const recording = record(() => {
        const [first, last] = tf.split(x, [1, 2]);
        return { first: tf.square(first!), last: tf.mul(last!, 5), unused: tf.exp(x) };
      });
      const { first, last, unused } = recording.outputs;
      const [dx, dOther] = recording.gradients(
        [
          [first, tf.tensor1d([1])],
          [last, tf.tensor1d([1, 10])],
          [unused, null],
        ],
        [x, other],
      );
      expect([...dx!.dataSync()]).toEqual([2, 5, 50]);
      expect(dOther).toBeNull();
    });
  });

  test('does not go back through what no source reaches', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2]);
      // TensorFlow.js has no gradient of argMax.
      const recording = record(() => tf.mul(x, tf.cast(tf.argMax(tf.tensor1d([1, 9])), 'float32')));
      const [dx] = recording.gradients([[recording.outputs, tf.ones([2])]], [x]);
      expect([...dx!.dataSync()]).toEqual([1, 1]);
    });
  });

  test('names a kernel without a gradient', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2]);
      const recording = record(() => tf.sum(tf.topk(x, 1).values));
      expect(() => recording.gradients([[recording.outputs, tf.scalar(1)]], [x])).toThrow(
        'fit: TensorFlow.js has no gradient of its kernel TopK.',
      );
    });
  });

  test('is given back where nobody asks, and where the operations throw', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2]);
      record(() => tf.square(x)).release();
      expect(() =>
        record(() => {
          tf.square(x);
          throw new Error('on the way');
        }),
      ).toThrow('on the way');
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.engine().state.gradientDepth).toBe(0);
    expect(tf.engine().state.activeTape).toBeNull();
  });
});
