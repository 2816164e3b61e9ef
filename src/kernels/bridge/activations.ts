/**
 * What a forward pass keeps in the kernels' memory for its gradient: until the
 * gradient has used it, or until the tape that recorded it is gone.
 */
import { tf } from '../../foundation/tensorflow.js';
import type { KernelMemory } from '../../engine/memory.js';

// An array, since a set leaves a chain of old tables: see tensors.ts.
const live: Activations<unknown>[] = [];

/** Memory that lives as long as the tape on which it was recorded. */
export class Activations<Kept> {
  readonly tape: unknown;
  /** What the pass returned. */
  output: tf.Tensor | undefined;
  #memory: KernelMemory | undefined;
  #addresses: number[] = [];
  #kept: Kept | undefined;

  constructor(tape: unknown) {
    this.tape = tape;
    live.push(this);
  }

  allocate(memory: KernelMemory, bytes: number): number {
    const address = memory.allocate(bytes);
    this.#memory = memory;
    this.#addresses.push(address);
    return address;
  }

  /** Leaves what the gradient needs to know. */
  set(kept: Kept): void {
    this.#kept = kept;
  }

  /** What was left, if it is still there. */
  peek(): Kept | undefined {
    return this.#kept;
  }

  /** What was left, for the only time. */
  take(): Kept | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    return kept;
  }

  /** From here on they live until they are released, with the tape or without. */
  outliveTape(): void {
    this.#leave();
  }

  release(): void {
    for (const address of this.#addresses) this.#memory?.release(address);
    this.#addresses = [];
    this.#kept = undefined;
    this.#leave();
  }

  #leave(): void {
    const place = live.indexOf(this as Activations<unknown>);
    if (place >= 0) live.splice(place, 1);
  }
}

/** Room for activations if a gradient is being recorded, else null. */
export function keepForTape<Kept>(): Activations<Kept> | null {
  const engine = tf.engine();
  return engine.isTapeOn() ? new Activations<Kept>(engine.state.activeTape) : null;
}

/** Room for activations that live until they are released, with a tape or without. */
export function keepUntilReleased<Kept>(): Activations<Kept> {
  const activations = new Activations<Kept>(null);
  activations.outliveTape();
  return activations;
}

/** Has all that was kept for a tape outlive it. Returns what releases it. */
export function keepBeyondTape(tape: unknown): () => void {
  const kept = live.filter((activations) => activations.tape === tape);
  for (const activations of kept) activations.outliveTape();
  return () => {
    for (const activations of kept) activations.release();
  };
}

/** Releases what was recorded on a tape that is no longer there, such as one that threw. */
export function releaseOldTapes(): void {
  const { activeTape } = tf.engine().state;
  for (let i = live.length - 1; i >= 0; i--) {
    if (live[i]!.tape !== activeTape) live[i]!.release();
  }
}
