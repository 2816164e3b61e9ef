import { join } from 'node:path';
import { generateText, loadWithVocabularies } from 'tfjs-recurrent';
import { fileSystem } from 'tfjs-recurrent/node';
import { runExample, startBackend } from '../shared/command-line.js';
import { UsageError } from '../shared/options.js';
import { exists } from '../shared/run-folder.js';
import { runExperiment } from './experiment.js';
import { type Command, HELP, readOptions } from './options.js';

await runExample(main);

async function main(args: readonly string[]): Promise<void> {
  const command = readOptions(args);
  if (command.name === 'help') {
    console.log(HELP);
  } else if (command.name === 'write') {
    await startBackend(command.backend);
    await write(command);
  } else {
    await startBackend(command.settings.backend);
    await runExperiment(command.settings, command.out);
  }
}

/** Goes on from a prompt with the model of an earlier run. */
async function write(command: Command & { name: 'write' }): Promise<void> {
  const { out, prompt, length, temperature, seed } = command;
  if (!(await exists(join(out, 'model')))) {
    throw new UsageError(
      `${out} holds no trained model. Train one with \`npm run demo:characters\`, or name its folder with --out.`,
    );
  }
  const { model, vocabularies } = await loadWithVocabularies(fileSystem(join(out, 'model')));
  const tokenizer = vocabularies.characters!;
  const text = await generateText(model, { prompt, length, temperature, seed, tokenizer });
  console.log(prompt + text);
}
