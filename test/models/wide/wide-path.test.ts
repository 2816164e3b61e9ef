import { describe, expect, test } from 'vitest';
import { hashesOfText } from '../../../src/models/wide/n-gram-rows.js';
import { WidePath } from '../../../src/models/wide/wide-path.js';
import { labels, texts } from '../reviews.js';

const classes = Int32Array.from(labels);

describe('the wide path', () => {
  test('adds up the weights of the n-grams of a text, divided by the root of their number', async () => {
    const path = await WidePath.train(texts, classes, 2, 0);
    const { hashes, weights, biases } = path.weights;
    for (const text of [...texts, 'good good and unheard of', 'unheard', '']) {
      const all = hashesOfText(text);
      const sum = [...new Set(all)].reduce((total, hash) => {
        const at = hashes.indexOf(hash);
        return total + (at === -1 ? 0 : weights[at]!);
      }, 0);
      const expected = biases[0]! + (all.length === 0 ? 0 : sum / Math.sqrt(all.length));
      expect(path.logits(text)[0]).toBeCloseTo(expected, 10);
    }
  });

  test('says less of one n-gram among many', () => {
    const path = new WidePath({
      hashes: hashesOfText('good'),
      weights: Float32Array.of(3),
      biases: Float32Array.of(0.5),
    });
    expect(path.logits('good')[0]).toBe(3.5);
    // Six n-grams: good, of, film and their runs.
    expect(path.logits('good of film')[0]).toBeCloseTo(0.5 + 3 / Math.sqrt(6), 12);
  });
});
