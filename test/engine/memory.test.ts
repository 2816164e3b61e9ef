import { describe, expect, it } from 'vitest';
import { RecurrentError } from '../../src/foundation/errors.js';
import { KernelMemory } from '../../src/engine/memory.js';
import { generator } from '../kernels/kernels.js';

const PAGE = 65_536;

function memoryOf(initial: number, maximum: number): KernelMemory {
  return new KernelMemory(new WebAssembly.Memory({ initial, maximum }));
}

/** Throws unless the spans are aligned, within the memory, past the constants and apart. */
function expectApart(memory: KernelMemory, spans: Map<number, number>): void {
  let end = PAGE;
  for (const [start, size] of [...spans].sort(([a], [b]) => a - b)) {
    if (start % 128 !== 0) expect.fail(`${start} is not a multiple of 128`);
    if (start < end) expect.fail(`${start} lies before ${end}, the end of what is below it`);
    end = start + size + 16; // kernels may write one vector past an end
  }
  expect(end).toBeLessThanOrEqual(memory.memory.buffer.byteLength);
}

describe('KernelMemory', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'hands out spans that never overlap, whatever is taken and given back (seed %i)',
    (seed) => {
      const random = generator(seed);
      const memory = memoryOf(4, 2048);
      const taken = new Map<number, number>();
      for (let step = 0; step < 3000; step++) {
        const releases = taken.size > 0 && random() < (step % 1000 < 500 ? 0.4 : 0.55);
        if (releases) {
          const start = [...taken.keys()][Math.floor(random() * taken.size)]!;
          memory.release(start);
          taken.delete(start);
        } else {
          const bytes = Math.floor(10 ** (5 * random()));
          const start = memory.allocate(bytes);
          expect(taken.has(start)).toBe(false);
          taken.set(start, bytes);
        }
        if (step % 50 === 0) expectApart(memory, taken);
      }
      expectApart(memory, taken);
      const asked = [...taken.values()].reduce((sum, size) => sum + size, 0);
      expect(memory.allocatedBytes).toBeGreaterThanOrEqual(asked);
      expect(memory.allocatedBytes).toBeLessThanOrEqual(asked + taken.size * (16 + 128));
      for (const start of taken.keys()) memory.release(start);
      expect(memory.allocatedBytes).toBe(0);
      // All neighbours were joined: one span takes everything without growth.
      const { byteLength } = memory.memory.buffer;
      expect(memory.allocate(byteLength - PAGE - 16)).toBe(PAGE);
      expect(memory.memory.buffer.byteLength).toBe(byteLength);
    },
  );

  it.each([
    ['first, second, third', [0, 1, 2]],
    ['third, second, first', [2, 1, 0]],
    ['first, third, second', [0, 2, 1]],
    ['second, third, first', [1, 2, 0]],
  ])('joins neighbours again, given back in the order %s', (_, order) => {
    const memory = memoryOf(2, 2);
    const starts = [1000, 2000, 3000].map((bytes) => memory.allocate(bytes));
    for (const i of order) memory.release(starts[i]!);
    expect(memory.allocate(PAGE - 16)).toBe(PAGE);
  });

  it('shows all words, those that it has grown by as well', () => {
    const memory = memoryOf(2, 512);
    memory.words[100] = 7;
    const start = memory.allocate(4 * PAGE);
    memory.words[start / 4] = 8;
    expect([...memory.integers(400, 1), ...memory.integers(start, 1)]).toEqual([7, 8]);
    expect(memory.words).toHaveLength(memory.memory.buffer.byteLength / 4);
  });

  it('reuses the lowest span that fits', () => {
    const memory = memoryOf(4, 4);
    const [first, , third] = [5000, 100, 500, 100].map((bytes) => memory.allocate(bytes));
    memory.release(first!);
    memory.release(third!);
    expect(memory.allocate(500)).toBe(first);
    expect(memory.allocate(4800)).toBeGreaterThan(third!);
  });

  it('ignores an address that it did not hand out, or that was given back', () => {
    const memory = memoryOf(2, 2);
    const start = memory.allocate(100);
    memory.release(start + 128);
    memory.release(start);
    memory.release(start);
    expect(memory.allocatedBytes).toBe(0);
    expect([memory.allocate(100), memory.allocate(100)]).toEqual([start, start + 128]);
  });

  it('grows, keeps what is there, and joins the new pages to the free ones before them', () => {
    const memory = memoryOf(2, 1024);
    const first = memory.allocate(1000);
    memory.floats(first, 250).fill(7);
    const second = memory.allocate(30 * PAGE);
    expect(second).toBe(first + 1024);
    memory.floats(second, (30 * PAGE) / 4).fill(1);
    expect(new Set(memory.floats(first, 250))).toEqual(new Set([7]));
  });

  it('grows when all is taken up to the last byte', () => {
    const memory = memoryOf(2, 1024);
    expect(memory.allocate(PAGE - 16)).toBe(PAGE);
    expect(memory.allocate(10)).toBe(2 * PAGE);
  });

  it('uses the last pages before the maximum', () => {
    const memory = memoryOf(2, 10);
    expect(memory.allocate(9 * PAGE - 16)).toBe(PAGE);
    expect(() => memory.allocate(1)).toThrow('kernels: out of memory');
  });

  it.each([300 * PAGE, 2 ** 33, Number.MAX_SAFE_INTEGER])(
    'says that it is out of memory when asked for %d bytes, and goes on',
    (bytes) => {
      const memory = memoryOf(2, 200);
      expect(() => memory.allocate(bytes)).toThrow(RecurrentError);
      expect(() => memory.allocate(bytes)).toThrow(
        /^kernels: out of memory, \d+ bytes more were asked for and 131072 are in use\. Use smaller batches or shorter sequences\.\n/,
      );
      expect(memory.allocatedBytes).toBe(0);
      expect(memory.allocate(1000)).toBe(PAGE);
    },
  );

  it('reaches addresses that are negative as signed 32-bit integers', () => {
    // Reserved, not used: only the first page of each span is touched.
    const memory = memoryOf(256, 65_536);
    memory.allocate(2 ** 31);
    const high = memory.allocate(4096);
    expect(high).toBeGreaterThan(2 ** 31);
    memory.floats(high, 1024).fill(3);
    expect(memory.integers(high, 1)[0]).toBe(0x40400000);
    memory.release(high);
    expect(memory.allocate(4096)).toBe(high);
  });
});
