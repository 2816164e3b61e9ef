import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { elementwise, elementwiseGradient } from '../../../src/kernels/activations/elementwise.js';
import { BACKENDS } from '../kernels.js';

afterAll(() => tf.setBackend('cpu'));

const STOCK = { relu: tf.relu, sigmoid: tf.sigmoid, tanh: tf.tanh } as const;
const NAMES = ['relu', 'sigmoid', 'tanh'] as const;

describe.each(BACKENDS)('on the %s backend', (backend) => {
  beforeEach(() => tf.setBackend(backend));

  test.each(NAMES)('%s is that of TensorFlow.js to the bit, and so is its gradient', (name) => {
    const some = [0, 1e-45, -1e-38, 17, -17, 89, -104, Infinity, -Infinity, Number.NaN];
    const many = tf.randomNormal([1000], 0, 6, 'float32', 1).dataSync();
    const x = tf.tensor1d([...some, ...many]);
    const dy = tf.randomNormal([x.size], 0, 1, 'float32', 2);
    const ours = (values: tf.Tensor) => elementwise(name, values);
    const theirs = (values: tf.Tensor) => STOCK[name](values) as tf.Tensor;
    expect(tf.add(ours(x), 0).dataSync()).toEqual(tf.add(theirs(x), 0).dataSync());
    // Of no value at all the sign counts for nothing: adding 0 takes it.
    const [gradient, expected] = [ours, theirs].map((f) => tf.add(tf.grad(f)(x, dy), 0).dataSync());
    expect(gradient).toEqual(expected);
  });

  test('the gradient of sigmoid is dy·(y·(1 − y)) to the bit, at the ends of its range, too', () => {
    const some = [0, 1e-45, 1e-38, 2 ** -29, 2 ** -25, 3e-8, 0.25, 0.5, 0.99999994, 1, Number.NaN];
    const many = tf.sigmoid(tf.randomNormal([1000], 0, 6, 'float32', 1)).dataSync();
    const y = tf.tensor1d([...some, ...many]);
    const dy = tf.randomNormal([y.size], 0, 1, 'float32', 2);
    const twin = tf.mul(dy, tf.mul(y, tf.sub(1, y)));
    expect(elementwiseGradient('sigmoid', dy, y).dataSync()).toEqual(twin.dataSync());
  });

  // Some 500,000 of all floats, each as far from the next, and each both ways: where rounding decides, fdlibm has to.
  test.each([
    ['tanh', Math.tanh],
    ['sigmoid', (x: number) => 1 / (1 + Math.exp(-x))],
  ] as const)('%s of floats of every size is that of V8 to the bit', async (name, f) => {
    await tf.setBackend('cpu');
    const x = new Float32Array(2 ** 19);
    const bits = new Uint32Array(x.buffer);
    for (let i = 0; i < bits.length; i++) bits[i] = Math.imul(i, 8191);
    const ours = elementwise(name, tf.tensor1d(x)).dataSync();
    expect(firstOther(ours, Float32Array.from(x, f))).toBe(null);
  });

  test('says that it has no derivative', () => {
    const y = tf.tensor1d([0.5]);
    const slope = (dy: tf.Tensor) => tf.sum(elementwiseGradient('tanh', dy, y)) as tf.Scalar;
    expect(() => tf.grad(slope)(tf.ones([1]))).toThrow('tanh: the fused kernel has');
  });
});

/** Where two lists of floats begin to differ in a bit, NaN being NaN; null if nowhere. */
function firstOther(a: ArrayLike<number>, b: ArrayLike<number>) {
  for (let i = 0; i < b.length; i++) {
    if (!Object.is(a[i], b[i])) return { place: i, ours: a[i], theirs: b[i] };
  }
  return null;
}
