/**
 * The gradient of rows of a table, from an LSTM that took its inputs by words: that of the
 * table is known, that of each position is not computed before somebody asks for it.
 */
import { runDropout } from '../dropout/dropout-jobs.js';
import type { Gathered } from './gathered.js';
import type { KernelMemory } from '../../engine/memory.js';
import type { Deferred, Workplace } from '../bridge/call.js';

/** What a backward pass leaves behind; released by the last of the gradients that share it. */
export class WordGradientSource {
  /** Writes the gradient of each position. */
  readonly write: (place: Workplace, address: number) => void;
  readonly #release: () => void;
  readonly #memory: KernelMemory;
  #table: number;
  #holders = 0;

  /** @param table The address of the gradient of the table. */
  constructor(
    memory: KernelMemory,
    table: number,
    write: (place: Workplace, address: number) => void,
    release: () => void,
  ) {
    this.#memory = memory;
    this.#table = table;
    this.write = write;
    this.#release = release;
  }

  hold(): void {
    this.#holders++;
  }

  /** Gives the gradient of the table away; null if somebody has it. */
  takeTable(): number | null {
    const table = this.#table;
    this.#table = 0;
    return table || null;
  }

  release(): void {
    if (--this.#holders > 0) return;
    this.#memory.release(this.#table);
    this.#release();
  }
}

/** The gradient of `words`, not written yet. */
export class WordGradient implements Deferred {
  readonly words: Gathered;
  readonly #source: WordGradientSource;

  constructor(words: Gathered, source: WordGradientSource) {
    this.words = words;
    this.#source = source;
    source.hold();
  }

  /** That of the words before dropout. */
  beforeDropout(): WordGradient {
    return new BeforeDropout(this.words, this.#source);
  }

  takeTable(): number | null {
    return this.#source.takeTable();
  }

  write(place: Workplace, address: number): void {
    this.#source.write(place, address);
  }

  release(): void {
    this.#source.release();
  }
}

class BeforeDropout extends WordGradient {
  readonly #dropped: Gathered;

  constructor(dropped: Gathered, source: WordGradientSource) {
    super(dropped.whole, source);
    this.#dropped = dropped;
  }

  override write(place: Workplace, address: number): void {
    const { count, width, dropping } = this.#dropped;
    const x = place.scratch(4 * count * width);
    super.write(place, x);
    runDropout(place, dropping!, count * width, { x }, address);
  }
}
