import {
  type ExampleKind,
  readRunOptions,
  RUN_HELP,
  type RunCommand,
} from '../shared/run-options.js';

const KIND: ExampleKind = {
  defaults: { samples: 6000, epochs: 15, batchSize: 32, seed: 0, backend: 'cpu' },
  out: 'runs/captions',
  ask: 'scene',
  askExample: 'small red star 0.2 0.9',
};

export const HELP = `Learns to say what is in a scene, with an LSTM whose first state is the scene's vector.

  npm run demo:captions -- [options]
  npm run demo:captions -- --scene "small red star 0.2 0.9"
${RUN_HELP(KIND)}`;

/** Reads the command line. */
export const readOptions = (args: readonly string[]): RunCommand => readRunOptions(args, KIND);
