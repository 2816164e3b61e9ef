import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import type { LstmInputs } from '../../../src/kernels/recurrent/lstm-inputs.js';
import { lstm } from '../../../src/kernels/recurrent/lstm.js';
import { BACKENDS, expectClose, inTidy, useBackend } from '../kernels.js';
import { drawCase, drawInputs, type LstmCase, run, title } from './lstm-cases.js';

const BATCHES = [1, 3, 4, 5, 7, 101];
const TIMES = [1, 2, 17];
const INPUTS = [1, 2, 3, 5, 8, 33];
const UNITS = [1, 2, 3, 4, 7, 9, 32, 33];

/** Every pair of inputs and units, and every pair of batch and time, each with other settings. */
const CASES: LstmCase[] = [
  ...INPUTS.flatMap((inputs, i) =>
    UNITS.map((units, j) =>
      drawCase([BATCHES[(i + j) % 5]!, TIMES[(i + 2 * j) % 3]!, inputs, units], 8 * i + j),
    ),
  ),
  ...BATCHES.flatMap((batch, i) =>
    TIMES.map((time, j) => drawCase([batch, time, INPUTS[i]!, UNITS[i + j]!], 100 + 3 * i + j)),
  ),
];

/** The twin runs on cpu, once a case. */
const twins = new Map<LstmCase, Record<string, Float32Array>>();

describe('the cases', () => {
  it('meet every size, mask, setting and way back of the gradient', () => {
    const seen = (key: keyof LstmCase) => new Set(CASES.map((golden) => String(golden[key])));
    expect(seen('batch').size).toBe(BATCHES.length);
    expect(seen('time').size).toBe(TIMES.length);
    expect(seen('inputs').size).toBe(INPUTS.length);
    expect(seen('units').size).toBe(UNITS.length);
    expect(seen('mask').size).toBe(5);
    expect(seen('loss').size).toBe(4);
    for (const flag of ['bias', 'hardSigmoid', 'initialStates', 'goBackwards'] as const) {
      expect(seen(flag).size, flag).toBe(2);
    }
  });
});

describe.each(BACKENDS)('the fused LSTM on %s', (backend) => {
  beforeAll(() => useBackend(backend));
  const tensorsBefore: number[] = [];
  beforeEach(() => tensorsBefore.push(tf.memory().numTensors));
  afterEach(() => expect(tf.memory().numTensors, 'tensors').toBe(tensorsBefore.pop()));

  describe('is its twin within 2e-6 of the largest value, outputs and gradients', () => {
    it.each(CASES.map((golden) => [title(golden), golden] as const))('%s', async (_, golden) => {
      if (!twins.has(golden)) {
        await useBackend('cpu');
        twins.set(
          golden,
          inTidy(() => run('composed', golden, drawInputs(golden))),
        );
        await useBackend(backend);
      }
      const fused = inTidy(() => run('fused', golden, drawInputs(golden)));
      expectSame(fused, twins.get(golden)!, 2e-6);
    });
  });

  describe('stays finite and its twin within 5e-5 where gates saturate', () => {
    const plain = { ...drawCase([5, 6, 3, 7], 1), mask: 'random', bias: true } as const;
    const sizes = [50, 1e4, 0, 1e-40];
    it.each(sizes.flatMap((size) => [true, false].map((hard) => [size, hard] as const)))(
      'weights up to ±%f, hardSigmoid: %s',
      (size, hardSigmoid) => {
        const golden: LstmCase = { ...plain, hardSigmoid, loss: ['sequence', 'h', 'c'] };
        const [fused, twin] = (['fused', 'composed'] as const).map((kind) =>
          inTidy(() => run(kind, golden, drawInputs(golden, size))),
        );
        for (const [name, values] of Object.entries(fused!)) {
          expect(values.every(Number.isFinite), `${name} is finite`).toBe(true);
        }
        expectSame(fused!, twin!, 5e-5);
      },
    );
  });

  describe('hands NaN on', () => {
    const golden: LstmCase = {
      ...drawCase([5, 3, 2, 6], 1),
      ...{ mask: 'none', bias: true, goBackwards: false },
    };
    it.each([true, false])('of one row to that row only, hardSigmoid: %s', (hardSigmoid) => {
      const settings: LstmCase = { ...golden, hardSigmoid, loss: ['h'] };
      const outputs = (poison: number, kind: 'fused' | 'composed' = 'fused') =>
        inTidy(() => {
          const inputs = drawInputs(golden);
          const values = inputs.x.dataSync().slice();
          values[golden.time * golden.inputs * 2 + 1] = poison; // row 2
          return run(kind, settings, {
            ...inputs,
            x: tf.tensor3d(values, inputs.x.shape),
          });
        });
      const [healthy, ill] = [outputs(0.5), outputs(Number.NaN)];
      for (const [name, width] of [
        ['h', 6],
        ['c', 6],
        ['sequence', 18],
        ['gradient of x', 6],
      ] as const) {
        const rows = (values: Float32Array) =>
          Array.from({ length: 5 }, (_, row) => [
            ...values.subarray(row * width, (row + 1) * width),
          ]);
        const [before, after] = [rows(healthy[name]!), rows(ill[name]!)];
        expect(after[2]!.every(Number.isNaN), `${name} of the row`).toBe(true);
        expect(after.toSpliced(2, 1), `${name} of other rows`).toEqual(before.toSpliced(2, 1));
      }
      expectSame(ill, outputs(Number.NaN, 'composed'), 1e-5);
    });

    it.each(['kernel', 'recurrentKernel', 'bias'] as const)('of the %s to everything', (name) => {
      const { h, c } = inTidy(() => {
        const inputs = drawInputs(golden);
        const poisoned = tf.fill(inputs[name]!.shape, Number.NaN);
        return run('fused', { ...golden, loss: ['h'] }, { ...inputs, [name]: poisoned });
      });
      expect([...h!, ...c!].every(Number.isNaN)).toBe(true);
    });
  });

  it.each([true, false])(
    'ends a gradient that vanishes over time in zeros, not in denormal numbers, hardSigmoid: %s',
    (hardSigmoid) => {
      const golden: LstmCase = { ...drawCase([2, 400, 3, 5], 1), mask: 'none', goBackwards: false };
      const inputs = () => drawInputs(golden, 0.1); // forget gates of about a half
      const { 'gradient of x': gradient } = inTidy(() =>
        run('fused', { ...golden, hardSigmoid, loss: ['h'] }, inputs()),
      );
      const sizes = gradient!.map(Math.abs);
      // Arithmetic on numbers below 2^-126 is some thirty times as slow.
      expect(sizes.filter((size) => size > 0 && size < 2 ** -126)).toHaveLength(0);
      expect(sizes.subarray(0, 3)).toEqual(new Float32Array(3));
      expect(Math.min(...sizes.subarray(399 * 3, 400 * 3))).toBeGreaterThan(1e-4);
    },
  );

  it('computes the same whether or not a gradient is recorded, to the bit', () => {
    tf.tidy(() => {
      const golden = { ...drawCase([7, 5, 3, 9], 2), mask: 'random' } as const;
      const inputs = drawInputs(golden);
      const settings = { ...golden, returnSequences: true };
      const predicted = lstm(inputs, settings).sequence!.dataSync();
      let recorded = new Float32Array();
      tf.grad((x) => {
        const { sequence } = lstm({ ...inputs, x: x as tf.Tensor3D }, settings);
        recorded = sequence!.dataSync<'float32'>().slice();
        return tf.sum(sequence!);
      })(inputs.x);
      expect([...recorded]).toEqual([...predicted]);
    });
  });

  it('reads whole numbers as floats, also where a cast keeps the old array', () => {
    tf.tidy(() => {
      const golden = drawCase([2, 3, 4, 5], 3);
      const inputs: LstmInputs = { ...drawInputs(golden), mask: undefined };
      const whole = tf.tensor3d(
        Array.from({ length: 24 }, (_, i) => i % 3),
        [2, 3, 4],
        'int32',
      );
      const floats = tf.tensor3d(whole.dataSync(), [2, 3, 4], 'float32');
      const h = (x: tf.Tensor3D) => [
        ...lstm({ ...inputs, x }, { ...golden, returnSequences: false }).h.dataSync(),
      ];
      expect(h(whole)).toEqual(h(floats));
      expect(h(tf.cast(whole, 'float32'))).toEqual(h(floats));
    });
  });
});

it.each(BACKENDS)('has no second derivative on %s, and says so', async (backend) => {
  await useBackend(backend);
  tf.tidy(() => {
    const inputs = { ...drawInputs(drawCase([2, 3, 4, 5], 4)), mask: undefined };
    const settings = { goBackwards: false, hardSigmoid: false, returnSequences: false };
    for (const name of ['x', 'kernel', 'recurrentKernel'] as const) {
      const first = tf.grad((input) => tf.sum(lstm({ ...inputs, [name]: input }, settings).h));
      // Also where another path would give a value without it.
      const second = tf.grad((input) => tf.add(tf.sum(first(input)), tf.sum(input)));
      expect(() => second(inputs[name]!), name).toThrow(
        'lstm: the fused kernel has first derivatives only. ' +
          "For second derivatives, build the layer with kernel: 'composed'.",
      );
    }
  });
});

function expectSame(
  fused: Record<string, Float32Array>,
  twin: Record<string, Float32Array>,
  tolerance: number,
): void {
  expect(Object.keys(fused)).toEqual(Object.keys(twin));
  for (const [name, values] of Object.entries(twin)) {
    expectClose(name, fused[name]!, values, tolerance);
  }
}
