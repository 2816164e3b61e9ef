import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { lengthsBack } from '../../examples/guide/jacobian-products.js';
import { sentenceOf } from '../../examples/guide/recall.js';
import { layers } from 'tfjs-recurrent';

const [TIME, UNITS] = [12, 5];

test('the gradient of chapter 4 shrinks as that of the layer does', () => {
  const u = tf.randomNormal<tf.Rank.R2>([UNITS, UNITS], 0, 0.6, 'float32', 1);
  const sums = tf.randomNormal<tf.Rank.R3>([1, TIME, UNITS], 0, 1, 'float32', 2);
  const rnn = layers.simpleRNN({ units: UNITS, weights: [tf.eye(UNITS), u, tf.zeros([UNITS])] });
  const ofLast = tf.fill<tf.Rank.R2>([1, UNITS], 1 / Math.sqrt(UNITS));
  // With W the identity, the gradient of an input is that of the sum in its step.
  const dz = tf.grad((x) => rnn.apply(x) as tf.Tensor)(sums, ofLast) as tf.Tensor3D;
  const ofStates = tf.matMul(tf.reshape(dz, [TIME, UNITS]), u, false, true);
  const lengths = Array.from(tf.norm(ofStates, 2, -1).dataSync()).reverse();

  const [first, ...others] = lengthsBack(u.arraySync(), sums.arraySync()[0]!);
  expect(first).toBe(1);
  others.forEach((length, step) => {
    expect(length / lengths[step]!).toBeCloseTo(1, 4);
  });
});

test('a sentence asks for the colour behind the word remember', () => {
  for (const seed of [0, 5, 8, 4321]) {
    const { words, answer } = sentenceOf(seed);
    const asked = words[words.indexOf('remember') + 1];
    expect(['red', 'green', 'blue', 'yellow'][answer]).toBe(asked);
    expect(words).toHaveLength(11);
  }
});
