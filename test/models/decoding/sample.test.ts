import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/foundation/random.js';
import { greedy } from '../../../src/models/decoding/greedy.js';
import { largest } from '../../../src/models/decoding/largest.js';
import { sample } from '../../../src/models/decoding/sample.js';
import { constantStepModel, randomStepModel, scoresAfter } from './random-step-model.js';

const ONE_ROW = { tokens: Int32Array.of(0), state: null };

const logs = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log);

/** How often each token of a distribution is drawn in 20,000 draws. */
function frequencies(probabilities: number[], options: object): number[] {
  const model = constantStepModel(logs(...probabilities));
  const [row] = sample(model, ONE_ROW, { maxLength: 20_000, seed: 7, ...options });
  const counts = probabilities.map(() => 0);
  for (const token of row!.tokens) counts[token]!++;
  return counts.map((count) => count / 20_000);
}

function expectFrequencies(received: number[], expected: number[]): void {
  // Five standard deviations of 20,000 draws.
  expected.forEach((probability, token) => {
    const deviation = Math.sqrt((probability * (1 - probability)) / 20_000);
    expect(Math.abs(received[token]! - probability)).toBeLessThanOrEqual(5 * deviation);
  });
}

const FOUR = [0.1, 0.4, 0.2, 0.3];
const normalized = (weights: number[]) => {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
};

describe('sample', () => {
  it('draws as the model says', () => expectFrequencies(frequencies(FOUR, {}), FOUR));

  it.each([0.5, 2])('draws at temperature %d', (temperature) => {
    const expected = normalized(FOUR.map((probability) => probability ** (1 / temperature)));
    expectFrequencies(frequencies(FOUR, { temperature }), expected);
  });

  it.each([
    [1, [0, 1, 0, 0]],
    [2, normalized([0, 0.4, 0, 0.3])],
    [3, normalized([0, 0.4, 0.2, 0.3])],
    [4, FOUR],
  ])('draws from the top %d', (topK, expected) => {
    expectFrequencies(frequencies(FOUR, { topK }), expected);
  });

  it.each([
    [0.3, [0, 1, 0, 0]],
    [0.65, normalized([0, 0.4, 0, 0.3])],
    [0.85, normalized([0, 0.4, 0.2, 0.3])],
    [0.95, FOUR],
    [1, FOUR],
  ])('draws from the top %d of the probability', (topP, expected) => {
    expectFrequencies(frequencies(FOUR, { topP }), expected);
  });

  it('takes topK before topP, and temperature before both', () => {
    // Of the top 3 (0.4, 0.3, 0.2 of 0.9), two are 0.78 of the probability.
    expectFrequencies(frequencies(FOUR, { topK: 3, topP: 0.75 }), normalized([0, 0.4, 0, 0.3]));
    // At temperature 0.5, 0.16 of 0.30 is more than half.
    expectFrequencies(frequencies(FOUR, { temperature: 0.5, topP: 0.5 }), [0, 1, 0, 0]);
  });

  it('finds the same nucleus as a sort of everything', () => {
    for (let seed = 0; seed < 25; seed++) {
      const random = seededRandom(seed);
      const scores = scoresAfter(seed, [1], 50);
      const topP = Math.max(random(), 0.01);
      const sorted = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!);
      let sum = 0;
      const kept = sorted.filter((token) => {
        const before = sum;
        sum += Math.exp(scores[token]!);
        return before < topP - 1e-6;
      });
      const model = constantStepModel(scores);
      const [row] = sample(model, ONE_ROW, { maxLength: 1000, topP, seed });
      const drawn = new Set(row!.tokens);
      expect([...drawn].every((token) => kept.includes(token))).toBe(true);
      expect(drawn.size).toBeGreaterThan(0.8 * kept.length);
    }
  });

  it('repeats what a seed drew, whatever rows are beside it', () => {
    const draw = (starts: number[], seed: number) => {
      const model = randomStepModel(3, 9);
      const rows = sample(model, model.start(starts), { maxLength: 30, endToken: 2, seed });
      expect(model.held()).toBe(1);
      return rows.map(({ tokens }) => tokens.join(' '));
    };
    expect(draw([1, 1, 4], 5)).toEqual(draw([1, 1, 4], 5));
    expect(draw([1, 1, 4], 5)).not.toEqual(draw([1, 1, 4], 6));
    expect(draw([1, 1, 4], 5).slice(0, 2)).toEqual(draw([1, 1], 5));
    const [one, other] = draw([1, 1], 5);
    expect(one).not.toBe(other);
  });

  it('is greedy at temperature 0 and with a topK of 1', () => {
    for (let seed = 0; seed < 30; seed++) {
      const model = randomStepModel(seed, 7);
      const start = model.start([1, 3]);
      const options = { maxLength: 9, endToken: 0 };
      const plain = greedy(model, start, options);
      expect(sample(model, start, { ...options, temperature: 0 })).toEqual(plain);
      expect(sample(model, start, { ...options, topK: 1 })).toEqual(plain);
    }
  });

  it('draws at temperatures that are nearly 0, and never what is impossible', () => {
    const model = constantStepModel(Float32Array.of(-1, -2, Number.NEGATIVE_INFINITY));
    const draw = (temperature: number) =>
      sample(model, ONE_ROW, { maxLength: 500, temperature })[0]!.tokens;
    expect(new Set(draw(1e-300))).toEqual(new Set([0]));
    expect(new Set(draw(1e300))).toEqual(new Set([0, 1]));
  });

  it.each([
    [{ temperature: -0.1 }, 'sample: temperature must be a number of at least 0, received -0.1'],
    [{ temperature: Number.NaN }, 'temperature must be a number of at least 0, received NaN'],
    [{ topK: 0 }, 'topK must be a positive integer, received 0'],
    [{ topK: 4 }, 'topK must be at most 3, the size of the vocabulary, received 4'],
    [{ topP: 0 }, 'topP must be a number above 0 and at most 1, received 0'],
    [{ topP: 1.1 }, 'topP must be a number above 0 and at most 1, received 1.1'],
    [{ topP: -0.5 }, 'topP must be a number above 0 and at most 1, received -0.5'],
    [{ seed: -1 }, 'seed must be a whole number'],
    [{ maxLength: 0 }, 'maxLength must be a positive integer, received 0'],
    [{ endToken: -1 }, 'endToken must be a token of the vocabulary, from 0 to 2, received -1'],
    [{ temprature: 1 }, 'Did you mean temperature?'],
  ])('refuses %j before the first step', (wrong, message) => {
    const model = randomStepModel(0, 3);
    const start = model.start([0]);
    expect(() => sample(model, start, { maxLength: 3, ...wrong })).toThrow(message);
    expect(model.rowsOfSteps).toEqual([]);
  });
});

describe('greedy', () => {
  it('takes the likeliest token, the first of equals, and sums what the model says', () => {
    const model = randomStepModel(0, 3, (_, prefix) =>
      prefix.length === 1 ? logs(0.2, 0.4, 0.4) : logs(0.6, 0.3, 0.1),
    );
    const [row] = greedy(model, model.start([2]), { maxLength: 2 });
    expect([...row!.tokens]).toEqual([1, 0]);
    expect(row!.logProbability).toBeCloseTo(Math.log(0.4 * 0.6), 6);
    expect(row!.ended).toBe(false);
  });

  it('lets each row stop by itself', () => {
    // The row that began with n ends after n tokens.
    const model = randomStepModel(0, 5, (_, prefix) =>
      prefix.length > prefix[0]! ? logs(1, 0, 0, 0, 0) : logs(0, 0, 1, 0, 0),
    );
    const rows = greedy(model, model.start([3, 1, 4, 2]), { maxLength: 10, endToken: 0 });
    expect(rows.map(({ tokens }) => tokens.length)).toEqual([3, 1, 4, 2]);
    expect(rows.every(({ ended }) => ended)).toBe(true);
    expect(model.rowsOfSteps).toEqual([4, 4, 3, 2, 1]);
    expect(model.held()).toBe(1);
  });

  it('refuses tokens and scores that cannot be', () => {
    const model = randomStepModel(0, 3);
    const { state } = model.start([0]);
    const from = (tokens: number[]) => ({ tokens: Int32Array.from(tokens), state });
    expect(() => greedy(model, from([]), { maxLength: 2 })).toThrow('at least one row');
    expect(() => greedy(model, from([3]), { maxLength: 2 })).toThrow(
      'greedy: start.tokens must be a token of the vocabulary, from 0 to 2, received 3.',
    );
    for (const scores of [[Number.NaN, 0], [0.5, 0.5], [0]]) {
      const broken = randomStepModel(0, 2, () => Float32Array.from(scores));
      if (scores.length === 1)
        broken.step = (_, same) => ({ logProbabilities: new Float32Array(1), state: { ...same } });
      expect(() => greedy(broken, broken.start([0]), { maxLength: 2 })).toThrow(
        'log-probabilities',
      );
    }
  });

  it('releases what it held when a step fails', () => {
    const model = randomStepModel(0, 3, (_, prefix) => {
      if (prefix.length === 3) throw new Error('a step that fails');
      return logs(0.2, 0.3, 0.5);
    });
    expect(() => greedy(model, model.start([0]), { maxLength: 5 })).toThrow('a step that fails');
    expect(model.held()).toBe(1);
  });
});

describe('largest', () => {
  it('gives what a stable sort gives', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = seededRandom(seed);
      const scores = Float64Array.from({ length: Math.floor(40 * random()) }, () =>
        Math.floor(8 * random()),
      );
      const count = Math.floor(45 * random());
      const sorted = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
      expect([...largest(scores, count)]).toEqual(sorted.slice(0, count));
    }
  });
});
