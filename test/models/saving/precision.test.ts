import { describe, expect, test } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import '@tensorflow/tfjs-backend-cpu';
import { type Precision, toHalf, writeWeight } from '../../../src/models/saving/precision.js';

const written = (values: readonly number[], precision: Precision) =>
  writeWeight(
    'test',
    { name: 'w', shape: [values.length], dtype: 'float32' },
    Float32Array.from(values),
    precision,
  );

/** What TensorFlow.js reads from it. */
async function read(values: readonly number[], precision: Precision): Promise<number[]> {
  const { spec, bytes } = written(values, precision);
  const { w } = tf.io.decodeWeights(bytes.slice().buffer, [spec]);
  return [...(await w!.data())];
}

describe('numbers of 16 bits', () => {
  test('all of them come back from TensorFlow.js as the same bits', async () => {
    const spec: tf.io.WeightsManifestEntry = {
      ...{ name: 'w', shape: [65536], dtype: 'float32' },
      quantization: { dtype: 'float16' },
    };
    const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
    const { w } = tf.io.decodeWeights(all.buffer, [spec]);
    (await w!.data()).forEach((value, bits) => {
      if (Number.isFinite(value)) expect(toHalf(value)).toBe(bits);
    });
  });

  test('are the nearest, of two equally near the even one, and never infinite', () => {
    const one = 0x3c00;
    expect([1, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -10].map(toHalf)).toEqual([
      ...[one, one, one + 2, one + 1],
    ]);
    expect([2 ** -25, 2 ** -24, 1.5 * 2 ** -24].map(toHalf)).toEqual([0, 1, 2]);
    expect([1e9, -1e9].map(toHalf)).toEqual([0x7bff, 0xfbff]);
  });
});

describe('numbers of 8 bits', () => {
  test('are off by half a step at most, a step being the 255th part of their range', async () => {
    const values = Array.from({ length: 999 }, (_, i) => Math.sin(i) * 3);
    const step = (Math.max(...values) - Math.min(...values)) / 255;
    (await read(values, 'int8')).forEach((value, i) => {
      expect(Math.abs(value - values[i]!)).toBeLessThan(step / 2 + 1e-6);
    });
    expect(await read([2, 2], 'int8')).toEqual([2, 2]);
    expect(written(values, 'int8').bytes).toHaveLength(999);
    expect(written(values, 'float16').bytes).toHaveLength(2 * 999);
  });

  test('cannot say what is not finite', () => {
    expect(() => written([1, Number.NaN], 'int8')).toThrow(
      'test: every weight must be finite, but w has NaN. Training went wrong: train again, with a smaller learningRate.',
    );
  });
});
