/** Several networks that judge together, beside each of them alone. */
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { DeepPath } from '../../../src/models/text-classifier/deep-path.js';
import { createNetworks, seedOfNetwork } from '../../../src/models/text-classifier/networks.js';
import { PRESETS } from '../../../src/models/text-classifier/presets.js';
import { Tokenizer } from '../../../src/index.js';
import { weightsOf } from '../../training/models.js';

const tiny = { vocabularySize: 20, sequenceLength: 8, embeddingDim: 4, units: 3 };
const settings = { ...PRESETS.accurate, ...tiny, shortestPiece: 4, networks: 2 };

const texts = [3, 8, 9, 30].map((count) =>
  Array.from({ length: count }, (_, i) => `w${(i * i + count) % 15}`).join(' '),
);
const tokenizer = new Tokenizer({ numWords: 20 });
tokenizer.fitOnTexts(texts);
const rows = tf.tensor2d([
  [0, 0, 3, 1, 4, 1, 5, 9],
  [2, 6, 5, 3, 5, 8, 9, 7],
]);
const run = { epochs: 2, batchSize: 4, callbacks: undefined, shortestPiece: 4 };

beforeAll(() => tf.setBackend('cpu'));

describe('two networks', () => {
  test.each([2, 3])('give the softmax of the mean of their logits, %i classes', (classes) => {
    const { model, trained } = createNetworks(settings, { classes, seed: 1 });
    const [a, b] = trained.map((network) => (network.predict(rows) as tf.Tensor).arraySync());
    const together = (model.predict(rows) as tf.Tensor).arraySync() as number[][];
    together.forEach((probabilities, row) => {
      const [p, q] = [a, b].map((of) => (of as number[][])[row]!);
      // Of two classes there is one output.
      const all = (list: number[]) => (list.length === 1 ? [1 - list[0]!, list[0]!] : list);
      const roots = all(p!).map((value, i) => Math.sqrt(value * all(q!)[i]!));
      const sum = roots.reduce((x, y) => x + y);
      all(probabilities).forEach((value, i) => {
        expect(value).toBeCloseTo(roots[i]! / sum, 6);
      });
    });
    expect(a).not.toEqual(b);
  });

  test.each([1, 2])('learn as %i alone would, by their seeds', async (classes) => {
    const labels = Int32Array.of(0, 1, 1, 0).map((label) => label * classes);
    const made = createNetworks(settings, { classes: classes + 1, seed: 4 });
    const path = new DeepPath(made.model, tokenizer, true);
    const epochs: number[] = [];
    const callbacks = { onEpochEnd: (epoch: number) => void epochs.push(epoch) };
    const both = { ...run, networks: made.trained, seed: 4, callbacks };
    const { epoch, history } = await path.train([texts, labels], undefined, both);
    expect(epoch).toEqual([0, 1, 2, 3]);
    expect(epochs).toEqual([0, 1, 0, 1]);
    expect(history.loss).toHaveLength(4);

    const one = { ...settings, networks: 1 };
    for (const [i, network] of made.trained.entries()) {
      const seed = seedOfNetwork(4, i);
      const { model } = createNetworks(one, { classes: classes + 1, seed });
      const alone = new DeepPath(model, tokenizer, true);
      await alone.train([texts, labels], undefined, { ...run, seed });
      expect(weightsOf(network)).toEqual(weightsOf(model));
    }
  });

  test('are gone with the model', async () => {
    const labels = Int32Array.of(0, 1, 1, 0);
    const before = tf.memory().numTensors;
    const { model, trained } = createNetworks(settings, { classes: 2, seed: 1 });
    const path = new DeepPath(model, tokenizer, true);
    await path.train([texts, labels], undefined, { ...run, networks: trained, seed: 1 });
    const logits = await path.logits(texts);
    for (const network of trained) network.dispose();
    expect(await path.logits(texts)).toEqual(logits);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
