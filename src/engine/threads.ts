/**
 * Threads that run kernels beside the calling one, on the same memory.
 *
 * Runs form a queue: the jobs of one begin when those of the run before are done, so that whoever
 * posts a run need not wait for it. The calling thread can go on with what only it can do, and
 * takes part in the work while it waits; it never depends on a thread having started, since it does
 * whatever nobody else has claimed. Each job has a word that says of which run it is and whether
 * somebody has claimed it, so that a thread that is late for one run cannot take a job of another.
 *
 * A thread begins with its own part of the jobs, and then helps the others, so that kernel
 * after kernel it goes on with the rows and words that are in its processor's caches. When jobs
 * went to who came first, every other step had its halves change threads between the forward
 * and the backward pass, and took 2 to 3 % longer.
 */
import { type Complaint, errorOf, type RecurrentError } from '../foundation/errors.js';
import type { KernelMemory } from './memory.js';
import { Patience, SLICE } from './patience.js';
import { startWorker } from './worker.js';

// Words of the control block. Runs are numbered one after the other and finish in this order.
const POSTED = 0; // the last run that was posted
const FINISHED = 1; // the last run that is done
const FAILED = 2;
const STARTED = 3;
const RUNS = 8; // of so many runs that nobody has waited for, each at its number modulo that
const RUNS_AT_ONCE = 16;
// Words of a run.
const KERNEL = 0;
const COUNT = 1;
const DONE = 2;
const JOBS = 4;
/** The most jobs of a run. */
export const MOST_JOBS = 64;
const CLAIMS = JOBS + MOST_JOBS;
const RUN_WORDS = CLAIMS + MOST_JOBS;
const WORDS = RUNS + RUNS_AT_ONCE * RUN_WORDS;

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
  lookOut: number,
): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  // posted, finished, failed, started, four unused; from 8 on, 16 runs of 132 words: kernel,
  // count, done, one unused; from 4 on the addresses of the jobs, from 68 on their claims
  const words = new Int32Array(memory.buffer, control, 2120);
  Atomics.add(words, 3, 1);
  // The last run that this thread has nothing left to do for.
  for (let run = 0; ; ) {
    const finished = Atomics.load(words, 1);
    const ahead = (finished - run) | 0;
    const isIdle = ahead === 0 && Atomics.load(words, 0) === run;
    if (ahead > 0) run = finished;
    else if (ahead < 0 || isIdle) {
      // The kernels of a step come within a millisecond or two of each other. To be woken takes a
      // tenth of that, and as much from who wakes it; a look-out of some 1.5 ms spares a step both.
      const word = isIdle ? 0 : 1;
      const value = isIdle ? run : finished;
      for (let spins = 0; spins < lookOut && Atomics.load(words, word) === value; spins++);
      Atomics.wait(words, word, value);
    } else {
      run = (run + 1) | 0;
      const place = 8 + 132 * (run & 15);
      const open = run << 1;
      const count = words[place + 1]!;
      const own = Math.floor((thread * count) / threads);
      for (let tried = 0; tried < count; tried++) {
        const job = (own + tried) % count;
        if (Atomics.compareExchange(words, place + 68 + job, open, open | 1) !== open) continue;
        try {
          (exports[kernels[words[place]!]!] as (job: number) => void)(words[place + 4 + job]!);
        } catch {
          Atomics.store(words, 2, 1);
        }
        if (Atomics.add(words, place + 2, 1) + 1 < count) continue;
        Atomics.store(words, 1, run);
        Atomics.notify(words, 1);
      }
    }
  }
}

const SPINS = 20_000; // some 0.1 ms, for a shard that is about to be done

/** How often a thread looks for the next run before it sleeps: some 1.5 ms. */
export const lookOut = { spins: 300_000 };

/** A pool of threads; the calling thread is one of them. */
export class Threads {
  readonly count: number;
  readonly #words: Int32Array;
  readonly #kernels: readonly string[];
  readonly #runHere: (kernel: string, job: number) => void;
  readonly #patience: (progress: number) => Pick<Patience, 'lasts'>;
  readonly #start: () => void;
  readonly #stop: (() => void)[] = [];
  #started = false;
  #crash: unknown;
  #failure: unknown;
  /** What everybody is told from now on: what a run that failed was to write is handed on already. */
  #broken: RecurrentError | undefined;
  /** The last run that the calling thread has nothing left to do for. */
  #through = 0;
  /** The last run that it has waited for. */
  #awaited = 0;

  constructor(
    count: number,
    module: WebAssembly.Module,
    memory: KernelMemory,
    kernels: readonly string[],
    runHere: (kernel: string, job: number) => void,
    patience: (progress: number) => Pick<Patience, 'lasts'> = (progress) => new Patience(progress),
  ) {
    this.count = count;
    this.#kernels = kernels;
    this.#runHere = runHere;
    this.#patience = patience;
    const control = memory.allocate(4 * WORDS);
    this.#words = memory.integers(control, WORDS);
    this.#words.fill(0);
    this.#start = () => {
      for (let i = 1; i < count; i++) {
        const { spins } = lookOut;
        const values = [module, memory.memory, control, kernels, i, count, spins] as const;
        const stop = startWorker(serve, [...values], (error) => this.#crashed(error));
        if (stop) this.#stop.push(stop);
      }
    };
  }

  /** Whether there is a run that nobody has waited for, done or not, or has waited for in vain. */
  get busy(): boolean {
    return this.#awaited !== this.#words[POSTED] || this.isBroken;
  }

  /** Whether {@link finish} has thrown. */
  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /** Whether there is no room for another run before somebody waits for those that there are. */
  get isFull(): boolean {
    return ((this.#words[POSTED]! - this.#awaited) | 0) >= RUNS_AT_ONCE;
  }

  /** Whether a run is not done yet. */
  get atWork(): boolean {
    return isBehind(this.#words, this.#words[POSTED]!);
  }

  /** Adds a run to a queue that is not full; its jobs begin when those before it are done. */
  post(kernel: string, jobs: readonly number[]): void {
    if (!this.#started) {
      this.#started = true;
      this.#start();
    }
    const words = this.#words;
    const run = (words[POSTED]! + 1) | 0;
    const place = placeOf(run);
    words.set(jobs, place + JOBS);
    words.fill(run << 1, place + CLAIMS, place + CLAIMS + jobs.length);
    words[place + COUNT] = jobs.length;
    words[place + KERNEL] = this.#kernels.indexOf(kernel);
    Atomics.store(words, place + DONE, 0);
    Atomics.store(words, POSTED, run);
    Atomics.notify(words, POSTED);
  }

  /** Takes part in what was posted until every job has somebody at work on it. */
  help(): void {
    const words = this.#words;
    while (this.#through !== words[POSTED]) {
      this.#await(this.#through);
      const run = (this.#through + 1) | 0;
      const place = placeOf(run);
      const open = run << 1;
      const count = words[place + COUNT]!;
      for (let job = 0; job < count; job++) {
        if (Atomics.compareExchange(words, place + CLAIMS + job, open, open | 1) !== open) continue;
        try {
          this.#runHere(this.#kernels[words[place + KERNEL]!]!, words[place + JOBS + job]!);
        } catch (error) {
          this.#failure ??= error;
          Atomics.store(words, FAILED, 1);
        }
        if (Atomics.add(words, place + DONE, 1) + 1 < count) continue;
        Atomics.store(words, FINISHED, run);
        Atomics.notify(words, FINISHED);
      }
      this.#through = run;
    }
  }

  /**
   * Takes part in what was posted and waits until all of it is done.
   *
   * @throws RecurrentError if a run has failed or is not done in time, now and whenever it is called.
   */
  finish(): void {
    if (this.#broken) throw this.#broken;
    if (this.#crash !== undefined) this.#break('a thread has crashed', this.#crash);
    this.help();
    this.#await(this.#through);
    this.#awaited = this.#through;
    if (Atomics.load(this.#words, FAILED) === 0) return;
    this.#break('a kernel has failed on one of the threads', this.#failure);
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

  #break(what: string, cause?: unknown): never {
    const complaint: Complaint = {
      where: 'kernels',
      expected: `${what}, and what was being computed is lost`,
      remedy: 'Call ready({ threads: 1 }) to go on with one, and load the weights again.',
      see: 'lost-thread',
    };
    this.#broken = errorOf(complaint, cause);
    throw this.#broken;
  }

  #await(run: number): void {
    const words = this.#words;
    if (comesSoon(words, run)) return;
    let patience: Pick<Patience, 'lasts'> | undefined;
    while (isBehind(words, run)) {
      if (this.#crash !== undefined) this.#break('a thread has crashed', this.#crash);
      const finished = Atomics.load(words, FINISHED);
      if (mayWait && isBehind(words, run)) Atomics.wait(words, FINISHED, finished, SLICE);
      if (!isBehind(words, run)) return;
      patience ??= this.#patience(progressOf(words));
      if (!patience.lasts(progressOf(words))) this.#break('a thread no longer answers');
    }
  }
}

/** Another number whenever a job is done. */
function progressOf(words: Int32Array): number {
  const finished = Atomics.load(words, FINISHED);
  const done = Atomics.load(words, placeOf(finished + 1) + DONE);
  return finished * (MOST_JOBS + 1) + done;
}

/** Where the words of a run are. */
function placeOf(run: number): number {
  return RUNS + RUN_WORDS * (run & (RUNS_AT_ONCE - 1));
}

/** Whether a run is not done yet; numbers may have begun anew at the lowest. */
function isBehind(words: Int32Array, run: number): boolean {
  return ((Atomics.load(words, FINISHED) - run) | 0) < 0;
}

// A loop of its own, which V8 compiles while it runs: what comes behind such a loop in the same
// function has not run by then, and the first time that it does throws all of the code away.
function comesSoon(words: Int32Array, run: number): boolean {
  for (let spins = 0; spins < SPINS; spins++) {
    if (!isBehind(words, run)) return true;
  }
  return false;
}

// The main thread of a browser may not block; it has its own jobs to do while
// the others do theirs, and spins for what is left.
const mayWait = typeof document === 'undefined';
