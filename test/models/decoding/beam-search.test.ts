import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/foundation/random.js';
import { beamSearch, lengthPenaltyOf } from '../../../src/models/decoding/beam-search.js';
import { greedy } from '../../../src/models/decoding/greedy.js';
import { randomStepModel, scoresAfter, searchEverything } from './random-step-model.js';

describe('beamSearch', () => {
  it('finds what the search of everything finds, on 400 random models', () => {
    let ended = 0;
    for (let seed = 0; seed < 400; seed++) {
      const random = seededRandom(seed);
      const vocabularySize = 2 + Math.floor(3 * random());
      const maxLength = 1 + Math.floor(4 * random());
      const endToken = seed % 5 === 0 ? undefined : Math.floor(vocabularySize * random());
      const lengthPenalty = [0, 0.6, 1, 2][seed % 4]!;
      const first = Math.floor(vocabularySize * random());
      const options = { maxLength, endToken, lengthPenalty };
      const model = randomStepModel(seed, vocabularySize);
      const [found] = beamSearch(model, model.start([first]), {
        ...options,
        beams: vocabularySize ** maxLength,
      });
      const best = searchEverything(
        (prefix) => scoresAfter(seed, prefix, vocabularySize),
        first,
        options,
      );
      expect([...found!.tokens], `seed ${seed}`).toEqual(best.tokens);
      expect(found!.ended).toBe(best.ended);
      expect(found!.score).toBeCloseTo(best.score, 10);
      expect(model.held()).toBe(1); // the start, which is the caller's
      if (found!.ended) ended++;
    }
    expect(ended).toBeGreaterThan(100);
    expect(ended).toBeLessThan(300);
  });

  it('never finds better than everything with few beams, and mostly finds the best', () => {
    let same = 0;
    for (let seed = 0; seed < 200; seed++) {
      const options = { maxLength: 5, endToken: 0, lengthPenalty: 0.6 };
      const model = randomStepModel(seed, 4);
      const [found] = beamSearch(model, model.start([1]), { ...options, beams: 3 });
      const best = searchEverything((prefix) => scoresAfter(seed, prefix, 4), 1, options);
      expect(found!.score).toBeLessThanOrEqual(best.score + 1e-9);
      if (Math.abs(found!.score - best.score) < 1e-9) same++;
    }
    expect(same).toBeGreaterThan(150);
  });

  it('gives with one beam and no penalty what greedy decoding gives', () => {
    for (let seed = 0; seed < 200; seed++) {
      const model = randomStepModel(seed, 5);
      const start = model.start([0, 1, 4]);
      const options = { maxLength: 7, endToken: 2 };
      const beams = beamSearch(model, start, { ...options, beams: 1, lengthPenalty: 0 });
      const plain = greedy(model, start, options);
      expect(beams.map(({ tokens }) => [...tokens])).toEqual(
        plain.map(({ tokens }) => [...tokens]),
      );
      expect(beams.map(({ ended }) => ended)).toEqual(plain.map(({ ended }) => ended));
    }
  });

  it('gives each row of a batch what it gets alone', () => {
    for (let seed = 0; seed < 50; seed++) {
      const model = randomStepModel(seed, 6);
      const options = { maxLength: 8, endToken: 3, beams: 3 };
      const together = beamSearch(model, model.start([0, 5, 1, 2]), options);
      const alone = [0, 5, 1, 2].map(
        (first) => beamSearch(model, model.start([first]), options)[0],
      );
      expect(together).toEqual(alone);
    }
  });

  it('scores by the penalty of Wu et al.', () => {
    expect(lengthPenaltyOf(1, 0.7)).toBe(1);
    expect(lengthPenaltyOf(7, 1)).toBe(2);
    expect(lengthPenaltyOf(7, 0.5)).toBeCloseTo(Math.sqrt(2), 12);
    expect(lengthPenaltyOf(30, 0)).toBe(1);
  });

  it('counts the end token among the tokens of maxLength and of the log-probability', () => {
    const model = randomStepModel(0, 2, () => Float32Array.of(Math.log(0.75), Math.log(0.25)));
    const [found] = beamSearch(model, model.start([1]), { maxLength: 1, endToken: 0 });
    expect(found).toMatchObject({ ended: true });
    expect(found!.tokens).toHaveLength(0);
    expect(found!.logProbability).toBeCloseTo(Math.log(0.75), 6);
  });

  it('goes round tokens that are impossible', () => {
    const model = randomStepModel(0, 3, () => Float32Array.of(Number.NEGATIVE_INFINITY, 0, -1e30));
    const [found] = beamSearch(model, model.start([0]), { maxLength: 3, beams: 5 });
    expect([...found!.tokens]).toEqual([1, 1, 1]);
    const nothing = randomStepModel(0, 2, () => Float32Array.of(-Infinity, -Infinity));
    expect(() => beamSearch(nothing, nothing.start([0]), { maxLength: 3 })).toThrow(
      'beamSearch: a step must leave at least one token possible.',
    );
  });

  it.each([
    [{ beams: 0 }, 'beamSearch: beams must be a positive integer, received 0. 1 searches'],
    [{ beams: 1.5 }, 'beams must be a positive integer, received 1.5'],
    [{ lengthPenalty: -1 }, 'lengthPenalty must be a number of at least 0, received -1'],
    [{ lengthPenalty: Number.NaN }, 'lengthPenalty must be a number of at least 0, received NaN'],
    [{ maxLength: 0 }, 'maxLength must be a positive integer, received 0'],
    [{ endToken: 3 }, 'endToken must be a token of the vocabulary, from 0 to 2, received 3'],
    [{ width: 3 }, 'there is no option width'],
  ])('refuses %j before the first step', (wrong, message) => {
    const model = randomStepModel(0, 3);
    const start = model.start([0]);
    const options = { maxLength: 3, ...wrong };
    expect(() => beamSearch(model, start, options)).toThrow(message);
    expect(model.rowsOfSteps).toEqual([]);
    expect(model.held()).toBe(1);
  });
});
