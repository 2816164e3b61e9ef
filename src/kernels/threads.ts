/**
 * Threads that run kernels beside the calling one, on the same memory.
 *
 * A run posts its jobs and takes part in the work itself, so it never depends on
 * a thread having started: what nobody else has claimed, the caller does. Each job has
 * a word that says of which run it is and whether somebody has claimed it, so that a
 * thread that is late for one run cannot take a job of another.
 *
 * A thread begins with its own part of the jobs, and then helps the others, so that kernel
 * after kernel it goes on with the rows and words that are in its processor's caches. When jobs
 * went to who came first, every other step had its halves change threads between the forward
 * and the backward pass, and took 2 to 3 % longer.
 */
import { RecurrentError } from '../foundation/errors.js';
import type { KernelMemory } from './memory.js';
import { startWorker } from './worker.js';

// Words of the control block.
const RUN = 0;
const COUNT = 1;
const DONE = 2;
const FAILED = 3;
const KERNEL = 4;
const STARTED = 5;
const JOBS = 8;
/** The most jobs of a run. */
export const MOST_JOBS = 64;
const CLAIMS = JOBS + MOST_JOBS;
const WORDS = CLAIMS + MOST_JOBS;

/**
 * Never returns: what each thread runs. Sent as text, so it closes over nothing, and has no
 * function inside, which some compilers would wrap in a helper of theirs.
 */
function serve(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  control: number,
  kernels: readonly string[],
  thread: number,
  threads: number,
): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  // run, count, done, failed, kernel, started, two unused; the addresses of the jobs; their claims
  const words = new Int32Array(memory.buffer, control, 136);
  Atomics.add(words, 5, 1);
  for (let seen = 0; ; ) {
    // The kernels of a step come within a millisecond or two of each other. To be woken takes a
    // tenth of that, and as much from who wakes it; a look-out of some 1.5 ms spares a step both.
    for (let spins = 0; spins < 300_000 && Atomics.load(words, 0) === seen; spins++);
    Atomics.wait(words, 0, seen);
    seen = Atomics.load(words, 0);
    const open = 2 * seen;
    const count = words[1]!;
    const own = Math.floor((thread * count) / threads);
    for (let tried = 0; tried < count; tried++) {
      const job = (own + tried) % count;
      if (Atomics.compareExchange(words, 72 + job, open, open + 1) !== open) continue;
      try {
        (exports[kernels[words[4]!]!] as (job: number) => void)(words[8 + job]!);
      } catch {
        Atomics.store(words, 3, 1);
      }
      Atomics.add(words, 2, 1);
      Atomics.notify(words, 2);
    }
  }
}

const SPINS = 20_000; // some 0.1 ms, for a shard that is about to be done
const PATIENCE = 60_000; // ms for one job of a thread; the longest here take seconds

/** A pool of threads; the calling thread is one of them. */
export class Threads {
  readonly count: number;
  readonly #words: Int32Array;
  readonly #kernels: readonly string[];
  readonly #start: () => void;
  readonly #stop: (() => void)[] = [];
  #started = false;
  #crash: unknown;

  constructor(
    count: number,
    module: WebAssembly.Module,
    memory: KernelMemory,
    kernels: readonly string[],
  ) {
    this.count = count;
    this.#kernels = kernels;
    const control = memory.allocate(4 * WORDS);
    this.#words = memory.integers(control, WORDS);
    this.#words.fill(0);
    this.#start = () => {
      for (let i = 1; i < count; i++) {
        const values = [module, memory.memory, control, kernels, i, count] as const;
        const stop = startWorker(serve, [...values], (error) => this.#crashed(error));
        if (stop) this.#stop.push(stop);
      }
    };
  }

  /** Runs a kernel over all jobs; `runHere` runs one on the calling thread. */
  run(kernel: string, jobs: readonly number[], runHere: (job: number) => void): void {
    if (!this.#started) {
      this.#started = true;
      this.#start();
    }
    if (this.#crash !== undefined) {
      throw new RecurrentError(
        'kernels: a thread has crashed. Call ready({ threads: 1 }) to run on one.',
        { cause: this.#crash },
      );
    }
    const words = this.#words;
    const run = (words[RUN]! + 1) & 0xffff;
    const open = 2 * run;
    words.set(jobs, JOBS);
    words.fill(open, CLAIMS, CLAIMS + jobs.length);
    words[COUNT] = jobs.length;
    words[KERNEL] = this.#kernels.indexOf(kernel);
    Atomics.store(words, FAILED, 0);
    Atomics.store(words, DONE, 0);
    Atomics.store(words, RUN, run);
    Atomics.notify(words, RUN);
    for (let job = 0; job < jobs.length; job++) {
      if (Atomics.compareExchange(words, CLAIMS + job, open, open + 1) !== open) continue;
      runHere(jobs[job]!);
      Atomics.add(words, DONE, 1);
    }
    this.#await(jobs.length);
    if (Atomics.load(words, FAILED) !== 0) {
      throw new RecurrentError(
        `kernels: ${kernel} failed on another thread. ` +
          'Call ready({ threads: 1 }) to run on one, and please report it.',
      );
    }
  }

  /** Ends the threads. */
  stop(): void {
    for (const stop of this.#stop) stop();
  }

  // Where threads are forbidden, as by a page's security policy, they fail before
  // they start, and the calling thread does all the work.
  #crashed(error: unknown): void {
    if (Atomics.load(this.#words, STARTED) > 0) this.#crash = error;
  }

  #await(jobs: number): void {
    const words = this.#words;
    if (comesSoon(words, DONE, jobs)) return;
    const end = Date.now() + PATIENCE;
    for (let done = Atomics.load(words, DONE); done !== jobs; done = Atomics.load(words, DONE)) {
      if (Date.now() > end) {
        throw new RecurrentError(
          `kernels: a thread has not answered for ${PATIENCE / 1000} s. ` +
            'If it was terminated, call ready({ threads: 1 }) to run on one.',
        );
      }
      if (mayWait) Atomics.wait(words, DONE, done, 1000);
    }
  }
}

// A loop of its own, which V8 compiles while it runs: what comes behind such a loop in the same
// function has not run by then, and the first time that it does throws all of the code away.
function comesSoon(words: Int32Array, word: number, value: number): boolean {
  for (let spins = 0; spins < SPINS; spins++) {
    if (Atomics.load(words, word) === value) return true;
  }
  return false;
}

// The main thread of a browser may not block; it has its own jobs to do while
// the others do theirs, and spins for what is left.
const mayWait = typeof document === 'undefined';
