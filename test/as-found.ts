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
// A file all of whose tests are skipped has no last hook: it leaves backends behind, and none of them chosen.
await chooseCpu();

/**
 * Test files share processes (vitest.config.ts says which): each of them finds TensorFlow.js and the
 * kernels as they are in a new process, whichever ran before. Only gradients stay as openDoor leaves them.
 */
afterAll(async () => {
  Object.assign(classNameMap, classes);
  tf.env().set('IS_TEST', false);
  if (await chooseCpu()) runtime()?.setThreads('auto');
});

/** Whether there is a backend of this name to choose. */
async function chooseCpu(): Promise<boolean> {
  if (!tf.findBackendFactory('cpu')) return false;
  return tf.setBackend('cpu');
}
