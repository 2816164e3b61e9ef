import {
  type ExampleKind,
  readRunOptions,
  RUN_HELP,
  type RunCommand,
} from '../shared/run-options.js';

const KIND: ExampleKind = {
  defaults: { samples: 2000, epochs: 8, batchSize: 32, seed: 0, backend: 'cpu' },
  out: 'runs/strokes',
  ask: 'read',
  askExample: '31415',
};

export const HELP = `Learns to read joined handwriting, without being told where a digit begins or ends.

  npm run demo:strokes -- [options]
  npm run demo:strokes -- --read 31415      write that in a new hand, and read it
${RUN_HELP(KIND)}`;

/** Reads the command line. */
export const readOptions = (args: readonly string[]): RunCommand => readRunOptions(args, KIND);
