import { runExample, startBackend } from '../shared/command-line.js';
import { describeScene, runCaptions } from './experiment.js';
import { HELP, readOptions } from './options.js';

await runExample(async (args) => {
  const command = readOptions(args);
  if (command.name === 'help') {
    console.log(HELP);
    return;
  }
  if (command.name === 'ask') {
    await startBackend(command.backend);
    console.log(await describeScene(command.text, command.out));
    return;
  }
  await startBackend(command.settings.backend);
  await runCaptions(command.settings, command.out);
});
