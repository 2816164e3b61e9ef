/** ready: loads the kernels before they are first needed. */
import { reject } from '../foundation/errors.js';
import { openDoor, tf } from '../foundation/tensorflow.js';
import { runtime } from './runtime.js';

/**
 * Waits for the backend of TensorFlow.js and loads the kernels for it. In Node and in
 * workers it can be left out: the kernels load by themselves on first use. Calling it
 * again only changes what it is told to.
 *
 * Results repeat exactly for the same number of threads; between numbers they differ in
 * the order of additions. Threads need SharedArrayBuffer, which a web page has when it is
 * cross-origin isolated; without it there is one.
 *
 * Where Node 24 is started with `--experimental-wasm-revectorize`, on x64 with AVX2, the kernels
 * use vectors of 256 bits instead of 128.
 *
 * @param options `threads`: how many share a batch, the calling one included; `'auto'`
 *   (the default at first) is as many as the machine runs at once, at most 16.
 * @throws RecurrentError for a number of threads that is not a positive integer.
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
export async function ready(options: { threads?: number | 'auto' } = {}): Promise<void> {
  const { threads } = options;
  if (threads !== undefined && threads !== 'auto' && !(Number.isInteger(threads) && threads > 0)) {
    reject({
      where: 'ready',
      expected: "threads must be a positive integer or 'auto'",
      received: threads,
      remedy: 'Leave it out for as many as the machine runs at once.',
    });
  }
  openDoor();
  await tf.ready();
  const loaded = runtime();
  if (threads !== undefined) loaded?.setThreads(threads);
}
