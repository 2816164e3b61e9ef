import { runExample, startBackend } from '../shared/command-line.js';
import { readDigits, runStrokes } from './experiment.js';
import { HELP, readOptions } from './options.js';

await runExample(async (args) => {
  const command = readOptions(args);
  if (command.name === 'help') {
    console.log(HELP);
    return;
  }
  if (command.name === 'ask') {
    await startBackend(command.backend);
    console.log(await readDigits(command.text, command.out));
    return;
  }
  await startBackend(command.settings.backend);
  await runStrokes(command.settings, command.out);
});
