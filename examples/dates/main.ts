import { runExample, startBackend } from '../shared/command-line.js';
import { runExperiment, translate } from './experiment.js';
import { HELP, readOptions } from './options.js';

await runExample(main);

async function main(args: readonly string[]): Promise<void> {
  const command = readOptions(args);
  if (command.name === 'help') {
    console.log(HELP);
    return;
  }
  if (command.name === 'translate') {
    await startBackend(command.backend);
    console.log(await translate(command.text, command.out));
    return;
  }
  await startBackend(command.settings.backend);
  await runExperiment(command.settings, command.out);
}
