/**
 * How long to wait for another thread: by the time in which it could get on, not by the clock on
 * the wall. A process may stand still while it waits, for hours: a laptop is shut, a container is
 * paused, a shell stops its job. No thread works in that time, so it does not count.
 */

/** Waits are in slices of so many ms; one that took longer counts as one. */
export const SLICE = 50;

const WITHOUT_WORK = 60_000; // ms
const IN_ALL = 600_000; // ms for one job of a thread; the longest here take seconds
// Waiting takes some 0.05 ms of the processor in a slice. A thread at work takes the whole slice,
// or what fifty others leave of it.
const WORK = SLICE / 50;

/** What {@link Patience} reads, in ms. */
export interface Clock {
  /** The time, from any beginning on. */
  now(): number;
  /** The processor time that all threads of the process have taken; undefined where nobody tells. */
  worked(): number | undefined;
}

interface NodeProcess {
  cpuUsage?(): { user: number; system: number };
}

const systemClock: Clock = {
  now: () => Date.now(),
  worked() {
    const used = (globalThis as { process?: NodeProcess }).process?.cpuUsage?.();
    return used && (used.user + used.system) / 1000; // from microseconds
  },
};

/**
 * Patience with threads that have not done yet what one waits for. It ends after a minute in which
 * they neither got on nor worked, and after ten in which they did not get on.
 */
export class Patience {
  readonly #clock: Clock;
  #progress: number;
  #now: number;
  #worked: number | undefined;
  #withoutWork = 0;
  #inAll = 0;

  /**
   * @param progress A number that is another one whenever a thread has got on.
   * @param clock That of the system when left out.
   */
  constructor(progress: number, clock: Clock = systemClock) {
    this.#clock = clock;
    this.#progress = progress;
    this.#now = clock.now();
    this.#worked = clock.worked();
  }

  /** Takes note of a slice of waiting, and says whether there is patience for another one. */
  lasts(progress: number): boolean {
    const now = this.#clock.now();
    const worked = this.#clock.worked();
    const slice = Math.min(Math.max(now - this.#now, 0), SLICE); // a clock may be set back
    const atWork = worked !== undefined && worked - this.#worked! >= WORK;
    const gotOn = progress !== this.#progress;
    this.#withoutWork = gotOn || atWork ? 0 : this.#withoutWork + slice;
    this.#inAll = gotOn ? 0 : this.#inAll + slice;
    this.#progress = progress;
    this.#now = now;
    this.#worked = worked;
    return this.#withoutWork <= WITHOUT_WORK && this.#inAll <= IN_ALL;
  }
}
