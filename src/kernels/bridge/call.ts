/**
 * What a kernel is given, whoever calls it: TensorFlow.js (tensors.ts), or a predictor that has none of
 * it (src/predict/). Nothing that a forward pass needs knows more than this.
 */
import type { Machine } from '../../engine/machine.js';
import { ALIGNMENT, SLACK } from '../../engine/memory.js';
import type { tf } from '../../foundation/tensorflow.js';
import type { DataTable } from './derived.js';

/** Where a kernel works: its memory, and room for what it needs meanwhile. */
export interface Workplace {
  readonly runtime: Machine;
  /** Memory until the work is done. */
  scratch(bytes: number): number;
}

/** Data that is not written before somebody asks for it. */
export interface Deferred {
  write(place: Workplace, address: number): void;
  /** Gives back what the data would have been written from. */
  release(): void;
}

/** Data that stays in the kernels' memory, whatever happens to its tensor. */
export interface Held {
  readonly address: number;
  release(): void;
}

/** One run of a kernel: the addresses of its inputs, its scratch and its outputs. */
export interface Call extends Workplace {
  /** The data that there are. */
  readonly table: DataTable;
  /** The address of a tensor's data; 0 for no tensor. */
  input(tensor: tf.TensorInfo | undefined): number;
  /** Keeps a tensor's data in place for longer than the call. */
  hold(tensor: tf.TensorInfo): Held;
  /** As {@link hold}, for data that call after call reads, such as weights: it is copied once. */
  holdForLong(tensor: tf.TensorInfo): Held;
  /** A new float32 tensor and where a kernel writes it. */
  output(shape: number[]): { tensor: tf.TensorInfo; address: number };
  /** A new float32 tensor that is written when it is first used. */
  deferredOutput(shape: number[], deferred: Deferred): tf.TensorInfo;
  /** The source of a tensor whose data has not been asked for. */
  deferredOf(tensor: tf.TensorInfo): Deferred | null;
}

/** How many values a tensor of a shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Views of the values of tensors of floats, for what is not worth a kernel in WebAssembly. */
export function floatsOf<T extends tf.TensorInfo[]>(
  call: Call,
  ...tensors: T
): { [I in keyof T]: Float32Array } {
  const addresses = tensors.map((tensor) => call.input(tensor));
  call.runtime.finish();
  // Only now: memory that is not shared loses its views when it grows.
  const { memory } = call.runtime;
  const views = tensors.map(({ shape }, i) => memory.floats(addresses[i]!, sizeOf(shape)));
  return views as { [I in keyof T]: Float32Array };
}

// Small pieces of scratch memory come out of larger ones: a step of training wants a hundred.
const SHARED = 65_536;
const LARGEST_SHARE = 16_384;

/** Scratch memory until it is closed. */
export class ScratchPlace implements Workplace {
  readonly runtime: Machine;
  readonly #addresses: number[] = [];
  #next = 0;
  #room = 0;

  constructor(runtime: Machine) {
    this.runtime = runtime;
  }

  scratch(bytes: number): number {
    if (bytes > LARGEST_SHARE) return this.#allocate(bytes);
    const size = ALIGNMENT * Math.ceil((bytes + SLACK) / ALIGNMENT);
    if (this.#room < size) {
      this.#next = this.#allocate(SHARED);
      this.#room = SHARED;
    }
    const address = this.#next;
    this.#next += size;
    this.#room -= size;
    return address;
  }

  #allocate(bytes: number): number {
    const address = this.runtime.memory.allocate(bytes);
    this.#addresses.push(address);
    return address;
  }

  /** Releases the scratch memory. */
  close(): void {
    for (const address of this.#addresses) this.runtime.memory.release(address);
    this.#addresses.length = 0;
    this.#room = 0;
  }
}
