/** What the tests of the kernels share: backends, random tensors, comparison, memory in use. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { expect } from 'vitest';
import { openDoor, tf } from '../../src/foundation/tensorflow.js';
import { releaseOldTapes } from '../../src/kernels/bridge/activations.js';
import { ready } from '../../src/kernels/bridge/ready.js';
import { Derived, derivedFrom } from '../../src/kernels/bridge/derived.js';
import { type Runtime, runtime } from '../../src/engine/runtime.js';
import { releaseDisposed } from '../../src/kernels/bridge/tensors.js';
import { AGAIN } from '../again.js';

export const BACKENDS = AGAIN ? (['wasm'] as const) : (['cpu', 'wasm'] as const);

/** Makes `backend` current; from here on a kernel that leaves a tensor behind throws. */
export async function useBackend(backend: string): Promise<void> {
  openDoor();
  tf.env().set('IS_TEST', true);
  expect(await tf.setBackend(backend), `the backend ${backend} starts`).toBe(true);
  await tf.ready();
}

/**
 * Runs `body` without the watch for leaks: on wasm, what any `customGrad` saves, that of
 * TensorFlow.js' own dense layer too, looks to it like a leak.
 */
export async function unwatched<T>(body: () => T | Promise<T>): Promise<T> {
  tf.env().set('IS_TEST', false);
  try {
    return await body();
  } finally {
    tf.env().set('IS_TEST', true);
  }
}

/** The kernels' runtime; there is one wherever these tests run. */
export function kernels(): Runtime {
  return runtime()!;
}

/** What `body` gives on one, two and three threads of the cpu backend. */
export async function onThreads<T>(body: () => T): Promise<T[]> {
  await useBackend('cpu');
  const found = [];
  for (const threads of [1, 2, 3]) {
    await ready({ threads });
    found.push(body());
  }
  await ready({ threads: 1 });
  return found;
}

/** Bytes of the kernels' memory in use once what TensorFlow.js has let go of is released. */
export function bytesInUse(): number {
  kernels().finish();
  releaseDisposed(kernels());
  releaseOldTapes();
  dropDerived();
  return kernels().memory.allocatedBytes;
}

/** Park and Miller's minimal standard generator: the same numbers in every run. */
export function generator(seed: number): () => number {
  let state = (seed * 7919 + 1) % 2147483647;
  const next = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  for (let i = 0; i < 5; i++) next(); // seeds in a row begin alike
  return next;
}

/** Disposes of the tensors that `body` makes and hands on what it returns, such as values. */
export function inTidy<T>(body: () => T): T {
  let result: T | undefined;
  tf.tidy(() => {
    result = body();
  });
  return result as T;
}

/** Uniform in [-size, size). */
export function uniform<R extends tf.Rank = tf.Rank>(
  shape: number[],
  random: () => number,
  size = 1,
): tf.Tensor<R> {
  const count = tf.util.sizeFromShape(shape);
  const values = Float32Array.from({ length: count }, () => size * (2 * random() - 1));
  return tf.tensor(values, shape as tf.ShapeMap[R]);
}

/**
 * Fails with the place of the largest difference beyond `tolerance` times the
 * largest value, or 1 if that is more. NaN equals only NaN.
 */
export function expectClose(
  name: string,
  received: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  expect(received.length, `the length of ${name}`).toBe(expected.length);
  let largest = 1;
  for (let i = 0; i < expected.length; i++)
    largest = Math.max(largest, Math.abs(expected[i]!) || 0);
  for (let i = 0; i < expected.length; i++) {
    const bothNaN = Number.isNaN(received[i]) && Number.isNaN(expected[i]);
    // Not `>`: a difference of NaN must fail.
    if (bothNaN || Math.abs(received[i]! - expected[i]!) <= tolerance * largest) continue;
    expect.fail(
      `${name}[${i}] is ${received[i]}, the twin has ${expected[i]} (of at most ${largest})`,
    );
  }
}

/** Drops what was derived from any weights, as others come that are used more lately. */
function dropDerived(): void {
  for (let i = 0; i < 20; i++) {
    const make = () => new Derived([], `${i}`, { has: () => true }, kernels().memory);
    derivedFrom([], `${i}`, make);
  }
}
