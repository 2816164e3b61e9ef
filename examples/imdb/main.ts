import { registerLayers } from 'tfjs-recurrent';
import { runExample, startBackend } from '../shared/command-line.js';
import { runExperiment } from './experiment.js';
import { explainText } from './explain.js';
import { HELP, readOptions } from './options.js';
import { inWords, judgeTexts } from './predict.js';
import { runPresets } from './presets.js';
import { latestRun, loadJudge } from './run-folder.js';

await runExample(main);

async function main(args: readonly string[]): Promise<void> {
  const command = readOptions(args);
  if (command.name === 'help') {
    console.log(HELP);
    return;
  }
  // Without it, models that were saved come back with the slow layers of TensorFlow.js.
  registerLayers();
  if (command.name === 'train' || command.name === 'preset') {
    await startBackend(command.settings.backend);
    if (command.name === 'preset') await runPresets(command);
    else await runExperiment(command.settings, command.out, command.resume);
    return;
  }
  await startBackend(command.backend);
  const out = command.out ?? (await latestRun());
  if (command.name === 'explain') {
    await explainText(await loadJudge(out), command.text, out);
    return;
  }
  const [probability] = judgeTexts(await loadJudge(out), [command.text]);
  console.log(`${inWords(probability!)}, says the model in ${out}.`);
}
