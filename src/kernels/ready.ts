/** ready: loads the kernels before they are first needed. */
import { openDoor, tf } from '../foundation/tensorflow.js';
import { runtime } from './runtime.js';

/**
 * Waits for the backend of TensorFlow.js and loads the kernels for it. Calling it again
 * does nothing more. In Node and in workers it can be left out: the kernels load by
 * themselves on first use.
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
export async function ready(): Promise<void> {
  openDoor();
  await tf.ready();
  runtime();
}
