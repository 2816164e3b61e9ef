import { ready } from 'tfjs-recurrent';
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
  // With another number of threads sums are rounded otherwise, and long training finds other weights.
  await ready({ threads: 1 });
  await runAdding(command.settings, command.out);
});
