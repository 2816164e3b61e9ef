import { reject } from '../foundation/errors.js';
import { tf } from '../foundation/tensorflow.js';
import { sameName } from './layer-state.js';

/** The types of tensor that have a fixed number of bytes and occur in training. */
export type StoredType = 'float32' | 'int32' | 'bool';

/** A tensor without its values. */
export interface TensorHead {
  name: string;
  shape: number[];
  dtype: StoredType;
}

/** The head of a tensor; throws where its values are text or complex. */
export function headOf(where: string, name: string, tensor: tf.Tensor): TensorHead {
  const { dtype, shape } = tensor;
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') {
    return { name, shape: [...shape], dtype };
  }
  return reject({ where, expected: `${name} must be of numbers`, received: dtype });
}

/** How many bytes the values of a tensor have. */
export function byteLength({ shape, dtype }: TensorHead): number {
  return tf.util.sizeFromShape(shape) * (dtype === 'bool' ? 1 : 4);
}

/** The values of tensors as bytes, one tensor after another. */
export async function toBytes(tensors: readonly tf.Tensor[]): Promise<Uint8Array> {
  const values = await Promise.all(tensors.map((tensor) => tensor.data()));
  const bytes = new Uint8Array(values.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const { buffer, byteOffset, byteLength } of values) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
    offset += byteLength;
  }
  return bytes;
}

/** The tensors that {@link toBytes} wrote. */
export function fromBytes(heads: readonly TensorHead[], bytes: Uint8Array): tf.Tensor[] {
  let offset = 0;
  return heads.map((head) => {
    const end = offset + byteLength(head);
    // A copy begins where any type may, which a view need not. Not slice: a Buffer's is a view.
    const { buffer } = Uint8Array.from(bytes.subarray(offset, end));
    offset = end;
    const values =
      head.dtype === 'float32'
        ? new Float32Array(buffer)
        : head.dtype === 'int32'
          ? new Int32Array(buffer)
          : new Uint8Array(buffer);
    return tf.tensor(values, head.shape, head.dtype);
  });
}

/** Whether two tensors have the same type, shape and name, but for numbers within the name. */
export function sameHead(a: TensorHead, b: TensorHead): boolean {
  return a.dtype === b.dtype && tf.util.arraysEqual(a.shape, b.shape) && sameName(a.name, b.name);
}

/** A head as messages show it: `dense/kernel [32, 256]`. */
export function showHead(head: TensorHead | undefined): string {
  if (head === undefined) return 'no further weight';
  const type = head.dtype === 'float32' ? '' : ` ${head.dtype}`;
  return `${head.name} [${head.shape.join(', ')}]${type}`;
}
