import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { dropout, dropoutComposed } from '../../../src/kernels/dropout/dropout.js';
import { dropoutMask } from '../../../src/kernels/dropout/dropout-mask.js';
import { embedding } from '../../../src/kernels/embedding/embedding.js';
import { gatheredFrom } from '../../../src/kernels/embedding/gathered.js';
import { deferredOf } from '../../../src/kernels/bridge/tensors.js';
import { BACKENDS, generator, inTidy, uniform, useBackend } from '../kernels.js';

/** What the fused kernel does to ones: the mask. */
function fusedMask(count: number, rate: number, seed: number): Float32Array {
  return inTidy(() =>
    dropout(tf.ones([count]), rate, seed)
      .dataSync<'float32'>()
      .slice(),
  );
}

const kept = (mask: Float32Array) => mask.reduce((sum, value) => sum + Math.sign(value), 0);

describe('the mask', () => {
  const COUNT = 100_000;

  it.each([0.1, 0.2, 0.5, 0.9])(
    'keeps 1 - %f of the values within 4 sigma, for each of 20 seeds',
    (rate) => {
      const sigma = Math.sqrt(COUNT * rate * (1 - rate));
      for (let seed = 0; seed < 20; seed++) {
        const off = kept(dropoutMask(COUNT, rate, seed)) - COUNT * (1 - rate);
        expect(Math.abs(off) / sigma, `seed ${seed}`).toBeLessThan(4);
      }
    },
  );

  it('is 1 / (1 - rate) where it keeps, and 0 elsewhere', () => {
    expect(new Set(dropoutMask(1000, 0.2, 1))).toEqual(new Set([0, Math.fround(1.25)]));
  });

  it('agrees with that of another seed, and with itself shifted, half of the time within 4 sigma', () => {
    const sigma = Math.sqrt(COUNT) / 2;
    const mask = dropoutMask(COUNT, 0.5, 7);
    const agreement = (other: Float32Array) => mask.filter((value, i) => value === other[i]).length;
    const others: [string, Float32Array][] = [6, 8, 7 + 4096, -7, 7 ^ 0x80000000].map((seed) => [
      `seed ${seed}`,
      dropoutMask(COUNT, 0.5, seed),
    ]);
    for (const shift of [1, 2, 3, 4, 5, 16, 4096, 8192]) {
      const shifted = mask.map((_, i) => mask[(i + shift) % COUNT]!);
      others.push([`shifted by ${shift}`, shifted]);
    }
    for (const [name, other] of others) {
      expect(Math.abs(agreement(other) - COUNT / 2) / sigma, name).toBeLessThan(4);
    }
  });

  it('of a longer tensor begins with that of a shorter one', () => {
    expect(dropoutMask(9000, 0.5, 3).subarray(0, 5001)).toEqual(dropoutMask(5001, 0.5, 3));
  });
});

describe.each(BACKENDS)('fused dropout on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  it.each([1, 2, 3, 4, 5, 7, 8, 4095, 4096, 4097, 4099, 8191, 8192, 8193, 12_289])(
    'has the mask of the twin bit for bit, length %i',
    (count) => {
      for (const seed of [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 123456789]) {
        for (const rate of [0.001, 0.2, 0.5, 0.999]) {
          expect(fusedMask(count, rate, seed), `seed ${seed}`).toEqual(
            dropoutMask(count, rate, seed),
          );
        }
      }
    },
  );

  it('scales what it keeps as the twin does, bit for bit', () => {
    tf.tidy(() => {
      const x = uniform([5, 7, 11], generator(1), 3);
      const [fused, twin] = [dropout(x, 0.3, 5), dropoutComposed(x, 0.3, 5)];
      expect(fused.shape).toEqual([5, 7, 11]);
      // Added to zero: where it drops a negative value, the twin has a zero below zero.
      expect(tf.add(fused, 0).dataSync()).toEqual(tf.add(twin, 0).dataSync());
    });
  });

  // The last three do not fit a block of the mask.
  it.each([32, 4, 4096, 33, 24, 8192])(
    'of rows of a table, %i wide, is that of their values',
    (width) => {
      tf.tidy(() => {
        const table = uniform<tf.Rank.R2>([7, width], generator(4));
        const indices = tf.tensor1d(
          Array.from({ length: 301 }, (_, i) => (i * i) % 7),
          'int32',
        );
        const rows = embedding(indices, table);
        const dropped = dropout(rows, 0.3, 8).dataSync();
        expect(gatheredFrom({ deferredOf }, rows), 'left where they were').not.toBeNull();
        const values = tf.tensor2d(rows.dataSync().slice(), [301, width]);
        expect(dropped).toEqual(dropout(values, 0.3, 8).dataSync());
      });
    },
  );

  it('has the same mask in its gradient', () => {
    tf.tidy(() => {
      const dy = uniform([4099], generator(2));
      const gradient = tf.grad((x) => dropout(x, 0.4, 9))(tf.ones([4099]), dy);
      expect(gradient.dataSync()).toEqual(dropout(dy, 0.4, 9).dataSync());
      expect(gradient.dataSync()).not.toEqual(dropout(dy, 0.4, 10).dataSync());
    });
  });

  it('has second derivatives, being linear: those of the square', () => {
    tf.tidy(() => {
      const square = (x: tf.Tensor) => tf.sum(tf.square(dropout(x, 0.5, 4)));
      const second = tf.grad((x) => tf.sum(tf.grad(square)(x)))(tf.ones([50]));
      const mask = [...dropoutMask(50, 0.5, 4)];
      expect([...second.dataSync()]).toEqual(mask.map((value) => 2 * value * value));
    });
  });

  it('takes whole numbers, also where a cast keeps the old array', () => {
    tf.tidy(() => {
      const whole = tf.range(1, 20, 1, 'int32');
      const expected = dropoutComposed(tf.range(1, 20), 0.5, 6).dataSync();
      expect(dropout(whole, 0.5, 6).dataSync()).toEqual(expected);
      expect(dropout(tf.cast(whole, 'float32'), 0.5, 6).dataSync()).toEqual(expected);
    });
  });
});
