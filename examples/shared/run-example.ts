/** The way through an example that trains a model, or asks the one that it has saved. */
import { runExample, startBackend } from './command-line.js';
import type { RunCommand, RunSettings } from './run-options.js';

/** What an example does, apart from its options. */
export interface ExampleWork {
  help: string;
  readOptions(args: readonly string[]): RunCommand;
  train(settings: RunSettings, out: string): Promise<unknown>;
  /** What the saved model answers. */
  answer(text: string, out: string): Promise<string>;
}

/** Runs an example with what follows the script's name. */
export const runAskedExample = ({ help, readOptions, train, answer }: ExampleWork): Promise<void> =>
  runExample(async (args) => {
    const command = readOptions(args);
    if (command.name === 'help') {
      console.log(help);
      return;
    }
    if (command.name === 'ask') {
      await startBackend(command.backend);
      console.log(await answer(command.text, command.out));
      return;
    }
    await startBackend(command.settings.backend);
    await train(command.settings, command.out);
  });
