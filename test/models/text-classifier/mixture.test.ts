import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/foundation/random.js';
import { evaluate, mostProbable } from '../../../src/models/text-classifier/evaluation.js';
import { fitScales, mixedProbabilities } from '../../../src/models/text-classifier/mixture.js';

const random = seededRandom(5);
const noise = () => random() + random() - 1;

/** Texts of three classes, whose logits from two paths are too large and too small. */
const labels = Int32Array.from({ length: 400 }, () => Math.floor(random() * 3));
const texts = Array.from(labels, (label) => {
  const path = (size: number) =>
    Float64Array.from({ length: 3 }, (_, i) => size * ((i === label ? 0.6 : 0) + noise()));
  return [path(9), path(0.7)];
});

/** The cross-entropy, and the prior that holds scales near one half, written another way. */
function penalized(scales: readonly number[], given = texts): number {
  let sum = 0;
  given.forEach((logits, text) => {
    const scores = [0, 1, 2].map((i) =>
      logits.reduce((total, ofPath, path) => total + scales[path]! * ofPath[i]!, 0),
    );
    const likelihood = Math.exp(scores[labels[text]!]!);
    sum -= Math.log(likelihood / scores.reduce((total, score) => total + Math.exp(score), 0));
  });
  return sum + scales.reduce((total, scale) => total + (scale - 1 / scales.length) ** 2 / 2, 0);
}

describe('the scales of paths', () => {
  test('have no better neighbours', () => {
    const scales = fitScales(texts, labels);
    const least = penalized(scales);
    for (const [a, b] of [
      [0.01, 0],
      [-0.01, 0],
      [0, 0.01],
      [0, -0.01],
    ] as const) {
      expect(penalized([scales[0]! + a, scales[1]! + b])).toBeGreaterThan(least);
    }
    expect(scales[0]).toBeLessThan(scales[1]!);
  });

  test('of a path that is wrong more often than right is 0', () => {
    const wrong = texts.map(([a, b]) => [a!, b!.map((value) => -value)]);
    expect(fitScales(wrong, labels)[1]).toBeCloseTo(0, 12);
  });

  test('of one path is the inverse of its temperature', () => {
    const one = texts.map(([a]) => [a!]);
    const [scale] = fitScales(one, labels);
    for (const other of [scale! * 0.98, scale! * 1.02]) {
      expect(penalized([other], one)).toBeGreaterThan(penalized([scale!], one));
    }
  });

  test('stay finite where the classes are parted clearly', () => {
    const parted = [[Float64Array.of(5)], [Float64Array.of(-5)]];
    const [scale] = fitScales(parted, Int32Array.of(1, 0));
    expect(scale).toBeGreaterThan(1);
    expect(scale).toBeLessThan(2);
  });
});

test('a single logit is that of class 1', () => {
  const [zero, one] = mixedProbabilities([Float64Array.of(2)], [0.5]);
  expect(one).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
  expect(zero! + one!).toBeCloseTo(1, 12);
});

describe('an evaluation', () => {
  test('has accuracy, loss, calibration and confusion as by hand', () => {
    const probabilities = [
      [0.9, 0.1],
      [0.9, 0.1],
      [0.4, 0.6],
      [0.4, 0.6],
    ].map((each) => Float64Array.from(each));
    const { calibrationError, loss, ...others } = evaluate(
      probabilities,
      Int32Array.of(0, 1, 1, 1),
    );
    expect(others).toEqual({
      ...{ texts: 4, accuracy: 0.75 },
      confusion: [
        [1, 0],
        [1, 2],
      ],
    });
    expect(loss).toBeCloseTo(-(Math.log(0.9) + Math.log(0.1) + 2 * Math.log(0.6)) / 4, 12);
    // Two at 0.9, one of them right; two at 0.6, both right.
    expect(calibrationError).toBeCloseTo((2 * 0.4 + 2 * 0.4) / 4, 12);
  });

  test('takes the first of equally probable classes', () => {
    expect(mostProbable(Float64Array.of(0.2, 0.4, 0.4))).toBe(1);
  });
});
