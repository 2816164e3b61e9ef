import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { tf, tfl } from '../../src/foundation/tensorflow.js';
import { layers } from '../../src/index.js';
import { orthogonal, withFastOrthogonal } from '../../src/layers/orthogonal.js';
import { inTidy, useBackend } from '../kernels/kernels.js';

beforeAll(() => useBackend('cpu'));

const METHODS = ['log', 'info', 'warn', 'error'] as const;
beforeEach(() => {
  for (const method of METHODS) vi.spyOn(console, method);
});
afterEach(() => {
  for (const method of METHODS) expect(console[method], `console.${method}`).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

const matrix = (shape: number[], config: { gain?: number; seed?: number } = {}) =>
  inTidy(() => orthogonal(config).apply(shape).dataSync<'float32'>().slice());

/** How far the rows (or columns, if there are fewer) are from orthogonal ones of the given length. */
function deviation(values: Float32Array, rows: number, columns: number, length = 1): number {
  const at = (row: number, column: number) => values[row * columns + column]!;
  const few = Math.min(rows, columns);
  let worst = 0;
  for (let i = 0; i < few; i++) {
    for (let j = 0; j <= i; j++) {
      let dot = 0;
      for (let k = 0; k < Math.max(rows, columns); k++) {
        dot += rows <= columns ? at(i, k) * at(j, k) : at(k, i) * at(k, j);
      }
      worst = Math.max(worst, Math.abs(dot - (i === j ? length * length : 0)));
    }
  }
  return worst;
}

describe('orthogonal', () => {
  it.each([
    ['square', 32, 32],
    ['wide', 32, 128],
    ['tall', 128, 32],
    ['wide, as one row', 1, 7],
    ['tall, as one column', 7, 1],
    ['of one value', 1, 1],
    ['square and odd', 33, 33],
    ['large', 100, 400],
  ])('is orthonormal within 1e-6: %s', (_, rows, columns) => {
    const values = matrix([rows, columns], { seed: 3 });
    expect(values).toHaveLength(rows * columns);
    expect(deviation(values, rows, columns)).toBeLessThan(1e-6);
  });

  it('multiplies by the gain', () => {
    expect(deviation(matrix([8, 20], { gain: 3, seed: 1 }), 8, 20, 3)).toBeLessThan(1e-5);
  });

  it('takes shapes of more than two dimensions as rows of the last', () => {
    const values = matrix([2, 3, 10], { seed: 1 });
    expect(deviation(values, 6, 10)).toBeLessThan(1e-6);
  });

  it('repeats with a seed, and does not without one', () => {
    expect(matrix([6, 24], { seed: 4 })).toEqual(matrix([6, 24], { seed: 4 }));
    expect(matrix([6, 24], { seed: 4 })).not.toEqual(matrix([6, 24], { seed: 5 }));
    expect(matrix([6, 24])).not.toEqual(matrix([6, 24]));
  });

  it('has no preferred direction: the entries average to 0 and their squares to 1 / columns', () => {
    let [sum, squares] = [0, 0];
    for (let seed = 0; seed < 200; seed++) {
      const first = matrix([4, 4], { seed })[0]!;
      sum += first;
      squares += first * first;
    }
    // Standard errors over 200 draws: 0.5/√200 = 0.035, and about 0.02.
    expect(Math.abs(sum / 200)).toBeLessThan(4 * 0.035);
    expect(Math.abs(squares / 200 - 0.25)).toBeLessThan(4 * 0.02);
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    orthogonal({ seed: 1 }).apply([5, 20]).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is saved as the stock one', () => {
    const [ours, stock] = [
      orthogonal({ gain: 2, seed: 7 }),
      tfl.initializers.orthogonal({ gain: 2, seed: 7 }),
    ];
    expect(ours.getClassName()).toBe(stock.getClassName());
    expect(ours.getConfig()).toEqual(stock.getConfig());
  });
});

describe('layers.lstm', () => {
  const recurrentKernel = (args: object, inputs = 3) =>
    inTidy(() => {
      const layer = layers.lstm({ units: 64, ...args });
      layer.build([null, 4, inputs] as unknown as number[]);
      return layer.getWeights()[1]!.dataSync<'float32'>().slice();
    });

  it.each([
    ['by default', {}],
    ['by name', { recurrentInitializer: 'orthogonal' }],
    [
      'as its config',
      { recurrentInitializer: { className: 'Orthogonal', config: { gain: 1, seed: 2 } } },
    ],
    [
      'as the object of TensorFlow.js',
      { recurrentInitializer: tfl.initializers.orthogonal({ seed: 2 }) },
    ],
  ])('begins orthonormal, without a warning: %s', (_, args) => {
    expect(deviation(recurrentKernel(args), 64, 256)).toBeLessThan(1e-6);
  });

  it('keeps the gain and the seed of a config', () => {
    const config = { className: 'Orthogonal', config: { gain: 2, seed: 2 } };
    const values = recurrentKernel({ recurrentInitializer: config });
    expect(deviation(values, 64, 256, 2)).toBeLessThan(1e-5);
    expect(recurrentKernel({ recurrentInitializer: config })).toEqual(values);
    const ofTensorFlow = tfl.initializers.orthogonal({ gain: 2, seed: 2 });
    expect(recurrentKernel({ recurrentInitializer: ofTensorFlow })).toEqual(values);
  });

  it('keeps any other initializer', () => {
    expect(new Set(recurrentKernel({ recurrentInitializer: 'zeros' }))).toEqual(new Set([0]));
    const ones = tfl.initializers.ones();
    expect(withFastOrthogonal(ones)).toBe(ones);
    expect(new Set(recurrentKernel({ recurrentInitializer: ones }))).toEqual(new Set([1]));
  });
});
