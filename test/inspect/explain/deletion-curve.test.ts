import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { sequential } from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, it } from 'vitest';
import { deletionCurve, explain, layers } from '../../../src/index.js';

const TIME = 6;
const FULL = [4, 2, 7, 3, 9, 1];

function model(units = 1) {
  const made = sequential({
    layers: [
      layers.embedding({ inputDim: 10, outputDim: 4, inputLength: TIME }),
      layers.lstm({ units: 5 }),
      layers.dense({ units, activation: units === 1 ? 'sigmoid' : 'softmax' }),
    ],
  });
  made.setWeights(
    made.getWeights().map(({ shape }, i) => tf.randomNormal(shape, 0, 1, 'float32', 7 + i)),
  );
  return made;
}

const predict = (made: ReturnType<typeof model>, words: readonly number[]) =>
  tf.tidy(() => [...(made.predict(tf.tensor2d([[...words]])) as tf.Tensor).dataSync()]);

describe('deletionCurve', () => {
  beforeEach(() => tf.setBackend('cpu'));

  it('is what the model says when words are deleted by hand, those that count most first', () => {
    for (const units of [1, 3]) {
      const made = model(units);
      const { contributions, classIndex, probability } = explain(made, FULL);
      const isOther = units === 1 && probability < 0.5;
      const order = [...FULL.keys()].sort(
        (a, b) => (isOther ? -1 : 1) * (contributions[b]! - contributions[a]!),
      );
      const fractions = [0, 1 / 6, 1 / 2, 1];
      const { explained } = deletionCurve(made, FULL, { fractions });
      fractions.forEach((fraction, i) => {
        const out = order.slice(0, Math.round(6 * fraction));
        const kept = FULL.filter((_, word) => !out.includes(word));
        const said = predict(made, [...new Array(TIME - kept.length).fill(0), ...kept])[
          classIndex
        ]!;
        expect(explained[i]).toBeCloseTo(isOther ? 1 - said : said, 6);
      });
    }
  });

  it('leaves padding on the side where it is', () => {
    const made = model();
    for (const words of [
      [4, 2, 7, 0, 0, 0],
      [0, 0, 0, 4, 2, 7],
    ]) {
      const [said] = predict(made, words);
      const [whole] = deletionCurve(made, words, { fractions: [0] }).explained;
      expect(whole).toBeCloseTo(Math.max(said!, 1 - said!), 6);
    }
  });

  it('has random words of a seed, and the mean of all draws', () => {
    const made = model();
    const random = (options: object) => deletionCurve(made, FULL, options).random;
    expect(random({ seed: 3 })).toEqual(random({ seed: 3 }));
    expect(random({ seed: 3 })).not.toEqual(random({ seed: 4 }));
    const whole = deletionCurve(made, FULL, { fractions: [0, 1], draws: 2 });
    expect(whole.random).toEqual([
      expect.closeTo(whole.explained[0]!, 7),
      expect.closeTo(whole.explained[1]!, 7),
    ]);
  });

  it('refuses what cannot be', () => {
    expect(() => deletionCurve(model(), FULL, { fractions: [0, 2] })).toThrow(
      'deletionCurve: fractions must be a list of numbers from 0 to 1, received 2.',
    );
    expect(() => deletionCurve(model(), FULL, { draws: 0 })).toThrow('draws must be a positive');
    expect(() => deletionCurve(model(), FULL, { seed: -1 })).toThrow('seed must be');
    expect(() => deletionCurve(model(), FULL, { words: 1 } as never)).toThrow('no option words');
    const numbers = sequential({
      layers: [
        layers.embedding({ inputDim: 10, outputDim: 2, inputLength: TIME }),
        layers.lstm({ units: 2 }),
        layers.dense({ units: 1 }),
      ],
    });
    expect(() => deletionCurve(numbers, FULL)).toThrow('must end in a sigmoid or a softmax');
  });
});
