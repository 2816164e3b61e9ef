import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { layers } from '../../../src/index.js';
import { initialRandomState } from '../../../src/layers/recurrent/random-state.js';

it('begins elsewhere for every seed, also for those that 32 bits do not tell apart', () => {
  const seeds = [0, 1, -1, 2 ** 32, 1 + 2 ** 32, 1 + 2 ** 40, 1 + 2 ** 41, 2 ** 53 - 1, -(2 ** 40)];
  expect(new Set(seeds.map(initialRandomState)).size).toBe(seeds.length);
});

it('layers with seeds as those of a stack draw masks of their own', async () => {
  await tf.setBackend('cpu');
  const masks = [1, 1 + 2 ** 40, 1 + 2 ** 41].map((seed) => [
    ...(
      layers.dropout({ rate: 0.5, seed }).apply(tf.ones([1, 64]), { training: true }) as tf.Tensor
    ).dataSync(),
  ]);
  expect(new Set(masks.map(String)).size).toBe(3);
});
