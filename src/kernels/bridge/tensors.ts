/**
 * How tensors of TensorFlow.js reach the kernels and come back without being copied
 * more often than needed.
 *
 * What a kernel computes stays in the kernels' memory: the backend gets an entry
 * whose data is filled in on first use by anybody else. A next kernel of ours
 * finds the data in place. What the backend has disposed of is released before
 * the next kernel runs, so nothing depends on the garbage collector.
 */
import { tf } from '../../foundation/tensorflow.js';
import { releaseOldTapes } from './activations.js';
import { type KernelBackend, lazyTensor, tableOf, valuesOf } from './backends.js';
import { type DataTable, releaseOutdated } from './derived.js';
import type { Machine } from '../../engine/machine.js';
import { type Call, type Deferred, type Held, ScratchPlace, type Workplace } from './call.js';

/** Data in the kernels' memory, in place of the backend's or beside them. */
interface Resident {
  dataId: object;
  table: DataTable;
  bytes: number;
  /** 0 while deferred. */
  address: number;
  deferred: Deferred | null;
  holders: number;
}

const residents = new WeakMap<object, Resident>();
// All of them. A map that is filled and emptied at every step leaves a chain of old tables, each
// of which would keep what the next one holds alive until the old generation is collected.
const all: Resident[] = [];

function settle(resident: Resident): void {
  residents.set(resident.dataId, resident);
  all.push(resident);
}

/** Floats, which is all that the kernels compute with, whatever a tensor holds. */
export function asFloats<T extends tf.Tensor>(tensor: T): T {
  // A cast to the same type would copy on the wasm backend.
  return tensor.dtype === 'float32' ? tensor : tf.cast(tensor, 'float32');
}

/** One run of a kernel: the addresses of its inputs, its scratch and its outputs. */
export class KernelCall extends ScratchPlace implements Call {
  readonly backend: KernelBackend;
  readonly #outputs: tf.TensorInfo[] = [];

  constructor(runtime: Machine, backend: KernelBackend) {
    super(runtime);
    this.backend = backend;
    releaseDisposed(runtime);
    releaseOldTapes();
    releaseOutdated();
  }

  get table(): DataTable {
    return tableOf(this.backend);
  }

  input(tensor: tf.TensorInfo | undefined): number {
    if (tensor === undefined) return 0;
    const resident = residents.get(tensor.dataId);
    if (resident) return written(this, resident);
    return this.#copy(tensor, (bytes) => this.scratch(bytes));
  }

  hold(tensor: tf.TensorInfo): Held {
    const { memory } = this.runtime;
    const resident = residents.get(tensor.dataId);
    if (resident === undefined) {
      const address = this.#copy(tensor, (bytes) => memory.allocate(bytes));
      return { address, release: () => memory.release(address) };
    }
    const address = written(this, resident);
    resident.holders++;
    return { address, release: () => leave(this.runtime, resident, address) };
  }

  holdForLong(tensor: tf.TensorInfo): Held {
    if (!residents.has(tensor.dataId)) this.#settleCopy(tensor);
    return this.hold(tensor);
  }

  /** The address of a tensor's data that nobody else has, which may be overwritten; 0 if somebody may. */
  own(tensor: tf.TensorInfo): number {
    const resident = residents.get(tensor.dataId);
    const alone = resident?.holders === 1 && this.backend.refCount(tensor.dataId) === 1;
    return alone ? written(this, resident) : 0;
  }

  /** A new float32 tensor and where a kernel writes it, or has: memory that it takes over. */
  output(shape: number[], written?: number): { tensor: tf.TensorInfo; address: number } {
    const bytes = 4 * tf.util.sizeFromShape(shape);
    const address = written ?? this.runtime.memory.allocate(bytes);
    return { tensor: this.#resident(shape, { bytes, address, deferred: null }), address };
  }

  deferredOutput(shape: number[], deferred: Deferred): tf.TensorInfo {
    const bytes = 4 * tf.util.sizeFromShape(shape);
    return this.#resident(shape, { bytes, address: 0, deferred });
  }

  deferredOf(tensor: tf.TensorInfo): Deferred | null {
    return deferredOf(tensor);
  }

  /** A new float32 tensor whose values the backend has from the beginning. */
  outputOf(values: Float32Array, shape: number[]): tf.TensorInfo {
    const dataId = this.backend.write(values, shape, 'float32');
    const tensor: tf.TensorInfo = { dataId, shape, dtype: 'float32' };
    this.#outputs.push(tensor);
    return tensor;
  }

  /** From now on an output is somebody else's; false if it is none of this call's. */
  disown({ dataId }: tf.TensorInfo): boolean {
    const place = this.#outputs.findIndex((output) => output.dataId === dataId);
    if (place >= 0) this.#outputs.splice(place, 1);
    return place >= 0;
  }

  /** Takes the outputs back, for a kernel that threw: TensorFlow.js never hears of them. */
  abandon(): void {
    for (const { dataId } of this.#outputs) this.backend.disposeData(dataId);
    releaseDisposed(this.runtime);
  }

  #resident(
    shape: number[],
    where: Pick<Resident, 'bytes' | 'address' | 'deferred'>,
  ): tf.TensorInfo {
    const tensor: tf.TensorInfo = lazyTensor(this.backend, shape, () =>
      take(this.runtime, tensor.dataId),
    );
    const { bytes, address, deferred } = where;
    settle({ dataId: tensor.dataId, table: this.table, bytes, address, deferred, holders: 1 });
    this.#outputs.push(tensor);
    return tensor;
  }

  /** Copies a tensor for as long as its backend has it; returns where. */
  #settleCopy(tensor: tf.TensorInfo): number {
    const { dataId, shape } = tensor;
    const bytes = 4 * tf.util.sizeFromShape(shape);
    const address = this.#copy(tensor, (size) => this.runtime.memory.allocate(size));
    settle({ dataId, table: this.table, bytes, address, deferred: null, holders: 1 });
    return address;
  }

  #copy(tensor: tf.TensorInfo, allocate: (bytes: number) => number): number {
    const { buffer, byteOffset, byteLength } = valuesOf(this.backend, tensor);
    const address = allocate(byteLength);
    this.runtime.memory
      .bytes(address, byteLength)
      .set(new Uint8Array(buffer, byteOffset, byteLength));
    return address;
  }
}

/** The source of a tensor whose data has not been asked for. */
export function deferredOf({ dataId }: tf.TensorInfo): Deferred | null {
  return residents.get(dataId)?.deferred ?? null;
}

/** The address of a resident's data, which is now written if it was not yet. */
function written(place: Workplace, resident: Resident): number {
  const { deferred, bytes } = resident;
  if (deferred) {
    const address = place.runtime.memory.allocate(bytes);
    try {
      deferred.write(place, address);
    } catch (error) {
      place.runtime.memory.release(address);
      throw error;
    }
    resident.address = address;
    resident.deferred = null;
    deferred.release();
  }
  return resident.address;
}

/** Releases the memory of tensors that their backend has forgotten. */
export function releaseDisposed(runtime: Machine): void {
  let left = 0;
  for (const resident of all) {
    if (residents.get(resident.dataId) !== resident) continue; // somebody took it
    if (resident.table.has(resident.dataId)) {
      all[left++] = resident;
      continue;
    }
    residents.delete(resident.dataId);
    resident.deferred?.release();
    leave(runtime, resident, resident.address);
  }
  all.length = left;
}

/** The last to leave releases the memory. */
function leave(runtime: Machine, resident: Resident, address: number): void {
  if (--resident.holders === 0) runtime.memory.release(address);
}

/** Copies a resident tensor out of the kernels' memory and gives its place up. */
function take(runtime: Machine, dataId: object): Float32Array {
  const resident = residents.get(dataId)!;
  const place = new ScratchPlace(runtime);
  let address: number;
  try {
    address = written(place, resident);
  } finally {
    place.close();
  }
  runtime.finish();
  const values = runtime.memory.floats(address, resident.bytes / 4).slice();
  residents.delete(dataId);
  leave(runtime, resident, address);
  return values;
}
