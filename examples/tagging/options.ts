import {
  type ExampleKind,
  readRunOptions,
  RUN_HELP,
  type RunCommand,
} from '../shared/run-options.js';

const KIND: ExampleKind = {
  defaults: { samples: 4000, epochs: 6, batchSize: 32, seed: 0, backend: 'cpu' },
  out: 'runs/tagging',
  ask: 'tag',
  askExample: 'the guards watch the light',
};

export const HELP = `Learns to say what each word of a sentence is, with an LSTM that reads it both ways.

  npm run demo:tagging -- [options]
  npm run demo:tagging -- --tag "the guards watch the light"
${RUN_HELP(KIND)}`;

/** Reads the command line. */
export const readOptions = (args: readonly string[]): RunCommand => readRunOptions(args, KIND);
