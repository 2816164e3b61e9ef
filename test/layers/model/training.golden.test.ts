import { beforeAll, describe, expect, it } from 'vitest';
import { tfl } from '../../../src/foundation/tensorflow.js';
import { layers, ready } from '../../../src/index.js';
import { AGAIN } from '../../again.js';
import { readTraining } from '../../golden/read.js';
import { useBackend } from '../golden.js';
import { expectTraining } from './training.golden.js';

const file = readTraining();

/**
 * Keras' own `adam` squares repeated rows of the embedding's gradient before
 * it sums them, and puts epsilon elsewhere; these two optimizers do what
 * TensorFlow.js does.
 */
const runs = file.runs.filter(({ optimizer }) =>
  ['sgd', 'adam_dense_epsilon_tfjs'].includes(optimizer),
);

const ALL_PATHS = [
  { backend: 'cpu', kernel: 'fused' },
  { backend: 'cpu', kernel: 'composed' },
  { backend: 'wasm', kernel: 'fused' },
  { backend: 'wasm', kernel: 'composed' },
] as const;
const PATHS = AGAIN ? [ALL_PATHS[2]] : ALL_PATHS;

describe.each(PATHS)('our layers on $backend, $kernel, train as Keras', ({ backend, kernel }) => {
  beforeAll(async () => {
    await useBackend(backend, backend === 'cpu');
    await ready();
  });

  it.each(runs.map((run) => [run.name, run] as const))('%s', async (_, run) => {
    await expectTraining(file, run, {
      embedding: (args) => layers.embedding({ ...args, kernel }),
      lstm: (args) => layers.lstm({ ...args, kernel }),
    });
  });
});

describe.skipIf(AGAIN)('stock TensorFlow.js, the control of these tests, trains as Keras', () => {
  beforeAll(() => useBackend('cpu'));

  it.each(runs.map((run) => [run.name, run] as const))('%s', async (_, run) => {
    await expectTraining(file, run, tfl.layers);
  });
});

describe.skipIf(AGAIN)('the comparison tells apart', () => {
  beforeAll(() => useBackend('cpu'));

  it.each(['scaled/nomask/adam', 'scaled/nomask/adam_dense'])(
    '%s, whose optimizer is not that of TensorFlow.js',
    async (name) => {
      const run = file.runs.find((candidate) => candidate.name === name)!;
      await expect(expectTraining(file, run, tfl.layers)).rejects.toThrow(
        /^weights_after_step_1: embedding\/embeddings\[\d+, \d+\] is .* tolerance/,
      );
    },
  );
});
