import { createHash } from 'node:crypto';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSentimentLstm, ready } from '../../../src/index.js';
import { bytesInUse, generator, kernels } from '../../kernels/kernels.js';
import { weightsOf } from '../../training/models.js';

// Enough of everything that each kernel of a step is worth a second thread.
const SIZES = { vocabularySize: 4000, sequenceLength: 70 };
const [SAMPLES, BATCH] = [240, 60];

afterAll(() => tf.setBackend('cpu'));
afterEach(() => void vi.restoreAllMocks());

/** Of all weights: to tell how large arrays differ would take minutes. */
function digestOf(model: tfl.LayersModel): string {
  return createHash('sha256')
    .update(Float32Array.from(weightsOf(model)))
    .digest('hex');
}

/** Trains a new model for four steps; its weights' digest, and what `fit` reports. */
async function trained(onBatchEnd: (model: tfl.LayersModel) => void = () => {}) {
  const random = generator(1);
  const numbers = (size: number, below: number) =>
    Array.from({ length: size }, () => Math.floor(below * random()));
  const x = tf.tensor2d(
    numbers(SAMPLES * SIZES.sequenceLength, 4000),
    [SAMPLES, SIZES.sequenceLength],
    'int32',
  );
  const y = tf.tensor2d(numbers(SAMPLES, 2), [SAMPLES, 1]);
  const model = createSentimentLstm({ ...SIZES, dropoutRate: 0.1, seed: 1 });
  const callbacks = { onBatchEnd: () => onBatchEnd(model) };
  const options = { batchSize: BATCH, epochs: 1, shuffle: false, verbose: 0, callbacks } as const;
  const { history } = await model.fit(x, y, options);
  const weights = digestOf(model);
  model.dispose();
  model.optimizer.dispose();
  tf.dispose([x, y]);
  return { weights, history };
}

describe.each(['cpu', 'wasm'])('training on threads that nobody waits for, on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  it.each([2, 3])(
    'is training on %i that are waited for after each run, to the bit',
    async (threads) => {
      await ready({ threads });
      const loaded = kernels();
      const bytes = bytesInUse();
      const leave = vi.spyOn(loaded, 'leave');
      const freely = await trained();
      const left = leave.mock.calls.filter(([, jobs]) => jobs.length > 1).map(([kernel]) => kernel);
      expect(left).toEqual(
        expect.arrayContaining([
          'recurrentForward',
          'recurrentBackward',
          'recurrentWordsGradient',
          'adam',
        ]),
      );
      leave.mockRestore();

      const begin = loaded.leave.bind(loaded);
      vi.spyOn(loaded, 'leave').mockImplementation((kernel, jobs) => {
        begin(kernel, jobs);
        loaded.finish();
      });
      expect(await trained()).toEqual(freely);
      expect(bytesInUse()).toBe(bytes);
    },
  );

  it('shows who reads the weights between steps those of the steps before', async () => {
    await ready({ threads: 2 });
    const read = async (waits: boolean) => {
      const seen: string[] = [];
      const outcome = await trained((model) => {
        if (waits) kernels().finish();
        seen.push(digestOf(model));
      });
      return { ...outcome, seen };
    };
    const freely = await read(false);
    expect(freely.seen).toHaveLength(SAMPLES / BATCH);
    expect(freely.seen.at(-1)).toEqual(freely.weights);
    expect(await read(true)).toEqual(freely);
    expect(freely.weights).toEqual((await trained()).weights);
  });
});
