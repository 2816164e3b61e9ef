import { runExample, startBackend } from '../shared/command-line.js';
import { runAdding } from './experiment.js';
import { HELP, readOptions } from './options.js';

await runExample(async (args) => {
  const command = readOptions(args);
  if (command.name === 'help') {
    console.log(HELP);
    return;
  }
  await startBackend(command.settings.backend);
  await runAdding(command.settings, command.out);
});
