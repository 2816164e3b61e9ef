import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/foundation/random.js';
import { logCountRatios } from '../../../src/models/wide/log-count-ratios.js';
import { logisticRegression } from '../../../src/models/wide/logistic-regression.js';
import type { SparseRows } from '../../../src/models/wide/n-gram-rows.js';

function sparse(dense: readonly (readonly number[])[]): SparseRows {
  const columns = dense.map((row) => row.flatMap((value, column) => (value ? [column] : [])));
  const starts = Int32Array.from({ length: dense.length + 1 }, (_, row) =>
    columns.slice(0, row).reduce((sum, each) => sum + each.length, 0),
  );
  return { columns: Int32Array.from(columns.flat()), starts, width: dense[0]!.length };
}

describe('log-count ratios', () => {
  test('are those of a paper-and-pencil example', () => {
    const rows = sparse([
      [1, 1, 0],
      [1, 0, 0],
      [0, 1, 1],
    ]);
    // Class: counts 2, 1, 0, with ones added 3, 2, 1 of 6. Others: 0, 1, 1, so 1, 2, 2 of 5.
    const ratios = logCountRatios(rows, Uint8Array.of(1, 1, 0));
    const expected = [(3 / 6) * (5 / 1), (2 / 6) * (5 / 2), (1 / 6) * (5 / 2)].map(Math.log);
    ratios.forEach((ratio, column) => {
      expect(ratio).toBeCloseTo(expected[column]!, 12);
    });
  });
});

describe('logistic regression', () => {
  test.each([0.05, 0.3, 10])('finds where the gradient of its loss is 0, cost %s', async (cost) => {
    const random = seededRandom(7);
    const dense = Array.from({ length: 60 }, () =>
      Array.from({ length: 12 }, () => (random() < 0.3 ? 1 : 0)),
    );
    const isOfClass = Uint8Array.from(dense, (row) => (row[0]! + random() > 0.8 ? 1 : 0));
    const values = Float64Array.from({ length: 12 }, () => random() * 4 - 2);
    const factors = Float64Array.from(dense, () => 0.5 + random());
    const settings = { values, factors, isOfClass, cost, seed: 1 };
    const { weights, bias } = await logisticRegression(sparse(dense), settings);

    const plain = weights.map((weight, column) => weight / values[column]!);
    const gradient = [...plain, bias]; // of the penalty
    dense.forEach((row, i) => {
      const y = isOfClass[i] ? 1 : -1;
      const x = [...row.map((value, column) => factors[i]! * value * values[column]!), 1];
      const z = x.reduce((sum, value, at) => sum + value * (at < 12 ? plain[at]! : bias), 0);
      const slope = (-y * cost) / (1 + Math.exp(y * z));
      x.forEach((value, at) => {
        gradient[at]! += slope * value;
      });
    });
    for (const slope of gradient) expect(Math.abs(slope)).toBeLessThan(0.02 * cost * 60);
  });

  test('repeats itself with the same seed, to the bit', async () => {
    const rows = sparse([
      [1, 0],
      [0, 1],
      [1, 1],
    ]);
    const factors = Float64Array.of(1, 1, 2);
    const isOfClass = Uint8Array.of(1, 0, 0);
    const settings = { values: Float64Array.of(1, -2), factors, isOfClass, cost: 1 };
    const runs = await Promise.all(
      [3, 3].map((seed) => logisticRegression(rows, { ...settings, seed })),
    );
    expect(runs[0]).toEqual(runs[1]);
  });
});
