import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { createOneToMany, generateFromVectors, teacherForcing } from '../../../src/index.js';
import { stepsFromVector } from '../../../src/models/topologies/steps-from-vector.js';

beforeAll(() => tf.setBackend('cpu'));

const [WORDS, INPUTS] = [9, 3];
const CELLS = ['lstm', 'gru', 'simpleRNN'] as const;
const VECTORS = [
  [0.5, -1, 2],
  [3, 1, -2],
  [-1, 0, 0.25],
];
const TOKENS = { startToken: 1, endToken: 2 };

/** A model whose weights are far from uniform, so that its words differ. */
function build(cell: (typeof CELLS)[number], units: number | number[] = [5, 6]): tfl.LayersModel {
  const model = createOneToMany({
    ...{ inputs: INPUTS, vocabularySize: WORDS, embeddingDim: 7, units, cell, seed: 4 },
  });
  tf.tidy(() => model.setWeights(model.getWeights().map((weight) => tf.mul(weight, 3))));
  return model;
}

/** Log-probabilities of the word behind some words, by the whole model. */
function whole(model: tfl.LayersModel, vector: number[], words: number[]): number[] {
  return tf.tidy(() => {
    const x = [tf.tensor2d([vector]), tf.tensor2d([words], [1, words.length], 'int32')];
    const probabilities = (model.predict(x) as tf.Tensor3D).arraySync()[0]!.at(-1)!;
    return probabilities.map((p, word) => (word === 0 ? Number.NEGATIVE_INFINITY : Math.log(p)));
  });
}

describe.each(CELLS)('words from vectors, %s', (cell) => {
  test('step by step are those of the whole model', () => {
    const model = build(cell);
    const steps = stepsFromVector('test', model);
    const before = tf.memory().numTensors;
    const vectors = tf.tensor2d(VECTORS);
    let state = steps.begin(vectors);
    vectors.dispose();
    const written = VECTORS.map(() => [] as number[]);
    for (const words of [Int32Array.of(1, 1, 1), Int32Array.of(3, 7, 4), Int32Array.of(8, 5, 6)]) {
      const stepped = steps.step(words, state);
      steps.dispose(state);
      state = stepped.state;
      VECTORS.forEach((vector, row) => {
        written[row]!.push(words[row]!);
        const expected = whole(model, vector, written[row]!);
        expected.forEach((score, word) => {
          const received = stepped.logProbabilities[row * WORDS + word]!;
          if (word > 0) expect(received).toBeCloseTo(score, 4);
          else expect(received).toBe(Number.NEGATIVE_INFINITY);
        });
      });
    }
    const twice = steps.select(state, Int32Array.of(2, 2, 0));
    twice.forEach((each, i) => {
      const [first, , third] = state[i]!.arraySync() as number[][];
      expect(each.arraySync()).toEqual([third, third, first]);
    });
    for (const held of [state, twice]) steps.dispose(held);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('are the likeliest by default, and the same for lists and tensors', () => {
    const model = build(cell, 8);
    const expected = VECTORS.map((vector) => {
      const words = [TOKENS.startToken];
      while (words.length <= 6) {
        const scores = whole(model, vector, words);
        const next = scores.indexOf(Math.max(...scores));
        if (next === TOKENS.endToken) break;
        words.push(next);
      }
      return words.slice(1);
    });
    const before = tf.memory().numTensors;
    expect(generateFromVectors(model, VECTORS, { ...TOKENS, maxLength: 6 })).toEqual(expected);
    const vectors = tf.tensor2d(VECTORS);
    const settings = { ...TOKENS, maxLength: 6, beams: 1 };
    expect(generateFromVectors(model, vectors, settings)).toEqual(expected);
    expect(generateFromVectors(model, [], TOKENS)).toEqual([]);
    vectors.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('by beams are at least as likely, and drawn ones follow a seed', () => {
    const model = build(cell);
    const settings = { ...TOKENS, maxLength: 4, lengthPenalty: 0 };
    const logOf = (vector: number[], words: number[]) => {
      const all = words.length < 4 ? [...words, TOKENS.endToken] : words;
      const given = [TOKENS.startToken, ...all];
      return all.reduce(
        (sum, word, i) => sum + whole(model, vector, given.slice(0, i + 1))[word]!,
        0,
      );
    };
    const greedy = generateFromVectors(model, VECTORS, { ...TOKENS, maxLength: 4 });
    const beams = generateFromVectors(model, VECTORS, { ...settings, beams: 9 ** 4 });
    VECTORS.forEach((vector, row) => {
      expect(logOf(vector, beams[row]!)).toBeGreaterThanOrEqual(logOf(vector, greedy[row]!) - 1e-5);
    });
    const draw = (seed: number) =>
      generateFromVectors(model, VECTORS, { ...TOKENS, maxLength: 20, temperature: 1.5, seed });
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });
});

describe('a vector at every step', () => {
  test('is the layer over as many copies', () => {
    const model = createOneToMany({ inputs: INPUTS, outputs: 2, length: 4, units: 5, seed: 1 });
    expect(model.layers.map((layer) => layer.name)).toEqual([
      ...['repeat_vector', 'lstm', 'dropout', 'dense'],
    ]);
    tf.tidy(() => {
      const x = tf.tensor2d(VECTORS);
      const repeated = tf.tile(tf.expandDims(x, 1), [1, 4, 1]);
      const sequence = model.getLayer('lstm').apply(repeated) as tf.Tensor;
      const expected = model.getLayer('dense').apply(sequence) as tf.Tensor;
      expect((model.predict(x) as tf.Tensor).arraySync()).toEqual(expected.arraySync());
    });
  });
});

describe('teacherForcing', () => {
  test('sets words and what follows them apart by one, padded at the end', () => {
    const { inputs, targets } = teacherForcing([[1, 5, 2], Int32Array.of(1, 6, 7, 2)], {
      length: 4,
    });
    expect(inputs.arraySync()).toEqual([
      [1, 5, 0, 0],
      [1, 6, 7, 0],
    ]);
    expect(targets.shape).toEqual([2, 4, 1]);
    expect([...targets.dataSync()]).toEqual([5, 2, 0, 0, 6, 7, 2, 0]);
    expect(inputs.dtype).toBe('int32');
    tf.dispose([inputs, targets]);
  });
});
