import { afterEach, describe, expect, it } from 'vitest';
import { KernelMemory } from '../../src/engine/memory.js';
import { type Clock, Patience, SLICE } from '../../src/engine/patience.js';
import { Threads } from '../../src/engine/threads.js';

const HOUR = 3_600_000;

/** Waits slice by slice, each of which `slice` describes, and says how many there were before the end. */
function slicesBefore(
  most: number,
  slice: (index: number) => { took: number; worked?: number; progress?: number },
): number {
  let [now, worked, progress] = [1e12, 0, 7];
  const tellsWork = slice(0).worked !== undefined;
  const clock: Clock = { now: () => now, worked: () => (tellsWork ? worked : undefined) };
  const patience = new Patience(progress, clock);
  for (let index = 0; index < most; index++) {
    const { took, worked: work = 0, progress: step = 0 } = slice(index);
    now += took;
    worked += work;
    progress += step;
    if (!patience.lasts(progress)) return index;
  }
  return most;
}

describe('patience', () => {
  it('ends after a minute in which nobody does anything', () => {
    expect(slicesBefore(1e6, () => ({ took: SLICE }))).toBe(60_000 / SLICE);
    expect(slicesBefore(1e6, () => ({ took: SLICE, worked: 0.05 }))).toBe(60_000 / SLICE);
  });

  it('takes no harm from hours in which the process stands still', () => {
    const stops = (index: number) => ({ took: index % 50 === 0 ? HOUR : SLICE });
    expect(slicesBefore(20 * 50, stops)).toBe(1000);
    expect(slicesBefore(1e6, stops)).toBe(60_000 / SLICE);
  });

  it('takes no harm from a clock that is set, forward or back', () => {
    expect(slicesBefore(1e6, (index) => ({ took: index === 3 ? -HOUR : SLICE }))).toBe(
      60_000 / SLICE + 1,
    );
    expect(slicesBefore(1e6, (index) => ({ took: index === 3 ? HOUR : SLICE }))).toBe(
      60_000 / SLICE,
    );
  });

  it('lasts while threads work, though slowly, but not for ever', () => {
    expect(slicesBefore(1e6, () => ({ took: SLICE, worked: SLICE / 20 }))).toBe(600_000 / SLICE);
  });

  it('begins anew whenever a thread has got on', () => {
    const slices = 60_000 / SLICE;
    const gotOn = (index: number) => ({ took: SLICE, progress: index === slices - 1 ? 1 : 0 });
    expect(slicesBefore(1e6, gotOn)).toBe(2 * slices);
    expect(slicesBefore(1e5, () => ({ took: SLICE, progress: 1 }))).toBe(1e5);
  });
});

// (func (export "hold") (param $job i32) stores 1 at $job, and loops until 4 bytes on there is no 0)
const HOLD = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // version 1
  ...[1, 5, 1, 0x60, 1, 0x7f, 0], // a type: i32 to nothing
  ...[2, 18, 1, 3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 3, 1, 0x80, 0x80, 4],
  ...[3, 2, 1, 0, 7, 8, 1, 4, 0x68, 0x6f, 0x6c, 0x64, 0, 0], // one function, exported
  ...[10, 24, 1, 22, 0, 0x20, 0, 0x41, 1, 0xfe, 0x17, 2, 0], // i32.atomic.store
  ...[3, 0x40, 0x20, 0, 0xfe, 0x10, 2, 4, 0x45, 0x0d, 0, 0x0b, 0x0b], // loop, i32.atomic.load
]);

const started: Threads[] = [];
afterEach(() => {
  for (const threads of started.splice(0)) threads.stop();
});

/**
 * Two threads, one of which has a job that is not done before somebody writes to `job[1]`. The
 * calling thread has done its own, and has only to wait.
 */
function withJobHeld(
  patience: (progress: number, job: Int32Array) => Pick<Patience, 'lasts'>,
): Threads {
  const memory = new KernelMemory(
    new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true }),
  );
  const address = memory.allocate(8);
  const job = memory.integers(address, 2).fill(0);
  const runHere = () => {
    while (Atomics.load(job, 0) === 0); // the other thread is to take the other job
  };
  const module = new WebAssembly.Module(HOLD);
  const threads = new Threads(...([2, module, memory, ['hold'], runHere] as const), (progress) =>
    patience(progress, job),
  );
  started.push(threads);
  threads.post('hold', [address, address]);
  return threads;
}

describe('the calling thread', () => {
  it('waits for a thread that was stopped for hours, twenty times', () => {
    let slices = 0;
    const threads = withJobHeld((progress, job) => {
      const now = () => {
        if (slices++ === 20) Atomics.store(job, 1, 1);
        return HOUR * slices;
      };
      return new Patience(progress, { now, worked: () => undefined });
    });
    threads.finish();
    expect(slices).toBeGreaterThan(20);
    expect(threads.busy).toBe(false);
  });

  it('tells, now and later, that a thread has died', () => {
    let slices = 0;
    const threads = withJobHeld(() => ({ lasts: () => slices++ < 3 }));
    const message =
      'kernels: a thread no longer answers, and what was being computed is lost. ' +
      'Call ready({ threads: 1 }) to go on with one, and load the weights again.';
    expect(() => threads.finish()).toThrow(message);
    expect(() => threads.finish()).toThrow(message);
    expect(slices).toBe(4);
  });
});
