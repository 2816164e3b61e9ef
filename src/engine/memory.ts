/**
 * The kernels' memory and who owns which part of it: one WebAssembly memory,
 * first fit, neighbours joined again on release.
 */
import { type Complaint, reject } from '../foundation/errors.js';

const PAGE = 65_536;
export const ALIGNMENT = 128;
// Below lie the constants of the binary; kernels may write one vector past an end.
const FIRST_FREE = PAGE;
export const SLACK = 16;
const GROWTH = 128; // pages, 8 MB

interface Span {
  start: number;
  size: number;
}

/** Allocates from a growing WebAssembly memory. */
export class KernelMemory {
  readonly memory: WebAssembly.Memory;
  readonly #free: Span[];
  // What is taken: in ascending order, where each begins, and beside it its size. A map that is
  // filled and emptied at every step leaves a chain of old tables, which outlive it (tensors.ts).
  readonly #starts: number[] = [];
  readonly #sizes: number[] = [];
  #allocated = 0;
  /** What was released while nothing is handed out again. */
  #kept: number[] = [];
  /** Has it handed out again; null while it is at once. */
  #wait: (() => void) | null = null;
  #words: Int32Array;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.#words = new Int32Array(memory.buffer);
    this.#free = [{ start: FIRST_FREE, size: memory.buffer.byteLength - FIRST_FREE }];
  }

  /** Bytes handed out at this moment. */
  get allocatedBytes(): number {
    return this.#allocated;
  }

  /** All of it, until it grows. */
  get words(): Int32Array {
    const { buffer } = this.memory;
    if (this.#words.buffer !== buffer) this.#words = new Int32Array(buffer);
    return this.#words;
  }

  /** Returns the address of `bytes` free bytes, aligned to 128. Their content is arbitrary. */
  allocate(bytes: number): number {
    const size = Math.ceil((bytes + SLACK) / ALIGNMENT) * ALIGNMENT;
    const isLarge = (span: Span) => span.size >= size;
    let index = this.#free.findIndex(isLarge);
    if (index < 0 && this.#kept.length > 0) {
      this.#wait?.();
      index = this.#free.findIndex(isLarge);
    }
    if (index < 0) {
      this.#grow(size);
      index = this.#free.length - 1;
    }
    const span = this.#free[index]!;
    const { start } = span;
    if (span.size === size) this.#free.splice(index, 1);
    else {
      span.start += size;
      span.size -= size;
    }
    const place = this.#placeOf(start);
    insert(this.#starts, place, start);
    insert(this.#sizes, place, size);
    this.#allocated += size;
    return start;
  }

  /** Gives an address of {@link allocate} back. */
  release(start: number): void {
    if (this.#wait) this.#kept.push(start);
    else this.#release(start);
  }

  /**
   * From now on, what is released is not handed out again: threads may be at work in it.
   *
   * @param wait Waits for them and calls {@link releaseKept}, where memory would have to grow.
   */
  keepReleased(wait: () => void): void {
    this.#wait = wait;
  }

  /** Releases what was kept, and keeps nothing more. */
  releaseKept(): void {
    this.#wait = null;
    for (const start of this.#kept.splice(0)) this.#release(start);
  }

  /** Keeps nothing more, and what was kept for good, since a thread may never be through with it. */
  giveUpKept(): void {
    this.#wait = null;
    this.#kept = [];
  }

  #release(start: number): void {
    const place = this.#placeOf(start);
    if (this.#starts[place] !== start) return;
    const size = this.#sizes[place]!;
    remove(this.#starts, place);
    remove(this.#sizes, place);
    this.#allocated -= size;
    const free = this.#free;
    let index = free.findIndex((span) => span.start > start);
    if (index < 0) index = free.length;
    const before = free[index - 1];
    const after = free[index];
    const joinsBefore = before !== undefined && before.start + before.size === start;
    const joinsAfter = after !== undefined && start + size === after.start;
    if (joinsBefore && joinsAfter) {
      before.size += size + after.size;
      free.splice(index, 1);
    } else if (joinsBefore) before.size += size;
    else if (joinsAfter) {
      after.start = start;
      after.size += size;
    } else free.splice(index, 0, { start, size });
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  integers(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length);
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length);
  }

  /** Where among the taken ones an address stands, or would. */
  #placeOf(start: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #grow(size: number): void {
    const end = this.memory.buffer.byteLength;
    const last = this.#free.at(-1);
    const joins = last !== undefined && last.start + last.size === end;
    const missing = size - (joins ? last.size : 0);
    const needed = Math.ceil(missing / PAGE);
    let pages = Math.max(needed, GROWTH);
    try {
      try {
        this.memory.grow(pages);
      } catch {
        // Close to the maximum there may be room for what is needed only.
        pages = needed;
        this.memory.grow(pages);
      }
    } catch (cause) {
      const complaint: Complaint = {
        where: 'kernels',
        expected: `out of memory, ${size} bytes more were asked for and ${end} are in use`,
        remedy: 'Use smaller batches or shorter sequences.',
        see: 'out-of-memory',
      };
      reject(complaint, cause);
    }
    if (joins) last.size += pages * PAGE;
    else this.#free.push({ start: end, size: pages * PAGE });
  }
}

// As splice, which makes an array of what it takes out.
function insert(numbers: number[], place: number, value: number): void {
  for (let i = numbers.length; i > place; i--) numbers[i] = numbers[i - 1]!;
  numbers[place] = value;
}

function remove(numbers: number[], place: number): void {
  for (let i = place + 1; i < numbers.length; i++) numbers[i - 1] = numbers[i]!;
  numbers.pop();
}
