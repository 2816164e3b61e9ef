import { afterAll } from 'vitest';
import { runtime } from '../src/engine/runtime.js';
import { tf } from '../src/foundation/tensorflow.js';

const { classNameMap } = tf.serialization.SerializationMap.getMap();
const shared = globalThis as { classesAsFound?: typeof classNameMap };
/** What models are loaded with: the classes of tf.layers, until somebody calls registerLayers. */
shared.classesAsFound ??= { ...classNameMap };
const classes = shared.classesAsFound;
// Before the file, too: what another one imports, or has left running, may have called it since its last hook.
Object.assign(classNameMap, classes);

/**
 * Test files share processes (vitest.config.ts says which): each of them finds TensorFlow.js and the
 * kernels as they are in a new process, whichever ran before. Only gradients stay as openDoor leaves them.
 */
afterAll(async () => {
  Object.assign(classNameMap, classes);
  tf.env().set('IS_TEST', false);
  if (!tf.findBackendFactory('cpu')) return;
  await tf.setBackend('cpu');
  runtime()?.setThreads('auto');
});
