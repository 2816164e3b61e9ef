import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../src/foundation/tensorflow.js';
import { bucketBatches, layers } from '../../src/index.js';
import type { Batches } from '../../src/training/continuous-batches.js';
import { generator, useBackend } from '../kernels/kernels.js';

const random = generator(3);
// The first word of a sequence is its number, so that each is known again.
const sequences = Array.from({ length: 23 }, (_, i) => {
  return [i + 1, ...new Array<number>(Math.floor(30 * random())).fill(50)];
});
const labels = sequences.map((_, i) => i);

/** Of one epoch: the numbers of the sequences in each batch, and how long it is. */
async function epochOf(batches: Batches): Promise<{ rows: number[]; longest: number }[]> {
  const epoch = await batches.iterator();
  const seen: { rows: number[]; longest: number }[] = [];
  for (let next = await epoch.next(); !next.done; next = await epoch.next()) {
    const { xs, ys } = next.value;
    const words = xs.arraySync() as number[][];
    const rows = words.map((row) => row.find((word) => word !== 0)! - 1);
    expect(Array.from(ys.dataSync())).toEqual(rows);
    expect(ys.shape).toEqual([rows.length, 1]);
    words.forEach((row, i) => {
      expect(row.filter((word) => word !== 0)).toEqual(sequences[rows[i]!]);
    });
    const longest = Math.max(...rows.map((row) => sequences[row]!.length));
    expect(xs.shape[1]).toBe(longest);
    seen.push({ rows, longest });
    tf.dispose([xs, ys]);
  }
  expect(seen).toHaveLength(batches.size);
  expect(seen.flatMap(({ rows }) => rows).sort((a, b) => a - b)).toEqual(labels);
  return seen;
}

describe('bucketBatches', () => {
  beforeAll(() => useBackend('cpu'));

  it.each([
    ['by lengths', {}],
    ['in buckets', { boundaries: [5, 12, 20] }],
    ['in order', { shuffle: false }],
    ['padded behind', { padding: 'post', batchSize: 23 }],
  ] as const)(
    '%s: each sequence once an epoch, padded to the longest of its batch',
    async (_, options) => {
      const before = tf.memory().numTensors;
      const batches = bucketBatches(sequences, labels, { batchSize: 4, seed: 1, ...options });
      const epochs = [await epochOf(batches), await epochOf(batches)];
      if (!('shuffle' in options) && batches.size > 1) expect(epochs[0]).not.toEqual(epochs[1]);
      const again = bucketBatches(sequences, labels, { batchSize: 4, seed: 1, ...options });
      expect([await epochOf(again), await epochOf(again)]).toEqual(epochs);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('keep buckets apart', async () => {
    const batches = bucketBatches(sequences, labels, {
      batchSize: 4,
      boundaries: [5, 12],
      seed: 2,
    });
    const bucket = (row: number) => {
      const { length } = sequences[row]!;
      return length < 5 ? 0 : length < 12 ? 1 : 2;
    };
    for (const { rows } of await epochOf(batches)) expect(new Set(rows.map(bucket)).size).toBe(1);
  });

  it('pad as little as sorted lengths allow', async () => {
    const padded = (seen: { rows: number[]; longest: number }[]) =>
      seen.reduce((sum, { rows, longest }) => sum + rows.length * longest, 0);
    const sorted = sequences.map(({ length }) => length).sort((a, b) => a - b);
    let least = 0;
    for (let i = 0; i < sorted.length; i += 4) {
      const part = sorted.slice(i, i + 4);
      least += part.length * part.at(-1)!;
    }
    expect(padded(await epochOf(bucketBatches(sequences, labels, { batchSize: 4 })))).toBe(least);
  });

  it('train by fitDataset, each epoch whole', async () => {
    const model = tfl.sequential({
      layers: [
        layers.embedding({ inputDim: 60, outputDim: 3, maskZero: true, inputShape: [null] }),
        layers.gru({ units: 3 }),
        layers.dense({ units: 2 }),
      ],
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    let batches = 0;
    const pairs = labels.map((label) => [label / 23, 1]);
    await model.fitDataset(bucketBatches(sequences, pairs, { batchSize: 5 }), {
      epochs: 2,
      verbose: 0,
      callbacks: { onBatchEnd: async () => void batches++ },
    });
    expect(batches).toBe(10);
    model.dispose();
  });

  it.each([
    ['nothing', () => bucketBatches([], []), /sequences must be a list with something in it/],
    [
      'an empty sequence',
      () => bucketBatches([[1], []], [0, 1]),
      /sequences\[1\] must be a list of numbers, not an empty one/,
    ],
    [
      'a label too many',
      () => bucketBatches([[1]], [0, 1]),
      /labels must be as many as sequences, 1, received 2/,
    ],
    [
      'a label that is none',
      () => bucketBatches([[1], [2]], [0, Number.NaN]),
      /labels\[1\] must be a number, as the first one is, received NaN/,
    ],
    [
      'labels that differ',
      () => bucketBatches([[1], [2]], [[0, 1], [1]]),
      /labels\[1\] must be a list of 2 numbers/,
    ],
    [
      'boundaries that fall',
      () => bucketBatches([[1]], [0], { boundaries: [5, 5] }),
      /boundaries must be positive integers, each above the one before/,
    ],
    [
      'batches of nothing',
      () => bucketBatches([[1]], [0], { batchSize: 0 }),
      /batchSize must be a positive integer, received 0/,
    ],
  ])('refuse %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
