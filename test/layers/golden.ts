/**
 * Runs a recurrent layer on the cases of test/golden/layers.json and compares
 * outputs, states and every gradient with what Keras computed.
 */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { expect } from 'vitest';
import { openDoor, tf } from '../../src/foundation/tensorflow.js';
import { AGAIN } from '../again.js';
import type { GoldenArray, LayerCase } from '../golden/read.js';
import {
  furthest,
  memoryInUse,
  type RecurrentFactories,
  runGoldenCase,
  sayDifference,
} from './run-golden-case.js';

export {
  kernelsOf,
  memoryInUse,
  type RecurrentFactories,
  toTensor,
} from './run-golden-case.js';

export type Backend = 'cpu' | 'wasm';

/** The ways to compute a layer. Threads need more rows than most cases have, and three share few evenly. */
const ALL_PATHS = [
  { backend: 'cpu', kernel: 'fused', threads: 1, repeat: 1 },
  { backend: 'cpu', kernel: 'fused', threads: 3, repeat: 5 },
  { backend: 'cpu', kernel: 'composed', threads: 1, repeat: 1 },
  { backend: 'wasm', kernel: 'fused', threads: 1, repeat: 1 },
  { backend: 'wasm', kernel: 'fused', threads: 3, repeat: 5 },
  { backend: 'wasm', kernel: 'composed', threads: 1, repeat: 1 },
] as const;

/** Those of them that run the kernels of a binary, once on each number of threads. */
const ITS_PATHS = ALL_PATHS.filter(
  ({ backend, kernel }) => backend === 'wasm' && kernel === 'fused',
);
export const PATHS = AGAIN ? ITS_PATHS : ALL_PATHS;

/**
 * Makes `backend` current.
 *
 * @param watchKernels Whether a kernel that leaves data behind throws. Stock Dense
 *   cannot bear it on wasm while it is differentiated: what it saves for the
 *   gradient is counted as left behind.
 */
export async function useBackend(backend: Backend, watchKernels = true): Promise<void> {
  openDoor();
  tf.env().set('IS_TEST', watchKernels);
  expect(await tf.setBackend(backend), `the backend ${backend} starts`).toBe(true);
  await tf.ready();
}

/**
 * Checks one case: the biases that the layer starts with, then outputs and
 * gradients with Keras' weights, and that no tensor is left over.
 *
 * @param leaveOut Arrays that the layer is known not to give.
 */
export async function expectAgreement(
  golden: LayerCase,
  factories: RecurrentFactories,
  leaveOut: string[] = [],
): Promise<void> {
  const before = memoryInUse();
  const { initialBias, arrays } = await runGoldenCase(golden, factories, leaveOut);
  if (golden.initial_bias !== null) {
    expect(initialBias, 'the biases before training').toEqual(golden.initial_bias);
  }
  for (const { name, received, keras, ignored } of arrays) {
    expect(received?.shape, `the shape of ${name}`).toEqual(keras.shape);
    expectClose(name, received!, keras, ignored);
  }
  expect(memoryInUse(), 'tensors left over').toEqual(before);
}

/** Fails with the place and size of the largest difference. */
export function expectClose(
  name: string,
  received: GoldenArray,
  keras: GoldenArray,
  ignored?: (index: number) => boolean,
): void {
  const difference = furthest(received, keras, ignored);
  if (difference.size <= difference.tolerance) return;
  expect.fail(sayDifference(name, difference));
}

/** The name of the kernel that runs two layers, one in each direction, given that of one of them. */
export const bothOf = (kernel: string) => kernel.replace('Recurrent', 'Bidirectional');
