import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { beforeEach, describe, expect, it } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { dropout } from '../../../src/kernels/dropout/dropout.js';
import { embedding } from '../../../src/kernels/embedding/embedding.js';
import { gatheredFrom } from '../../../src/kernels/embedding/gathered.js';
import { deferredOf } from '../../../src/kernels/bridge/tensors.js';
import type { Cell } from '../../../src/kernels/recurrent/cell.js';
import { LSTM } from '../../../src/kernels/recurrent/cells/lstm.js';
import type { RecurrentSettings } from '../../../src/kernels/recurrent/inputs.js';
import { recurrent } from '../../../src/kernels/recurrent/recurrent.js';
import { ready } from '../../../src/kernels/bridge/ready.js';
import { BACKENDS, bytesInUse, kernels } from '../kernels.js';
import { activationsOf, biasShape, EACH_CELL } from './cases.js';

const SETTINGS: RecurrentSettings = { goBackwards: false, setting: 0, returnSequences: false };

interface Weights {
  table: tf.Tensor2D;
  kernel: tf.Tensor2D;
  recurrentKernel: tf.Tensor2D;
  bias: tf.Tensor;
}

function randomWeights(
  vocabulary: number,
  width: number,
  units: number,
  cell: Cell = LSTM,
): Weights {
  const columns = cell.blocks * units;
  return {
    table: tf.randomNormal([vocabulary, width]),
    kernel: tf.randomNormal([width, columns]),
    recurrentKernel: tf.randomNormal([units, columns], 0, 1 / Math.sqrt(units)),
    bias: tf.randomNormal(biasShape(cell, units)),
  };
}

/** Indices with `padding[row]` leading zeros and no other zero. */
function padded(padding: number[], time: number, vocabulary: number): tf.Tensor2D {
  const rows = padding.map((zeros) =>
    Array.from({ length: time }, (_, t) =>
      t < zeros ? 0 : 1 + ((7 * t + 3 * zeros) % (vocabulary - 1)),
    ),
  );
  return tf.tensor2d(rows, [padding.length, time], 'int32');
}

/** Every number of leading zeros, in no order. */
const mixed = (rows: number, time: number) =>
  Array.from({ length: rows }, (_, row) => (row * 5 + Math.floor(row / 7)) % (time + 1));

/** Outputs by the words, and from the same vectors without knowing the words. */
function bothWays(
  indices: tf.Tensor2D,
  weights: Weights,
  settings: RecurrentSettings,
  cell: Cell = LSTM,
  mask?: tf.Tensor2D,
) {
  const { table, ...weightsOfCell } = weights;
  const others = { ...weightsOfCell, ...(mask && { mask }) };
  const x = embedding(indices, table) as tf.Tensor3D;
  expect(gatheredFrom({ deferredOf }, x)?.count).toBe(indices.size);
  const byWords = recurrent(cell, { x, ...others }, settings);
  const anonymous = tf.tensor3d(x.dataSync().slice(), x.shape);
  expect(gatheredFrom({ deferredOf }, anonymous)).toBeNull();
  const plain = recurrent(cell, { x: anonymous, ...others }, settings);
  return { byWords, plain };
}

describe.each(BACKENDS)('a layer behind an embedding, without a gradient, on %s', (backend) => {
  beforeEach(async () => {
    await tf.setBackend(backend);
    await ready({ threads: 2 });
  });

  it.each([
    { vocabulary: 11, width: 3, units: 5, padding: [0, 4, 9, 2, 7, 9, 1], time: 9 },
    { vocabulary: 20, width: 8, units: 8, padding: [3], time: 5 },
    { vocabulary: 6, width: 1, units: 1, padding: [0, 0, 0], time: 1 },
    { vocabulary: 40, width: 33, units: 33, padding: Array(17).fill(6), time: 6 },
    // More rows than two threads have under way at once, with few recurrent weights and with many.
    { vocabulary: 30, width: 4, units: 8, padding: mixed(101, 12), time: 12 },
    { vocabulary: 30, width: 4, units: 41, padding: mixed(213, 7), time: 7 },
  ])('equals the plain path to the bit: $padding of $time steps are padding', (sizes) => {
    const { vocabulary, width, units, padding, time } = sizes;
    const indices = padded(padding, time, vocabulary);
    for (const [, cell] of EACH_CELL) {
      const weights = randomWeights(vocabulary, width, units, cell);
      for (const goBackwards of [false, true]) {
        for (const setting of activationsOf(cell).keys()) {
          for (const returnSequences of [false, true]) {
            const settings = { goBackwards, setting, returnSequences };
            // Twice: the second time, a large vocabulary is folded too.
            for (let time = 0; time < 2; time++) {
              const { byWords, plain } = bothWays(indices, weights, settings, cell);
              expect(byWords.h.dataSync()).toEqual(plain.h.dataSync());
              expect(byWords.c?.dataSync()).toEqual(plain.c?.dataSync());
              expect(byWords.sequence?.dataSync()).toEqual(plain.sequence?.dataSync());
            }
          }
        }
      }
    }
  });

  it.each([
    { padding: [0, 4, 9, 2, 7, 9, 1], time: 9 },
    { padding: mixed(53, 6), time: 6 },
    { padding: [0], time: 1 },
  ])('leaves out masked steps, to the bit: $padding of $time steps', ({ padding, time }) => {
    const indices = padded(padding, time, 11);
    const values = indices.arraySync();
    const masks = {
      'in front': values.map((row) => row.map((index) => index > 0)),
      anywhere: values.map((row, i) => row.map((_, t) => (5 * i + 3 * t) % 4 > 0)),
      'every step of some rows': values.map((row, i) => row.map(() => i % 2 > 0)),
    };
    for (const [, cell] of EACH_CELL) {
      const weights = randomWeights(11, 5, 7, cell);
      for (const rows of Object.values(masks)) {
        const mask = tf.tensor2d(rows, [padding.length, time], 'bool');
        for (const goBackwards of [false, true]) {
          for (const returnSequences of [false, true]) {
            const settings = { ...SETTINGS, goBackwards, returnSequences };
            for (let twice = 0; twice < 2; twice++) {
              const { byWords, plain } = bothWays(indices, weights, settings, cell, mask);
              expect(byWords.h.dataSync()).toEqual(plain.h.dataSync());
              expect(byWords.c?.dataSync()).toEqual(plain.c?.dataSync());
              expect(byWords.sequence?.dataSync()).toEqual(plain.sequence?.dataSync());
            }
          }
        }
      }
    }
  });

  it('runs a masked layer by its words', () => {
    const indices = padded([0, 2, 5], 6, 4);
    const mask = tf.notEqual(indices, 0) as tf.Tensor2D;
    const weights = randomWeights(4, 5, 7);
    const { table, ...others } = weights;
    const x = embedding(indices, table) as tf.Tensor3D;
    recurrent(LSTM, { x, ...others, mask }, SETTINGS);
    expect(gatheredFrom({ deferredOf }, x)?.count).toBe(indices.size); // whose vectors nobody has written
    recurrent(LSTM, { x, ...others, mask }, { ...SETTINGS, returnSequences: true });
    expect(gatheredFrom({ deferredOf }, x)).toBeNull();
  });

  it.each([
    ['small', 0.01],
    ['so large that gates are at their limits', 30],
    ['too large for exponents', 1e4],
    ['not even numbers', Number.NaN],
  ])('equals the plain path to the bit, with weights %s', (_, factor) => {
    const random = randomWeights(12, 4, 8);
    const kernel: tf.Tensor2D = tf.mul(random.kernel, factor);
    const recurrentKernel: tf.Tensor2D = tf.mul(random.recurrentKernel, factor);
    const indices = padded([0, 5, 2, 7, 1], 8, 12);
    for (const setting of [0, 1]) {
      const settings = { ...SETTINGS, setting };
      const { byWords, plain } = bothWays(
        indices,
        { ...random, kernel, recurrentKernel },
        settings,
      );
      expect(byWords.h.dataSync()).toEqual(plain.h.dataSync());
      expect(byWords.c?.dataSync()).toEqual(plain.c?.dataSync());
    }
  });

  it('knows from the weights whether a gate can need clamping', () => {
    const [vocabulary, units] = [3, 4];
    const { exports, memory } = kernels();
    const folded = memory.allocate(vocabulary * 16 * units);
    const panels = memory.allocate(16 * units * (4 + units));
    const largest = memory.allocate(16 * units);
    const boundedWith = (sum: number, weight: number) => {
      memory.floats(folded, vocabulary * 4 * units).fill(0)[37] = sum;
      memory.floats(panels, 4 * units * (4 + units)).fill(weight);
      return exports.recurrentBounded(vocabulary, 4 * units, 4, 4 + units, folded, panels, largest);
    };
    expect(boundedWith(-54, -1)).toBe(1);
    expect(boundedWith(-56, -1)).toBe(0);
    expect(boundedWith(54, 1.5)).toBe(0);
    expect(boundedWith(Number.NaN, 1)).toBe(0);
    expect(boundedWith(0, Number.NaN)).toBe(0);
    for (const address of [folded, panels, largest]) memory.release(address);
  });

  it('follows the weights the moment they change', () => {
    const weights = randomWeights(10, 4, 4);
    const indices = padded([0, 3, 5, 1], 6, 10);
    const variables = {
      table: tf.variable(weights.table) as unknown as tf.Tensor2D,
      kernel: tf.variable(weights.kernel) as unknown as tf.Tensor2D,
      recurrentKernel: tf.variable(weights.recurrentKernel) as unknown as tf.Tensor2D,
      bias: tf.variable(weights.bias) as unknown as tf.Tensor,
    };
    const before = bothWays(indices, variables, SETTINGS).byWords.h.dataSync();
    for (const name of ['table', 'kernel', 'recurrentKernel', 'bias'] as const) {
      const variable = variables[name] as unknown as tf.Variable;
      variable.assign(tf.mul(variable, 1.5));
      const { byWords, plain } = bothWays(indices, variables, SETTINGS);
      expect(byWords.h.dataSync()).toEqual(plain.h.dataSync());
      expect(byWords.h.dataSync()).not.toEqual(before);
    }
  });

  it('knows the words until somebody reads the vectors', () => {
    const { table } = randomWeights(5, 2, 2);
    const rows = embedding(padded([1], 3, 5), table);
    expect(gatheredFrom({ deferredOf }, rows)?.table.dataId).toBe(table.dataId);
    const values = table.arraySync();
    expect(rows.arraySync()).toEqual([[values[0], values[3], values[2]]]);
    expect(gatheredFrom({ deferredOf }, rows)).toBeNull();
  });

  it.each(['of TensorFlow.js', 'a kernel of ours'])(
    'reads the vectors of the table as it was, written by %s',
    (by) => {
      const before = bytesInUse();
      tf.tidy(() => {
        const { table } = randomWeights(5, 2, 2);
        const indices = padded([1], 3, 5);
        const variable = tf.variable(table);
        if (by === 'a kernel of ours') variable.assign(dropout(table, 1e-9, 1));
        const expected = embedding(indices, variable as unknown as tf.Tensor2D).dataSync();
        const rows = embedding(indices, variable as unknown as tf.Tensor2D);
        variable.assign(tf.zeros([5, 2]));
        tf.tidy(() => dropout(tf.zeros([1]), 0.5, 1)); // releases what is gone
        expect(rows.dataSync()).toEqual(expected);
        variable.dispose();
      });
      expect(bytesInUse()).toBe(before);
    },
  );

  it('reads the vectors where the table is gone', () => {
    const weights = randomWeights(8, 3, 4);
    const { table, ...others } = weights;
    const x = embedding(padded([0, 2], 4, 8), table) as tf.Tensor3D;
    const expected = recurrent(LSTM, { x, ...others }, SETTINGS)
      .h.dataSync()
      .slice();
    table.dispose();
    expect(recurrent(LSTM, { x, ...others }, SETTINGS).h.dataSync()).toEqual(expected);
  });
});
