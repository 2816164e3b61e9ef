/**
 * Sends damaged files to loadKerasModel and reports what came of them:
 *
 *     npx tsx scripts/fuzz-keras.ts [files] [seed]
 *
 * Each one must end in a model or in a RecurrentError, within two seconds.
 */
import '@tensorflow/tfjs-backend-cpu';
import { damagedFile } from '../test/keras/reading/read-damage.js';
import { RecurrentError } from '../src/foundation/errors.js';
import { tf } from '../src/foundation/tensorflow.js';
import { loadKerasModel } from '../src/index.js';

const [count = 10_000, seed = 1] = process.argv.slice(2).map(Number);
const SLOWEST_ALLOWED = 2000; // ms

await tf.setBackend('cpu');
let loaded = 0;
let slowest = 0;
let largest = 0;
const failures: string[] = [];
process.on('unhandledRejection', (reason) => failures.push(`unhandled: ${reason}`));
for (let i = 0; i < count; i++) {
  const { title, input } = damagedFile(seed, i);
  const start = performance.now();
  try {
    const model = await loadKerasModel(input);
    loaded++;
    model.dispose();
    model.optimizer?.dispose();
  } catch (error) {
    if (!(error instanceof RecurrentError)) failures.push(`${i} (${title}): ${error}`);
  }
  const took = performance.now() - start;
  if (took > SLOWEST_ALLOWED) failures.push(`${i} (${title}): took ${Math.round(took)} ms`);
  slowest = Math.max(slowest, took);
  if (i % 100 === 0) largest = Math.max(largest, process.memoryUsage().rss);
}
for (const failure of failures) console.log(failure);
console.log(
  `${count} files: ${loaded} loaded, ${count - loaded - failures.length} refused, ` +
    `${failures.length} failures; slowest ${Math.round(slowest)} ms, ` +
    `at most ${Math.round(largest / 2 ** 20)} MB, ${tf.memory().numTensors} tensors left`,
);
if (failures.length > 0) process.exitCode = 1;
