import { runExample, startBackend } from '../shared/command-line.js';
import { runExperiment } from './experiment.js';
import { HELP, readOptions } from './options.js';

await runExample(async (args) => {
  const command = readOptions(args);
  if (command.name === 'help') {
    console.log(HELP);
    return;
  }
  await startBackend(command.settings.backend);
  await runExperiment(command.settings, command.out);
});
