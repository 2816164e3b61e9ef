/** Reads what real Keras answered, and turns its names into ours. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { tf } from '../../src/foundation/tensorflow.js';

/** What Keras raised. */
export interface KerasException {
  exception: { type: string; message: string };
}

/** A NumPy array as the generator writes it. */
export interface KerasArray {
  shape: number[];
  dtype: string;
  data: unknown;
}

export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8'));
}

/** Keyword arguments of Keras under our names; Python's `None` is left out. */
export function camelCase(kwargs: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(kwargs)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [
        name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
        value,
      ]),
  );
}

/** Expects a tensor of this shape and these numbers, as its type holds them, and disposes it. */
export function expectTensor(tensor: tf.Tensor, shape: number[], flat: ArrayLike<number>): void {
  expect(tensor.shape).toEqual(shape);
  const expected = tensor.dtype === 'int32' ? Array.from(flat) : Array.from(flat, Math.fround);
  expect(Array.from(tensor.dataSync())).toEqual(expected);
  tensor.dispose();
}

/** The numbers of a nested list in their order. */
export function flat(data: unknown): number[] {
  return (Array.isArray(data) ? data.flat(Number.POSITIVE_INFINITY) : [data]).map(Number);
}

/**
 * Cases where we throw although Keras answers, or answer although Keras raises. Each is a line of
 * COMPATIBILITY.md, which names the case; a test holds the two together.
 */
export class Deviations {
  private readonly messages: Readonly<Record<string, RegExp>>;
  private readonly unused: Set<string>;
  private readonly described = readFileSync(
    new URL('../../COMPATIBILITY.md', import.meta.url),
    'utf8',
  );

  constructor(messages: Readonly<Record<string, RegExp>>) {
    this.messages = messages;
    this.unused = new Set(Object.keys(messages));
  }

  /** The message that we throw with in a case, if it is one of ours. */
  of(name: string): RegExp | undefined {
    this.unused.delete(name);
    return this.messages[name];
  }

  /** Expects that every deviation was met, and that COMPATIBILITY.md tells of it. */
  expectAllDescribed(): void {
    expect([...this.unused]).toEqual([]);
    for (const name of Object.keys(this.messages)) this.expectDescribed(name);
  }

  expectDescribed(name: string): void {
    expect(this.described).toContain(`\`${name}\``);
  }
}
