import { runExample, startBackend } from '../shared/command-line.js';
import { runTagging, tagSentence } from './experiment.js';
import { HELP, readOptions } from './options.js';

await runExample(async (args) => {
  const command = readOptions(args);
  if (command.name === 'help') {
    console.log(HELP);
    return;
  }
  if (command.name === 'ask') {
    await startBackend(command.backend);
    console.log(await tagSentence(command.text, command.out));
    return;
  }
  await startBackend(command.settings.backend);
  await runTagging(command.settings, command.out);
});
