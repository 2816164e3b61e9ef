/**
 * One run of a model: its tensors in the kernels' memory, from the inputs to the outputs. What
 * tensors.ts of the kernels is for TensorFlow.js, without TensorFlow.js.
 */
import type { Machine } from '../engine/machine.js';
import {
  type Call,
  type Deferred,
  type Held,
  ScratchPlace,
  sizeOf,
} from '../kernels/bridge/call.js';

/** Where the values of a tensor are. */
export class Data {
  /** 0 while deferred. */
  address: number;
  readonly bytes: number;
  deferred: Deferred | null;

  constructor(address: number, bytes: number, deferred: Deferred | null = null) {
    this.address = address;
    this.bytes = bytes;
    this.deferred = deferred;
  }
}

/** Values in the kernels' memory; several tensors may be of the same. */
export interface Tensor {
  dataId: object;
  shape: number[];
  dtype: 'float32' | 'int32' | 'bool';
}

/** Which steps count, 1 or 0: of a tensor [batch, time, …], [batch, time]. */
export interface Mask {
  values: Uint8Array;
  shape: number[];
}

// Weights stay as they are as long as a predictor lives.
const EVERYTHING = { has: () => true };

/** Copies values that outlive all runs. */
export function keep(machine: Machine, values: Float32Array, shape: number[]): Tensor {
  const address = machine.memory.allocate(values.byteLength);
  machine.memory.floats(address, values.length).set(values);
  return { dataId: new Data(address, values.byteLength), shape, dtype: 'float32' };
}

export class Run extends ScratchPlace implements Call {
  readonly table = EVERYTHING;
  readonly #addresses: number[] = [];

  input(tensor: { dataId: object } | undefined): number {
    if (tensor === undefined) return 0;
    const data = tensor.dataId as Data;
    const { deferred } = data;
    if (deferred) {
      data.address = this.#allocate(data.bytes);
      data.deferred = null;
      deferred.write(this, data.address);
    }
    return data.address;
  }

  hold(tensor: { dataId: object }): Held {
    // Nothing is released before the run is over.
    return { address: this.input(tensor), release() {} };
  }

  holdForLong(tensor: { dataId: object }): Held {
    return this.hold(tensor);
  }

  output(shape: number[]): { tensor: Tensor; address: number } {
    const bytes = 4 * sizeOf(shape);
    const address = this.#allocate(bytes);
    return { tensor: { dataId: new Data(address, bytes), shape, dtype: 'float32' }, address };
  }

  deferredOutput(shape: number[], deferred: Deferred): Tensor {
    return { dataId: new Data(0, 4 * sizeOf(shape), deferred), shape, dtype: 'float32' };
  }

  deferredOf({ dataId }: { dataId: object }): Deferred | null {
    return (dataId as Data).deferred;
  }

  /** A tensor of values that come from outside. */
  tensor(values: Float32Array | Int32Array | Uint8Array, shape: number[]): Tensor {
    const { buffer, byteOffset, byteLength } = values;
    const address = this.#allocate(byteLength);
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.runtime.memory.bytes(address, byteLength).set(bytes);
    const dtype =
      values instanceof Float32Array ? 'float32' : values instanceof Int32Array ? 'int32' : 'bool';
    return { dataId: new Data(address, byteLength), shape, dtype };
  }

  /** A view of a tensor's values, good until memory is asked for again. */
  values(tensor: Tensor): Float32Array | Int32Array {
    const { memory } = this.runtime;
    const address = this.input(tensor);
    const size = sizeOf(tensor.shape);
    return tensor.dtype === 'int32' ? memory.integers(address, size) : memory.floats(address, size);
  }

  /** The end of the run: its tensors are gone. */
  end(): void {
    this.close();
    for (const address of this.#addresses) this.runtime.memory.release(address);
    this.#addresses.length = 0;
  }

  #allocate(bytes: number): number {
    const address = this.runtime.memory.allocate(bytes);
    this.#addresses.push(address);
    return address;
  }
}

/** The same values in another shape. */
export function reshaped({ dataId, dtype }: Tensor, shape: number[]): Tensor {
  return { dataId, shape, dtype };
}

/** A new tensor from the values of others, written by `fill` once all of them are there. */
export function computed(
  run: Run,
  shape: number[],
  inputs: readonly Tensor[],
  fill: (out: Float32Array, ...values: Float32Array[]) => void,
): Tensor {
  for (const input of inputs) run.input(input);
  // Memory may grow while it is asked for, and views of it end then.
  const { tensor, address } = run.output(shape);
  const values = inputs.map((input) => run.values(input) as Float32Array);
  fill(run.runtime.memory.floats(address, sizeOf(shape)), ...values);
  return tensor;
}
