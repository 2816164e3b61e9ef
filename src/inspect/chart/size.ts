import { reject } from '../../foundation/errors.js';

/** Requires a width or a height that a chart fits in. */
export function requireSize(where: string, name: string, size: unknown, smallest: number): void {
  if (Number.isFinite(size) && (size as number) >= smallest) return;
  reject({
    where,
    expected: `${name} must be a number of pixels, at least ${smallest}`,
    received: size,
  });
}
