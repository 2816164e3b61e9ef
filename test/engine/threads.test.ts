import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { BINARY } from '../../src/engine/binaries/simd.js';
import { floatBits, JobFields, writeJob } from '../../src/kernels/bridge/jobs.js';
import type { KernelExports } from '../../src/engine/machine.js';
import { Runtime } from '../../src/engine/runtime.js';
import { generator } from '../kernels/kernels.js';

// As in src/kernels/embedding/gathered.ts: out[i] = table[indices[i]], of rows of one value here.
const GATHER = new JobFields(['first', 'count', 'width', 'indices', 'table', 'out']);
const COUNT = 12_000;
const JOBS = 12;
const OUTSIDE = 0x7fff_0000; // an address beyond the memory

const started: Runtime[] = [];
afterEach(() => {
  for (const runtime of started.splice(0)) runtime.setThreads(1);
});

/** A runtime of its own, with memory that does not grow, whose threads are there. */
async function runtimeOf(threads: number): Promise<Runtime> {
  const memory = new WebAssembly.Memory({ initial: 1024, maximum: 1024, shared: true });
  const runtime = new Runtime(Buffer.from(BINARY, 'base64'), memory, 'simd');
  runtime.setThreads(threads);
  started.push(runtime);
  const { jobs, out } = gathering(runtime, numbers, tableIn(runtime));
  const last = runtime.memory.floats(out + 4 * (COUNT - 1), 1).fill(-1);
  runtime.leave('embeddingGather', jobs);
  for (let i = 0; threads > 1 && last[0] === -1; i++) {
    expect(i, 'rounds in which no other thread has done anything').toBeLessThan(1000);
    await setTimeout(20);
  }
  runtime.finish();
  return runtime;
}

const scratch = (runtime: Runtime) => (bytes: number) => runtime.memory.allocate(bytes);

/** Jobs of a few rows each that gather from `table`, where they write, and all that they take. */
function gathering(runtime: Runtime, indices: readonly number[], table: number) {
  const place = { runtime, scratch: scratch(runtime) };
  const [from, out] = [place.scratch(4 * COUNT), place.scratch(4 * COUNT)];
  runtime.memory.integers(from, COUNT).set(indices);
  const jobs = Array.from({ length: JOBS }, (_, i) => {
    const count = COUNT / JOBS;
    const job = { first: count * i, count, width: 1, indices: from, table, out };
    return writeJob(place, GATHER, [job]);
  });
  return { jobs, out, addresses: [from, out, ...jobs] };
}

const numbers = Array.from({ length: COUNT }, (_, i) => i);

function tableIn(runtime: Runtime): number {
  const table = runtime.memory.allocate(4 * COUNT);
  runtime.memory.floats(table, COUNT).set(numbers);
  return table;
}

describe.each([1, 2, 3, 5])('a queue of runs on %i threads', (threads) => {
  it.each([
    ['begun', () => 'begin' as const],
    ['left to other threads', () => 'leave' as const],
    [
      'some begun, some left, some waited for',
      (i: number) => (['begin', 'leave', 'run'] as const)[i % 3]!,
    ],
  ])('has each read what the one before has written: %s', async (_, how) => {
    const runtime = await runtimeOf(threads);
    const random = generator(threads);
    let table = tableIn(runtime);
    let expected = numbers;
    for (let i = 0; i < 200; i++) {
      const indices = numbers.map(() => Math.floor(COUNT * random()));
      const { jobs, out } = gathering(runtime, indices, table);
      runtime[how(i)]('embeddingGather', jobs);
      expected = indices.map((index) => expected[index]!);
      // No value survives for long.
      if (i % 10 === 9) {
        runtime.finish();
        expect([...runtime.memory.floats(out, COUNT)]).toEqual(expected);
        expected = numbers;
        table = tableIn(runtime);
      } else table = out;
    }
    expect(runtime.busy).toBe(false);
  });

  it('has done all that was begun before the calling thread runs anything itself', async () => {
    const runtime = await runtimeOf(threads);
    const { jobs, out } = gathering(runtime, numbers.toReversed(), tableIn(runtime));
    const sum = tableIn(runtime);
    const product = 0;
    const scale = floatBits(1);
    const addition = runtime.memory.allocate(7 * 4);
    const fields = [0, COUNT, sum, out, sum, product, scale];
    runtime.memory.integers(addition, fields.length).set(fields);
    runtime.leave('embeddingGather', jobs);
    runtime.exports.mergeValues(addition);
    expect([...runtime.memory.floats(sum, COUNT)]).toEqual(numbers.map(() => COUNT - 1));
  });

  it('has everything done that runs beside it', async () => {
    const runtime = await runtimeOf(threads);
    const first = gathering(runtime, numbers.toReversed(), tableIn(runtime));
    const beside = gathering(
      runtime,
      numbers.map((i) => i >> 1),
      tableIn(runtime),
    );
    runtime.leave('embeddingGather', first.jobs);
    runtime.runBeside('embeddingGather', beside.jobs);
    expect([...runtime.memory.floats(beside.out, COUNT)]).toEqual(numbers.map((i) => i >> 1));
    runtime.finish();
    expect([...runtime.memory.floats(first.out, COUNT)]).toEqual(numbers.toReversed());
  });
});

describe.each([2, 3])('memory while %i threads are at work', (threads) => {
  it('is not handed out again before what was begun is done', async () => {
    const runtime = await runtimeOf(threads);
    const { memory } = runtime;
    const { jobs, out } = gathering(runtime, numbers.toReversed(), tableIn(runtime));
    runtime.leave('embeddingGather', jobs);
    memory.release(out);
    expect(memory.allocate(4 * COUNT)).not.toBe(out);
    runtime.finish();
    expect(memory.allocate(4 * COUNT)).toBe(out);
  });

  it('is waited for where there is no other', async () => {
    const runtime = await runtimeOf(threads);
    const { memory } = runtime;
    const { jobs } = gathering(runtime, numbers, tableIn(runtime));
    const most = memory.memory.buffer.byteLength - memory.allocatedBytes - 200_000;
    const large = memory.allocate(most);
    runtime.leave('embeddingGather', jobs);
    memory.release(large);
    expect(memory.allocate(most)).toBe(large);
    expect(runtime.busy).toBe(false);
  });

  it('does not grow while nobody waits', async () => {
    const runtime = await runtimeOf(threads);
    const { memory } = runtime;
    const table = tableIn(runtime);
    const bytes = memory.allocatedBytes;
    let most = 0;
    for (let i = 0; i < 300; i++) {
      const { jobs, addresses } = gathering(runtime, numbers, table);
      runtime.leave('embeddingGather', jobs);
      for (const address of addresses) memory.release(address);
      most = Math.max(most, memory.allocatedBytes - bytes);
    }
    const ofOneRun = 2 * 4 * COUNT;
    expect(most).toBeLessThan(18 * ofOneRun);
  });
});

describe.each([2, 3])('a kernel that fails on one of %i threads', (threads) => {
  const failing = (runtime: Runtime) => gathering(runtime, numbers, OUTSIDE).jobs;

  it('is told to everyone, until the number of threads is set anew', async () => {
    const runtime = await runtimeOf(threads);
    const message =
      'kernels: a kernel has failed on one of the threads, and what was being computed is lost. ' +
      'Call ready({ threads: 1 }) to go on with one, and load the weights again.';
    runtime.leave('embeddingGather', failing(runtime));
    expect((): KernelExports => runtime.exports).toThrow(message);
    expect(() => runtime.finish()).toThrow(message);
    const { jobs, out } = gathering(runtime, numbers.toReversed(), tableIn(runtime));
    expect(() => runtime.run('embeddingGather', jobs)).toThrow(message);

    runtime.setThreads(threads + 1);
    runtime.run('embeddingGather', jobs);
    expect([...runtime.memory.floats(out, COUNT)]).toEqual(numbers.toReversed());
  });
});
