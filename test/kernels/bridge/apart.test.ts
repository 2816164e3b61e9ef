import { expect, test } from 'vitest';
import { apart } from '../../../src/kernels/bridge/apart.js';
import { runtime } from '../../../src/engine/runtime.js';

/** What was asked for, as a kernel's scratch memory would be. */
function workplace() {
  const loaded = runtime()!;
  const taken: number[] = [];
  const place = {
    runtime: loaded,
    scratch(bytes: number): number {
      const address = loaded.memory.allocate(bytes);
      taken.push(address);
      return address;
    },
  };
  const release = () => {
    for (const address of taken) loaded.memory.release(address);
  };
  return { place, release };
}

test('shards write nowhere near each other', () => {
  const { place, release } = workplace();
  const sizes = { h: 3456, c: 3072, z: 13_056, from: 96, lanes: 288 };
  const shards = Array.from({ length: 3 }, () => apart(place, { ...sizes }));
  const spans = shards.map((addresses) => {
    const names = Object.keys(sizes) as (keyof typeof sizes)[];
    const inOrder = names.map((name) => ({ start: addresses[name], bytes: sizes[name] }));
    for (const [i, { start, bytes }] of inOrder.entries()) {
      expect(start % 128).toBe(0);
      const next = inOrder[i + 1];
      // A kernel may write one vector past an end.
      if (next) expect(next.start).toBeGreaterThanOrEqual(start + bytes + 16);
    }
    const last = inOrder.at(-1)!;
    return { start: inOrder[0]!.start, end: last.start + last.bytes };
  });
  spans.sort((a, b) => a.start - b.start);
  for (const [i, { end }] of spans.slice(0, -1).entries()) {
    expect(spans[i + 1]!.start - end).toBeGreaterThanOrEqual(32_768);
  }
  release();
});
