/** The kernels on the calling thread alone, in a memory of their own: whatever is begun is done at once. */
import { KernelMemory } from './memory.js';
import type { KernelExports, Machine, ShardKernel } from './machine.js';

// Models that only predict are small; the memory grows with them.
const INITIAL_PAGES = 32; // 2 MB
const MAXIMUM_PAGES = 65_536;

/** A binary for one thread. */
export class OneThread implements Machine {
  readonly threads = 1;
  readonly busy = false;
  readonly memory: KernelMemory;
  readonly exports: KernelExports;

  constructor(module: WebAssembly.Module) {
    const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAXIMUM_PAGES });
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    this.exports = instance.exports as unknown as KernelExports;
    this.memory = new KernelMemory(memory);
  }

  get exportsBeside(): KernelExports {
    return this.exports;
  }

  run(kernel: ShardKernel, jobs: readonly number[]): void {
    for (const job of jobs) this.exports[kernel](job);
  }

  runBeside(kernel: ShardKernel, jobs: readonly number[]): void {
    this.run(kernel, jobs);
  }

  begin(kernel: ShardKernel, jobs: readonly number[]): void {
    this.run(kernel, jobs);
  }

  leave(kernel: ShardKernel, jobs: readonly number[]): void {
    this.run(kernel, jobs);
  }

  finish(): void {}
}
