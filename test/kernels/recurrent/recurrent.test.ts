import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import type { Cell } from '../../../src/kernels/recurrent/cell.js';
import { hasRecurrentKernel } from '../../../src/kernels/recurrent/cell-kernels.js';
import { SIMPLE_RNN } from '../../../src/kernels/recurrent/cells/simple-rnn.js';
import type { RecurrentInputs } from '../../../src/kernels/recurrent/inputs.js';
import { recurrent } from '../../../src/kernels/recurrent/recurrent.js';
import { BACKENDS, expectClose, inTidy, useBackend } from '../kernels.js';
import {
  activationsOf,
  boundedSettings,
  CELLS,
  drawCase,
  drawInputs,
  EACH_CELL,
  outputsOf,
  type RecurrentCase,
  run,
  title,
} from './cases.js';
import { twinOf } from './twins.js';

const ALL_KEPT = { dropout: 0, recurrentDropout: 0 };
const BATCHES = [1, 3, 4, 5, 7, 101];
const TIMES = [1, 2, 17];
const INPUTS = [1, 2, 3, 5, 8, 33];
const UNITS = [1, 2, 3, 4, 7, 9, 32, 33];

/** Every pair of inputs and units, and every pair of batch and time, each with other settings. */
const casesOf = (cell: Cell): RecurrentCase[] => [
  ...INPUTS.flatMap((inputs, i) =>
    UNITS.map((units, j) =>
      drawCase([BATCHES[(i + j) % 5]!, TIMES[(i + 2 * j) % 3]!, inputs, units], 8 * i + j, cell),
    ),
  ),
  ...BATCHES.flatMap((batch, i) =>
    TIMES.map((time, j) =>
      drawCase([batch, time, INPUTS[i]!, UNITS[i + j]!], 100 + 3 * i + j, cell),
    ),
  ),
];

const CASES = new Map(CELLS.map((cell) => [cell, casesOf(cell)]));

describe('the cases', () => {
  it.each(EACH_CELL)(
    'of %s meet every size, mask, setting and way back of the gradient',
    (_, cell) => {
      const cases = CASES.get(cell)!;
      const seen = (key: keyof RecurrentCase) =>
        new Set(cases.map((golden) => String(golden[key])));
      expect(seen('batch').size).toBe(BATCHES.length);
      expect(seen('time').size).toBe(TIMES.length);
      expect(seen('inputs').size).toBe(INPUTS.length);
      expect(seen('units').size).toBe(UNITS.length);
      expect(seen('mask').size).toBe(5);
      expect(seen('loss').size).toBe(cell.states === 2 ? 4 : 3);
      expect(seen('setting').size).toBe(activationsOf(cell).length);
      expect(seen('dropout').size).toBe(3);
      expect(seen('recurrentDropout').size).toBe(3);
      for (const flag of ['bias', 'initialStates', 'goBackwards'] as const) {
        expect(seen(flag).size, flag).toBe(2);
      }
    },
  );
});

/** The weights of a cell, by name. */
const weightsOf = (cell: Cell) => {
  const has = { kernel: true, recurrentKernel: hasRecurrentKernel(cell), bias: true };
  const all = { ...has, vectors: cell.vectors > 0 };
  return (Object.keys(all) as (keyof typeof all)[]).filter((name) => all[name]);
};

const KERNELS = BACKENDS.flatMap((backend) =>
  EACH_CELL.map(([name, cell]) => [name, backend, cell] as const),
);

describe.each(KERNELS)('the fused %s on %s', (_name, backend, cell) => {
  beforeAll(() => useBackend(backend));
  const tensorsBefore: number[] = [];
  beforeEach(() => tensorsBefore.push(tf.memory().numTensors));
  afterEach(() => expect(tf.memory().numTensors, 'tensors').toBe(tensorsBefore.pop()));

  describe('is its twin within 2e-6 of the largest value, outputs and gradients', () => {
    it.each(CASES.get(cell)!.map((golden) => [title(golden), golden] as const))(
      '%s',
      async (_, golden) => {
        const twin = await twinOf(`recurrent ${title(golden)}`, () =>
          inTidy(() => run('composed', golden, drawInputs(golden))),
        );
        const fused = inTidy(() => run('fused', golden, drawInputs(golden)));
        expectSame(fused, twin, 2e-6);
      },
    );
  });

  describe('stays finite and its twin within 5e-5 where gates saturate', () => {
    const plain = {
      ...drawCase([5, 6, 3, 7], 1, cell),
      ...ALL_KEPT,
      mask: 'random',
      bias: true,
    } as const;
    const sizes = [50, 1e4, 0, 1e-40];
    it.each(
      sizes.flatMap((size) => boundedSettings(cell).map((setting) => [size, setting] as const)),
    )('weights up to ±%f, setting %i', (size, setting) => {
      const golden: RecurrentCase = { ...plain, setting, loss: outputsOf(cell) };
      const [fused, twin] = (['fused', 'composed'] as const).map((kind) =>
        inTidy(() => run(kind, golden, drawInputs(golden, size))),
      );
      for (const [name, values] of Object.entries(fused!)) {
        expect(values.every(Number.isFinite), `${name} is finite`).toBe(true);
      }
      expectSame(fused!, twin!, 5e-5);
    });
  });

  describe('hands NaN on', () => {
    const golden: RecurrentCase = {
      ...{ ...drawCase([5, 3, 2, 6], 1, cell), ...ALL_KEPT },
      ...{ mask: 'none', bias: true, goBackwards: false },
    };
    it.each(activationsOf(cell).map((_, i) => i))(
      'of one row to that row only, setting %i',
      (setting) => {
        const settings: RecurrentCase = { ...golden, setting, loss: ['h'] };
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
        const widths = { h: 6, ...(cell.states === 2 && { c: 6 }), sequence: 18 };
        // What is linear has a gradient that does not depend on h.
        const ofX = cell === SIMPLE_RNN && setting === 2 ? {} : { 'gradient of x': 6 };
        for (const [name, width] of Object.entries({ ...widths, ...ofX })) {
          const rows = (values: Float32Array) =>
            Array.from({ length: 5 }, (_, row) => [
              ...values.subarray(row * width, (row + 1) * width),
            ]);
          const [before, after] = [rows(healthy[name]!), rows(ill[name]!)];
          expect(after[2]!.every(Number.isNaN), `${name} of the row`).toBe(true);
          expect(after.toSpliced(2, 1), `${name} of other rows`).toEqual(before.toSpliced(2, 1));
        }
        expectSame(ill, outputs(Number.NaN, 'composed'), 1e-5);
      },
    );

    it.each(weightsOf(cell))('of the %s to everything', (name) => {
      const { h, c = [] } = inTidy(() => {
        const inputs = drawInputs(golden);
        const poisoned = tf.fill(inputs[name]!.shape, Number.NaN);
        return run('fused', { ...golden, loss: ['h'] }, { ...inputs, [name]: poisoned });
      });
      expect([...h!, ...c].every(Number.isNaN)).toBe(true);
    });
  });

  it.each(activationsOf(cell).map((_, i) => i))(
    'ends a gradient that vanishes over time in zeros, not in denormal numbers, setting %i',
    (setting) => {
      const drawn: RecurrentCase = { ...drawCase([2, 400, 3, 5], 1, cell), ...ALL_KEPT, setting };
      const golden: RecurrentCase = { ...drawn, mask: 'none', goBackwards: false };
      const inputs = () => drawInputs(golden, 0.1); // gates of about a half
      const { 'gradient of x': gradient } = inTidy(() =>
        run('fused', { ...golden, loss: ['h'] }, inputs()),
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
      const golden = { ...drawCase([7, 5, 3, 9], 2, cell), mask: 'random' } as const;
      const inputs = drawInputs(golden);
      const settings = {
        ...{ ...golden, returnSequences: true },
        dropout: { rate: 0.2, seed: 1 },
        recurrentDropout: { rate: 0.3, seed: 2 },
      };
      const predicted = recurrent(cell, inputs, settings).sequence!.dataSync();
      let recorded = new Float32Array();
      tf.grad((x) => {
        const { sequence } = recurrent(cell, { ...inputs, x: x as tf.Tensor3D }, settings);
        recorded = sequence!.dataSync<'float32'>().slice();
        return tf.sum(sequence!);
      })(inputs.x);
      expect([...recorded]).toEqual([...predicted]);
    });
  });

  it('reads whole numbers as floats, also where a cast keeps the old array', () => {
    tf.tidy(() => {
      const golden = drawCase([2, 3, 4, 5], 3, cell);
      const inputs: RecurrentInputs = { ...drawInputs(golden), mask: undefined };
      const whole = tf.tensor3d(
        Array.from({ length: 24 }, (_, i) => i % 3),
        [2, 3, 4],
        'int32',
      );
      const floats = tf.tensor3d(whole.dataSync(), [2, 3, 4], 'float32');
      const h = (x: tf.Tensor3D) => [
        ...recurrent(
          cell,
          { ...inputs, x },
          {
            ...{ goBackwards: golden.goBackwards, setting: golden.setting },
            returnSequences: false,
          },
        ).h.dataSync(),
      ];
      expect(h(whole)).toEqual(h(floats));
      expect(h(tf.cast(whole, 'float32'))).toEqual(h(floats));
    });
  });
});

it.each(KERNELS)('%s has no second derivative on %s, and says so', async (_, backend, cell) => {
  await useBackend(backend);
  tf.tidy(() => {
    const inputs = { ...drawInputs(drawCase([2, 3, 4, 5], 4, cell)), mask: undefined };
    const settings = { goBackwards: false, setting: 0, returnSequences: false };
    for (const name of ['x', ...weightsOf(cell)] as const) {
      if (!inputs[name]) continue;
      const first = tf.grad((input) =>
        tf.sum(recurrent(cell, { ...inputs, [name]: input }, settings).h),
      );
      // Also where another path would give a value without it.
      const second = tf.grad((input) => tf.add(tf.sum(first(input)), tf.sum(input)));
      expect(() => second(inputs[name]!), name).toThrow(
        `${cell.name}: the fused kernel has first derivatives only. ` +
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
