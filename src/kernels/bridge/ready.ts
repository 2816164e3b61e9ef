/** ready: loads the kernels before they are first needed. */
import { reject } from '../../foundation/errors.js';
import { requireKnownOptions } from '../../foundation/option-checks.js';
import { openDoor, tf } from '../../foundation/tensorflow.js';
import { askForWideVectors, runtime, runtimeObstacle } from '../../engine/runtime.js';

/**
 * Waits for the backend of TensorFlow.js and loads the kernels for it. In Node and in
 * workers it can be left out: the kernels load by themselves on first use. Calling it
 * again only changes what it is told to.
 *
 * Results repeat exactly for the same number of threads; between numbers they differ in
 * the order of additions. Threads need SharedArrayBuffer, which a web page has when it is
 * cross-origin isolated; without it there is one.
 *
 * WebAssembly has vectors of 128 bits. V8 can join two of them, in Node 24 and 26 on x64 with AVX2,
 * which makes training and predicting a fifth to three quarters faster, wide layers most, and
 * leaves every bit of the results as it is. V8 calls that experimental and has a flag for it;
 * `wideVectors` sets the flag, as starting Node with `--experimental-wasm-revectorize` would, for
 * all WebAssembly that the process compiles from then on. Elsewhere it does nothing.
 *
 * @param options `threads`: how many share a batch, the calling one included; `'auto'`
 *   (the default at first) is as many as the machine runs at once, at most 16.
 *   `wideVectors`: vectors of 256 bits where they can be had, false by default; only
 *   before the kernels are first used.
 * @throws RecurrentError for a number of threads that is not a positive integer, for
 *   `wideVectors` that is no boolean, or comes once the kernels have been loaded without, and
 *   where no backend can start because WebAssembly is missing or forbidden.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { ready } from 'tfjs-recurrent';
 *
 * await ready();
 * console.log(tf.getBackend());
 * // cpu
 * ```
 */
export async function ready(
  options: { threads?: number | 'auto'; wideVectors?: boolean } = {},
): Promise<void> {
  requireKnownOptions('ready', options, ['threads', 'wideVectors']);
  const { threads, wideVectors = false } = options;
  if (threads !== undefined && threads !== 'auto' && !(Number.isInteger(threads) && threads > 0)) {
    reject({
      where: 'ready',
      expected: "threads must be a positive integer or 'auto'",
      received: threads,
      remedy: 'Leave it out for as many as the machine runs at once.',
    });
  }
  if (typeof wideVectors !== 'boolean') {
    reject({
      where: 'ready',
      expected: 'wideVectors must be true or false',
      received: wideVectors,
      remedy: 'Leave it out for vectors of 128 bits.',
    });
  }
  if (wideVectors && !askForWideVectors()) {
    reject({
      where: 'ready',
      expected: 'wideVectors must be asked for before the kernels are loaded',
      remedy: 'Call ready({ wideVectors: true }) before the first model is made or loaded.',
      see: 'wrong-moment',
    });
  }
  openDoor();
  await backendReady();
  const loaded = runtime();
  if (threads !== undefined) loaded?.setThreads(threads);
}

async function backendReady(): Promise<void> {
  try {
    await tf.ready();
  } catch (cause) {
    const obstacle = runtimeObstacle();
    if (obstacle === null) throw cause;
    const remedy = "Or import '@tensorflow/tfjs-backend-cpu', which needs none.";
    const expected = `no backend of TensorFlow.js could start, and ${obstacle}`;
    reject({ where: 'ready', expected, remedy, see: 'no-webassembly' }, cause);
  }
}
