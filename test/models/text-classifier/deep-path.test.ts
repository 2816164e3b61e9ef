/** The path that reads texts in pieces, beside the same done by hand. */
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { createDeepModel, DeepPath } from '../../../src/models/text-classifier/deep-path.js';
import { randomPiecesOfAll } from '../../../src/models/text-classifier/pieces.js';
import { PRESETS } from '../../../src/models/text-classifier/presets.js';
import { padSequences, Tokenizer } from '../../../src/index.js';
import { weightsOf } from '../../training/models.js';

const tiny = { vocabularySize: 20, sequenceLength: 8, embeddingDim: 4, units: 3 };
const settings = { ...PRESETS.accurate, ...tiny, shortestPiece: 4 };

/** Texts of 3, 8, 9 and 30 words. */
const texts = [3, 8, 9, 30].map((count) =>
  Array.from({ length: count }, (_, i) => `w${(i * i + count) % 15}`).join(' '),
);
const tokenizer = new Tokenizer({ numWords: 20 });
tokenizer.fitOnTexts(texts);
const sequences = tokenizer.textsToSequences(texts);
const labels = Int32Array.of(0, 1, 1, 0);

beforeAll(() => tf.setBackend('cpu'));

function make(classes = 2): DeepPath {
  return new DeepPath(createDeepModel(settings, { classes, seed: 1 }), tokenizer, true);
}

describe('a path that reads in pieces', () => {
  test.each([2, 3])('has the mean of the logits of all pieces, %i classes', async (classes) => {
    const path = make(classes);
    const pieces = [
      [sequences[0]!],
      [sequences[1]!],
      [sequences[2]!.slice(0, 5), sequences[2]!.slice(5)],
      [
        [0, 8],
        [8, 15],
        [15, 23],
        [23, 30],
      ].map(([from, to]) => sequences[3]!.slice(from, to)),
    ];
    const expected = pieces.map((ofText) => {
      const all = ofText.map((piece) => {
        const output = path.model.predict(padSequences([piece], { maxlen: 8 })) as tf.Tensor;
        const probabilities = [...output.dataSync()];
        const [p] = probabilities as [number];
        return classes === 2 ? [Math.log(p / (1 - p))] : probabilities.map(Math.log);
      });
      return all[0]!.map((_, i) => all.reduce((sum, one) => sum + one[i]!, 0) / all.length);
    });
    const logits = await path.logits(texts);
    logits.forEach((ofText, text) => {
      expect(ofText).toHaveLength(expected[text]!.length);
      ofText.forEach((logit, i) => {
        expect(logit).toBeCloseTo(expected[text]![i]!, 5);
      });
    });
  });

  test('says the same of a text alone and among others, and of one without a known word', async () => {
    const path = make();
    const all = await path.logits([...texts, 'unheard']);
    expect(await path.logits([texts[3]!])).toEqual([all[3]]);
    expect(await path.logits([''])).toEqual([all[4]]);
    expect(all[4]![0]).toSatisfy(Number.isFinite);
  });

  test('is trained as model.fit on the pieces of each epoch, at a quarter of the rate in the last', async () => {
    const run = { epochs: 3, batchSize: 4, seed: 5 };
    const path = make();
    const callbacks: string[] = [];
    const history = await path.train([texts, labels], [texts, labels], {
      ...{ ...run, shortestPiece: 4 },
      callbacks: {
        onTrainBegin: () => void callbacks.push('begin'),
        onEpochEnd: (epoch) => void callbacks.push(String(epoch)),
        onTrainEnd: () => void callbacks.push('end'),
      },
    });
    const twin = make().model;
    for (let epoch = 0; epoch < 3; epoch++) {
      const at = { seed: 5, epoch };
      const drawn = randomPiecesOfAll(sequences, labels, { least: 4, most: 8 }, at);
      const rated = twin.optimizer as unknown as { learningRate: number };
      rated.learningRate = epoch === 2 ? settings.learningRate / 4 : settings.learningRate;
      const y = tf.tensor2d([...drawn.labels], [drawn.labels.length, 1]);
      const x = padSequences(drawn.pieces, { maxlen: 8 });
      await twin.fit(x, y, { batchSize: 4, shuffle: false, verbose: 0 });
    }
    expect(weightsOf(path.model)).toEqual(weightsOf(twin));
    expect(callbacks).toEqual(['begin', '0', '1', '2', 'end']);
    expect(history.epoch).toEqual([0, 1, 2]);
    expect(history.history.val_loss).toHaveLength(3);
  });

  test('leaves no tensors behind when a callback throws', async () => {
    const path = make();
    const train = (epochs: number) =>
      path.train([texts, labels], [texts, labels], {
        ...{ epochs, batchSize: 4, seed: 5, shortestPiece: 4 },
        callbacks: {
          onEpochEnd: (epoch) => {
            if (epoch === 1) throw new Error('stop');
          },
        },
      });
    await train(1); // the optimizer has its moments from now on
    const before = tf.memory().numTensors;
    await expect(train(2)).rejects.toThrow('stop');
    expect(tf.memory().numTensors).toBe(before);
  });
});
