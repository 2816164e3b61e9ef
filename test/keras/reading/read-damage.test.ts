import { beforeAll, describe, expect, it } from 'vitest';
import { RecurrentError } from '../../../src/foundation/errors.js';
import { tf } from '../../../src/foundation/tensorflow.js';
import { loadKerasModel } from '../../../src/index.js';
import { useBackend } from '../../layers/golden.js';
import { damagedFile } from './read-damage.js';

beforeAll(() => useBackend('cpu', false));

const BATCHES = 10;
const FILES_PER_BATCH = 50;

// scripts/fuzz-keras.ts runs as many as one likes, and watches time and memory.
describe('a damaged file ends in a model or in a RecurrentError, and leaves no tensor behind:', () => {
  it.each(Array.from({ length: BATCHES }, (_, i) => i))(
    `${FILES_PER_BATCH} files, seed %i`,
    async (seed) => {
      const before = tf.memory().numTensors;
      let refused = 0;
      for (let i = 0; i < FILES_PER_BATCH; i++) {
        const { title, input } = damagedFile(seed, i);
        try {
          const model = await loadKerasModel(input);
          model.dispose();
          model.optimizer?.dispose();
        } catch (error) {
          expect(error, `file ${i}: ${title}`).toBeInstanceOf(RecurrentError);
          expect((error as Error).message, title).toMatch(/^loadKerasModel: /);
          refused++;
        }
        expect(tf.memory().numTensors, `tensors left by file ${i}: ${title}`).toBe(before);
      }
      // Many changes hit a weight or an unused byte, but far from all.
      expect(refused).toBeGreaterThan(FILES_PER_BATCH / 4);
      expect(refused).toBeLessThan(FILES_PER_BATCH);
    },
  );
});
