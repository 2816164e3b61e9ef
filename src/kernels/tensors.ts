/**
 * How tensors of TensorFlow.js' cpu and wasm backends reach the kernels and
 * come back without being copied more often than needed.
 *
 * What a kernel computes stays in the kernels' memory: the backend gets an entry
 * whose data is filled in on first use by anybody else. A next kernel of ours
 * finds the data in place. What the backend has disposed of is released before
 * the next kernel runs, so nothing depends on the garbage collector.
 */
import { tf } from '../foundation/tensorflow.js';
import { releaseOldTapes } from './activations.js';
import { type DataTable, releaseOutdated } from './derived.js';
import type { Runtime } from './runtime.js';

type TypedArray = Float32Array | Int32Array | Uint8Array;

/** An entry in the table of the cpu backend. */
interface CpuEntry {
  values: TypedArray | null;
  refCount: number;
}

/** An entry in the table of the wasm backend. */
interface WasmEntry {
  id: number;
  memoryOffset: number;
  refCount: number;
}

interface CpuBackend {
  data: tf.DataStorage<CpuEntry>;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: TypedArray | null): tf.TensorInfo;
  disposeData(dataId: object): boolean;
}

interface WasmBackend {
  dataIdMap: tf.DataStorage<WasmEntry>;
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  disposeData(dataId: object, force?: boolean): boolean;
  typedArrayFromHeap(tensor: tf.TensorInfo): TypedArray;
}

/** The backends for which kernels are registered. */
export type KernelBackend = CpuBackend | WasmBackend;

/** Their names in TensorFlow.js. */
export const FUSED_BACKENDS: readonly string[] = ['cpu', 'wasm'];

interface Resident {
  address: number;
  table: DataTable;
}

const residents = new Map<object, Resident>();

/** Floats, which is all that the kernels compute with, whatever a tensor holds. */
export function asFloats<T extends tf.Tensor>(tensor: T): T {
  // A cast to the same type would copy on the wasm backend.
  return tensor.dtype === 'float32' ? tensor : tf.cast(tensor, 'float32');
}

/** One run of a kernel: the addresses of its inputs, its scratch and its outputs. */
export class KernelCall {
  readonly runtime: Runtime;
  readonly #backend: KernelBackend;
  readonly #scratch: number[] = [];
  readonly #outputs: tf.TensorInfo[] = [];

  constructor(runtime: Runtime, backend: KernelBackend) {
    this.runtime = runtime;
    this.#backend = backend;
    releaseDisposed(runtime);
    releaseOldTapes();
    releaseOutdated();
  }

  /** The data that the backend has. */
  get table(): DataTable {
    return tableOf(this.#backend);
  }

  /** The address of a tensor's data; 0 for no tensor. */
  input(tensor: tf.TensorInfo | undefined): number {
    if (tensor === undefined) return 0;
    const resident = residents.get(tensor.dataId)?.address;
    if (resident !== undefined) return resident;
    const values = valuesOf(this.#backend, tensor);
    const address = this.scratch(values.byteLength);
    const { memory } = this.runtime;
    memory
      .bytes(address, values.byteLength)
      .set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return address;
  }

  /** Memory until {@link close}. */
  scratch(bytes: number): number {
    const address = this.runtime.memory.allocate(bytes);
    this.#scratch.push(address);
    return address;
  }

  /** A new float32 tensor and where a kernel writes it. */
  output(shape: number[]): { tensor: tf.TensorInfo; address: number } {
    const { memory } = this.runtime;
    const length = tf.util.sizeFromShape(shape);
    const address = memory.allocate(length * 4);
    const tensor: tf.TensorInfo =
      'data' in this.#backend
        ? lazyCpuTensor(this.#backend, shape, () => take(this.runtime, tensor.dataId, length))
        : lazyWasmTensor(this.#backend, shape, () => take(this.runtime, tensor.dataId, length));
    residents.set(tensor.dataId, { address, table: tableOf(this.#backend) });
    this.#outputs.push(tensor);
    return { tensor, address };
  }

  /** Takes the outputs back, for a kernel that threw: TensorFlow.js never hears of them. */
  abandon(): void {
    for (const { dataId } of this.#outputs) this.#backend.disposeData(dataId);
    releaseDisposed(this.runtime);
  }

  /** Releases the scratch memory. */
  close(): void {
    for (const address of this.#scratch) this.runtime.memory.release(address);
    this.#scratch.length = 0;
  }
}

function tableOf(backend: KernelBackend): DataTable {
  return 'data' in backend ? backend.data : backend.dataIdMap;
}

function valuesOf(backend: KernelBackend, tensor: tf.TensorInfo): TypedArray {
  if ('data' in backend) return asDtype(backend.data.get(tensor.dataId).values!, tensor.dtype);
  backend.dataIdMap.get(tensor.dataId); // Moves the data here from another backend, if need be.
  return backend.typedArrayFromHeap(tensor);
}

// A cast that loses nothing, as int32 to float32, keeps the array of the old type on cpu.
function asDtype(values: TypedArray, dtype: tf.DataType): TypedArray {
  if (dtype === 'float32' && !(values instanceof Float32Array)) return Float32Array.from(values);
  if (dtype === 'int32' && !(values instanceof Int32Array)) return Int32Array.from(values);
  return values;
}

/** Releases the memory of tensors that their backend has forgotten. */
export function releaseDisposed(runtime: Runtime): void {
  for (const [dataId, { address, table }] of residents) {
    if (table.has(dataId)) continue;
    runtime.memory.release(address);
    residents.delete(dataId);
  }
}

/** Copies a resident tensor out of the kernels' memory and gives its place up. */
function take(runtime: Runtime, dataId: object, length: number): Float32Array {
  const { address } = residents.get(dataId)!;
  const values = runtime.memory.floats(address, length).slice();
  runtime.memory.release(address);
  residents.delete(dataId);
  return values;
}

function lazyCpuTensor(
  backend: CpuBackend,
  shape: number[],
  take: () => Float32Array,
): tf.TensorInfo {
  const tensor = backend.makeTensorInfo(shape, 'float32', null);
  Object.defineProperty(backend.data.get(tensor.dataId), 'values', {
    configurable: true,
    enumerable: true,
    get(this: CpuEntry) {
      const values = take();
      Object.defineProperty(this, 'values', { value: values, writable: true, enumerable: true });
      return values;
    },
  });
  return tensor;
}

// Only the copy is put off, not the allocation: TensorFlow.js takes the buffer of its
// heap before it looks an entry up, and growing the heap would detach that buffer.
function lazyWasmTensor(
  backend: WasmBackend,
  shape: number[],
  take: () => Float32Array,
): tf.TensorInfo {
  const tensor = backend.makeOutput(shape, 'float32');
  const entry = backend.dataIdMap.get(tensor.dataId);
  const places = { id: entry.id, memoryOffset: entry.memoryOffset };
  const settle = () => {
    for (const key of ['id', 'memoryOffset'] as const) {
      Object.defineProperty(entry, key, { value: places[key], writable: true, enumerable: true });
    }
  };
  for (const key of ['id', 'memoryOffset'] as const) {
    Object.defineProperty(entry, key, {
      configurable: true,
      enumerable: true,
      get() {
        settle();
        // With its last reference gone the entry is being disposed of, unread.
        if (entry.refCount > 0) backend.typedArrayFromHeap(tensor).set(take());
        return places[key];
      },
    });
  }
  return tensor;
}
