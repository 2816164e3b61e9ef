import { describe, expect, it } from 'vitest';

/** What `toEqual` says with test/equal-numbers.ts, which all tests have. */
const areEqual = (a: unknown, b: unknown) => {
  try {
    expect(a).toEqual(b);
    return true;
  } catch {
    return false;
  }
};

const floats = (...values: number[]) => Float32Array.from(values);

describe('toEqual', () => {
  it.each([
    [floats(1, Number.NaN, -0), floats(1, Number.NaN, -0)],
    [
      [1, [2, 3], { a: floats(4) }],
      [1, [2, 3], { a: floats(4) }],
    ],
    [
      [1, undefined],
      [1, undefined],
    ],
    [[], []],
  ])('holds %#', (a, b) => expect(areEqual(a, b)).toBe(true));

  it.each([
    [floats(1, 2), floats(1, 3)],
    [floats(1, 2), floats(1, 2, 3)],
    [floats(0), floats(-0)],
    [floats(1), [1]],
    [floats(1), Float64Array.of(1)],
    [
      [1, [2, 3]],
      [1, [2, 4]],
    ],
    [
      [1, 2],
      [1, '2'],
    ],
    [new Uint8Array(2), new Uint8ClampedArray(2)],
  ])('does not hold %#', (a, b) => expect(areEqual(a, b)).toBe(false));

  it('is decided at once for a million numbers', () => {
    const many = Float32Array.from({ length: 1_000_000 }, (_, i) => i);
    // By vitest alone it would take longer than a test may.
    expect(many.slice()).toEqual(many);
    expect([...many]).toEqual([...many]);
  });
});
