/** The adding problem of Hochreiter & Schmidhuber 1997: what was marked long ago decides the answer. */
import { type Tensor2D, type Tensor3D, tensor2d, tensor3d } from '@tensorflow/tfjs-core';
import type { Random } from '../shared/random.js';

/** Sequences and their sums. */
export interface Sums {
  /** A value from 0 to 1 and a marker at each step [count, length, 2]. */
  x: Tensor3D;
  /** The sum of the two values that are marked [count, 1]. */
  y: Tensor2D;
}

/** What guessing 1 costs: the variance of the sum of two values, each from 0 to 1. */
export const GUESSING = 1 / 6;

/** How near an answer must be to count as right: the paper's bound. */
export const NEAR = 0.04;

/** Draws sequences with one marker in the first half and one in the second. */
export function drawSums(count: number, length: number, random: Random): Sums {
  const x = new Float32Array(count * length * 2);
  const y = new Float32Array(count);
  const half = Math.floor(length / 2);
  for (let row = 0; row < count; row++) {
    const at = row * length;
    for (let t = 0; t < length; t++) x[2 * (at + t)] = random.next();
    for (const t of [random.between(0, half - 1), random.between(half, length - 1)]) {
      x[2 * (at + t) + 1] = 1;
      y[row]! += x[2 * (at + t)]!;
    }
  }
  return { x: tensor3d(x, [count, length, 2]), y: tensor2d(y, [count, 1]) };
}
