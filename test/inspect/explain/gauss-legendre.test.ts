import { describe, expect, it } from 'vitest';
import { gaussLegendre } from '../../../src/inspect/explain/gauss-legendre.js';

const integral = (count: number, of: (x: number) => number) =>
  gaussLegendre(count).reduce((sum, { at, weight }) => sum + weight * of(at), 0);

describe('the rule of Gauss and Legendre', () => {
  it('has the points and weights of the tables', () => {
    expect(gaussLegendre(1)).toEqual([{ at: 0.5, weight: 1 }]);
    const [low, middle, high] = gaussLegendre(3);
    expect(low!.at).toBeCloseTo((1 - Math.sqrt(3 / 5)) / 2, 14);
    expect(middle!.at).toBeCloseTo(0.5, 14);
    expect(high!.at).toBeCloseTo((1 + Math.sqrt(3 / 5)) / 2, 14);
    expect([low, middle, high].map((point) => point!.weight)).toEqual([
      expect.closeTo(5 / 18, 14),
      expect.closeTo(8 / 18, 14),
      expect.closeTo(5 / 18, 14),
    ]);
  });

  it.each([1, 2, 5, 32, 200])('is exact for polynomials, with %i points', (count) => {
    for (const degree of [0, 1, 2 * count - 1]) {
      expect(integral(count, (x) => x ** degree)).toBeCloseTo(1 / (degree + 1), 13);
    }
  });

  it('comes close with few points where functions are smooth', () => {
    const steep = (x: number) => 8 / Math.cosh(8 * (x - 0.4)) ** 2;
    const exact = Math.tanh(3.2) + Math.tanh(4.8);
    expect(Math.abs(integral(32, steep) - exact)).toBeLessThan(1e-8);
  });
});
