/**
 * What the kernels see of TensorFlow.js' cpu and wasm backends: where they keep the
 * data of tensors, and how an entry is made whose data is filled in on first use.
 */
import type { tf } from '../../foundation/tensorflow.js';
import type { DataTable } from './derived.js';

type TypedArray = Float32Array | Int32Array | Uint8Array;

/** An entry in the table of the cpu backend. */
interface CpuEntry {
  dtype: tf.DataType;
  values: TypedArray | null;
  refCount: number;
}

/** An entry in the table of the wasm backend. */
interface WasmEntry {
  id: number;
  memoryOffset: number;
  refCount: number;
}

/** What the kernels use of the cpu backend. */
export interface CpuBackend {
  data: tf.DataStorage<CpuEntry>;
  write(values: TypedArray, shape: number[], dtype: tf.DataType): object;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: TypedArray | null): tf.TensorInfo;
  disposeData(dataId: object): boolean;
  incRef(dataId: object): void;
  refCount(dataId: object): number;
}

interface WasmBackend {
  dataIdMap: tf.DataStorage<WasmEntry>;
  write(values: TypedArray, shape: number[], dtype: tf.DataType): object;
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  disposeData(dataId: object, force?: boolean): boolean;
  refCount(dataId: object): number;
  typedArrayFromHeap(tensor: tf.TensorInfo): TypedArray;
}

/** The backends for which kernels are registered. */
export type KernelBackend = CpuBackend | WasmBackend;

/** Their names in TensorFlow.js. */
export const FUSED_BACKENDS: readonly string[] = ['cpu', 'wasm'];

/** The data that a backend has. */
export function tableOf(backend: KernelBackend): DataTable {
  return 'data' in backend ? backend.data : backend.dataIdMap;
}

/** The data of a tensor that the kernels do not hold. */
export function valuesOf(backend: KernelBackend, tensor: tf.TensorInfo): TypedArray {
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

/** A tensor of rows of another, whose data the kernels do not hold: copies, or a view on cpu. */
export function copyRows(
  backend: KernelBackend,
  tensor: tf.TensorInfo,
  rows: Int32Array,
): tf.TensorInfo {
  const { dtype } = tensor;
  const [, ...rest] = tensor.shape;
  const width = rest.reduce((product, size) => product * size, 1);
  const shape = [rows.length, ...rest];
  let from: TypedArray;
  let to: TypedArray;
  let copy: tf.TensorInfo;
  if ('data' in backend) {
    // As they are stored, see asDtype; copying converts them.
    from = backend.data.get(tensor.dataId).values!;
    const Values = ARRAYS[dtype as keyof typeof ARRAYS];
    if (from instanceof Values && areConsecutive(rows)) {
      // A view, as TensorFlow.js slices on this backend.
      const first = rows[0]! * width;
      const part = from.subarray(first, first + rows.length * width);
      return backend.makeTensorInfo(shape, dtype, part);
    }
    to = new Values(rows.length * width);
    copy = backend.makeTensorInfo(shape, dtype, to);
  } else {
    copy = backend.makeOutput(shape, dtype); // May move the heap, so views come after it.
    from = valuesOf(backend, tensor);
    to = backend.typedArrayFromHeap(copy);
  }
  for (let i = 0; i < rows.length; i++) {
    const first = rows[i]! * width;
    to.set(from.subarray(first, first + width), i * width);
  }
  return copy;
}

function areConsecutive(rows: Int32Array): boolean {
  const [first] = rows;
  return rows.length > 0 && rows.every((row, i) => row === first! + i);
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** A float32 tensor whose data is taken when anybody reads it. */
export function lazyTensor(
  backend: KernelBackend,
  shape: number[],
  take: () => Float32Array,
): tf.TensorInfo {
  return 'data' in backend
    ? lazyCpuTensor(backend, shape, take)
    : lazyWasmTensor(backend, shape, take);
}

function lazyCpuTensor(
  { data }: CpuBackend,
  shape: number[],
  take: () => Float32Array,
): tf.TensorInfo {
  const dataId = {};
  data.set(dataId, new LazyEntry(take));
  return { dataId, shape, dtype: 'float32' };
}

/** An entry whose values are taken when anybody reads them. */
class LazyEntry implements CpuEntry {
  readonly dtype = 'float32';
  refCount = 1;
  #values: TypedArray | null = null;
  #take: (() => Float32Array) | null;

  constructor(take: () => Float32Array) {
    this.#take = take;
  }

  get values(): TypedArray | null {
    if (this.#take) this.values = this.#take();
    return this.#values;
  }

  set values(values: TypedArray | null) {
    this.#values = values;
    this.#take = null;
  }
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
        // With its last reference gone the entry is being disposed of, unread.
        const values = entry.refCount > 0 ? take() : null;
        settle();
        if (values) backend.typedArrayFromHeap(tensor).set(values);
        return places[key];
      },
    });
  }
  return tensor;
}
