/**
 * The WebAssembly kernels of assembly/, loaded once a realm: which of the three
 * binaries, in which memory, and how a job reaches a kernel.
 */
import {
  decodeBinary,
  type KernelExports,
  type Machine,
  SHARD_KERNELS,
  type ShardKernel,
} from './machine.js';
import { KernelMemory } from './memory.js';
import { BINARY as RELAXED_SIMD } from './binaries/relaxed-simd.js';
import { BINARY as SIMD } from './binaries/simd.js';
import { BINARY as WIDE } from './binaries/wide.js';
import { MOST_JOBS, Threads } from './threads.js';
import { joinsVectors } from './wide-vectors.js';
import { availableThreads } from './worker.js';

const INITIAL_PAGES = 256; // 16 MB
// A browser may refuse to reserve all the addresses of a shared memory.
const MAXIMUM_PAGES = [65_536, 32_768, 16_384, 8_192];

// More threads than this share too little of a batch each.
const MOST_THREADS = 16;

/** The binaries of scripts/build-assembly.mjs. */
export type Binary = 'simd' | 'relaxed-simd' | 'wide';

/** A loaded binary with its memory and its threads. */
export class Runtime implements Machine {
  readonly #exports: KernelExports;
  readonly memory: KernelMemory;
  readonly binary: Binary;
  readonly #module: WebAssembly.Module;
  readonly #shared: boolean;
  readonly #wait = () => this.finish();
  #threads: Threads | null = null;

  constructor(code: BufferSource, memory: WebAssembly.Memory, binary: Binary) {
    this.#module = new WebAssembly.Module(code);
    const instance = new WebAssembly.Instance(this.#module, { env: { memory } });
    this.#exports = instance.exports as unknown as KernelExports;
    this.memory = new KernelMemory(memory);
    this.binary = binary;
    this.#shared = !(memory.buffer instanceof ArrayBuffer);
    this.setThreads('auto');
  }

  get threads(): number {
    return this.#threads?.count ?? 1;
  }

  /** Sets the number of threads; one where the memory cannot be shared. */
  setThreads(threads: number | 'auto'): void {
    const wanted = Math.min(threads === 'auto' ? availableThreads() : threads, MOST_THREADS);
    const count = this.#shared ? wanted : 1;
    if (count === this.threads) return;
    try {
      if (!this.#threads?.isBroken) this.finish(); // else somebody has been told
    } finally {
      if (this.#threads?.atWork) this.memory.giveUpKept();
      else this.memory.releaseKept();
      this.#threads?.stop();
      const runHere = (kernel: string, job: number) => this.#exports[kernel as ShardKernel](job);
      this.#threads =
        count > 1 ? new Threads(count, this.#module, this.memory, SHARD_KERNELS, runHere) : null;
    }
  }

  get exports(): KernelExports {
    this.finish();
    return this.#exports;
  }

  get exportsBeside(): KernelExports {
    return this.#exports;
  }

  run(kernel: ShardKernel, jobs: readonly number[]): void {
    this.begin(kernel, jobs);
    this.finish();
  }

  runBeside(kernel: ShardKernel, jobs: readonly number[]): void {
    let next = 0;
    while (next < jobs.length && this.#threads?.atWork) this.#exports[kernel](jobs[next++]!);
    if (next < jobs.length) this.run(kernel, jobs.slice(next));
  }

  begin(kernel: ShardKernel, jobs: readonly number[]): void {
    this.leave(kernel, jobs);
    if (jobs.length > 1) this.#threads?.help();
  }

  leave(kernel: ShardKernel, jobs: readonly number[]): void {
    const threads = this.#threads;
    for (let i = 0; i < jobs.length; i += MOST_JOBS) {
      const some = jobs.slice(i, i + MOST_JOBS);
      if (threads?.isBroken || threads?.isFull) this.finish();
      if (threads && (some.length > 1 || this.busy)) {
        threads.post(kernel, some);
        this.memory.keepReleased(this.#wait);
      } else for (const job of some) this.#exports[kernel](job);
    }
  }

  get busy(): boolean {
    return this.#threads?.busy ?? false;
  }

  finish(): void {
    if (!this.busy) return;
    this.#threads!.finish();
    this.memory.releaseKept();
  }
}

let loaded: Runtime | null | undefined;
let wideAsked = false;

/** The runtime, or null where WebAssembly with SIMD is missing or forbidden. */
export function runtime(): Runtime | null {
  if (loaded === undefined) loaded = load();
  return loaded;
}

/** Why there is no runtime, as a part of a sentence that says how there could be; else null. */
export function runtimeObstacle(): string | null {
  if (runtime()) return null;
  return isForbidden() ? FORBIDDEN : 'WebAssembly with SIMD is missing here';
}

/** Has the runtime load with wide vectors where it can; false if it has loaded without asking. */
export function askForWideVectors(): boolean {
  if (loaded === undefined) wideAsked = true;
  return wideAsked;
}

function load(): Runtime | null {
  if (typeof WebAssembly === 'undefined') return null;
  if (isForbidden()) {
    console.warn(`tfjs-recurrent: ${FORBIDDEN}. Layers run as much slower operations until then.`);
    return null;
  }
  const shared = sharesMemory();
  for (const [binary, base64] of [
    ...(joinsVectors(wideAsked) ? [['wide', WIDE] as const] : []),
    ['relaxed-simd', RELAXED_SIMD],
    ['simd', SIMD],
  ] as const) {
    const code = decodeBinary(base64);
    if (!shared) unshare(code);
    if (!WebAssembly.validate(code)) continue;
    const memory = reserve(shared);
    if (memory) return new Runtime(code, memory, binary);
  }
  return null;
}

const FORBIDDEN =
  'WebAssembly is forbidden here; a page allows it with ' +
  "'wasm-unsafe-eval' in the script-src of its Content-Security-Policy";
const SMALLEST_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** Whether nothing may be compiled: a page's policy can say so, and so can a host such as workerd. */
function isForbidden(): boolean {
  if (typeof WebAssembly === 'undefined') return false;
  try {
    new WebAssembly.Module(SMALLEST_MODULE);
    return false;
  } catch {
    return true;
  }
}

function sharesMemory(): boolean {
  if (typeof SharedArrayBuffer === 'undefined') return false;
  // Node has no such flag; a page without isolation cannot pass memory to a worker.
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated;
  return isolated !== false;
}

function reserve(shared: boolean): WebAssembly.Memory | null {
  for (const maximum of MAXIMUM_PAGES) {
    try {
      return new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared });
    } catch {
      // Fewer addresses may be granted.
    }
  }
  return null;
}

// The import entry "env" "memory", kind memory (2), limits flag: shared with a
// maximum (3). Without SharedArrayBuffer the same code runs on a memory with a
// maximum that is not shared (1).
const MEMORY_IMPORT = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 3];

function unshare(binary: Uint8Array): void {
  const last = MEMORY_IMPORT.length - 1;
  for (let at = 8; at + last < binary.length; at++) {
    if (MEMORY_IMPORT.every((byte, i) => binary[at + i] === byte)) {
      binary[at + last] = 1;
      return;
    }
  }
}
