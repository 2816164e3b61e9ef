/**
 * The process that kill.test.ts kills. `killed.ts save FOLDER STEP` saves one model after another
 * for ever; `killed.ts train FOLDER STEP EPOCHS` resumes a run, trains up to EPOCHS and saves the
 * model. It prints a line before each model and epoch, and from the first line on counts STEPs.
 */
import '@tensorflow/tfjs-backend-cpu';
import { join } from 'node:path';
import { checkpoint, resume } from '../../src/files/checkpoint.js';
import { fileSystem } from '../../src/files/file-system.js';
import { tf, tfl } from '../../src/foundation/tensorflow.js';
import { killAtStep } from './kill-at-step.js';
import { buildRun, trainRun, uniformModel } from './killed-models.js';

const [task, folder = '', step, epochs] = process.argv.slice(2);
let printed = 0;

function print(line: number): void {
  process.stdout.write(`${line}\n`);
  if (printed++ === 0 && Number(step) > 0) killAtStep(Number(step));
}

await tf.setBackend('cpu');
if (task === 'save') {
  await uniformModel(0).save(fileSystem(folder));
  for (let value = 1; ; value++) {
    print(value);
    await uniformModel(value).save(fileSystem(folder));
  }
}
const model = buildRun();
const checkpoints = join(folder, 'checkpoints');
const initialEpoch = (await resume(checkpoints, model))?.epoch ?? 0;
await trainRun(model, initialEpoch, Number(epochs), [
  new tfl.CustomCallback({ onEpochBegin: print }),
  checkpoint(checkpoints),
]);
await model.save(fileSystem(join(folder, 'final')));
