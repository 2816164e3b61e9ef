import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { enableProdMode, setBackend } from '@tensorflow/tfjs-core';
import { ready, RecurrentError, registerLayers } from 'tfjs-recurrent';
import { runExperiment } from './experiment.js';
import { HELP, readOptions, UsageError } from './options.js';
import { inWords, judgeTexts } from './predict.js';
import { latestRun, loadJudge } from './run-folder.js';

try {
  await main(process.argv.slice(2));
} catch (error) {
  // Not thrown on: the wasm backend would print its whole source before the error.
  const expected = error instanceof UsageError || error instanceof RecurrentError;
  console.error(expected ? error.message : error);
  process.exitCode = 1;
}

async function main(args: readonly string[]): Promise<void> {
  const command = readOptions(args);
  if (command.name === 'help') {
    console.log(HELP);
    return;
  }
  // Without it, models that were saved come back with the slow layers of TensorFlow.js.
  registerLayers();
  if (command.name === 'predict') {
    await startBackend(command.backend);
    const out = command.out ?? (await latestRun());
    const [probability] = judgeTexts(await loadJudge(out), [command.text]);
    console.log(`${inWords(probability!)}, says the model in ${out}.`);
    return;
  }
  await startBackend(command.settings.backend);
  await runExperiment(command.settings, command.out, command.resume);
}

async function startBackend(name: string): Promise<void> {
  // Or the cpu backend greets with the advice to install a native one.
  enableProdMode();
  await setBackend(name);
  await ready();
}
