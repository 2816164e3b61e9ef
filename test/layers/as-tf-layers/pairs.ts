/**
 * Layers and models of ours beside those of tf.layers, with the same weights: what the suite of
 * TensorFlow.js asserts of its layers by numbers, these tests assert by comparing.
 */
import '@tensorflow/tfjs-backend-cpu';
import { expect } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import * as ours from '../../../src/layers/layers.js';

/** The layers that both have. */
export type LayersOfBoth = Pick<
  typeof tfl.layers,
  'bidirectional' | 'dense' | 'dropout' | 'embedding' | 'gru' | 'lstm' | 'simpleRNN'
>;

export const OURS = ours as unknown as LayersOfBoth;
export const STOCK: LayersOfBoth = tfl.layers;

/** Numbers that are the same in every run. */
export function normal(shape: number[], seed: number): tf.Tensor {
  return tf.randomNormal(shape, 0, 1, 'float32', seed);
}

/** Gives the second the weights of the first, which are random but for the seed. */
export function shareWeights(
  first: { getWeights(): tf.Tensor[]; setWeights(weights: tf.Tensor[]): void },
  second: typeof first,
): void {
  const weights = first.getWeights().map(({ shape }, i) => tf.mul(normal(shape, 100 + i), 0.4));
  first.setWeights(weights);
  second.setWeights(weights);
}

/** Values and shapes of tensors in any container. */
export function valuesOf(
  tensors: tf.Tensor | tf.Tensor[],
): { shape: number[]; values: Float32Array }[] {
  return [tensors].flat().map((tensor) => ({
    shape: tensor.shape,
    values: tensor.dataSync<'float32'>(),
  }));
}

/** The same shapes, and values within `tolerance` of the largest. */
export function expectSame(
  actual: tf.Tensor | tf.Tensor[],
  expected: tf.Tensor | tf.Tensor[],
  tolerance = 3e-6,
): void {
  const [mine, theirs] = [valuesOf(actual), valuesOf(expected)];
  expect(mine.map(({ shape }) => shape)).toEqual(theirs.map(({ shape }) => shape));
  mine.forEach(({ values }, i) => {
    const most = Math.max(1, ...theirs[i]!.values.map(Math.abs));
    const off = values.map((value, at) => Math.abs(value - theirs[i]!.values[at]!) / most);
    expect(Math.max(0, ...off), `tensor ${i}`).toBeLessThan(tolerance);
  });
}

/** What a layer says of itself, without what ours has besides. */
export function configOf(layer: tfl.layers.Layer): object {
  const config = layer.getConfig();
  // tf.layers writes its own name of a default where ours says it too.
  const { kernel, path, resetAfter, zeroOutputForMask, ...others } = config;
  return { className: layer.getClassName(), ...others };
}
