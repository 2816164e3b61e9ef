/**
 * Values that cross to another thread. The structured clone of the platform takes the prototypes of
 * objects away without a word, so that a tensor would arrive as numbers about nothing: tensors travel
 * with their values here, and what would arrive as something else is refused.
 */
import { reject } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';

/** What crosses, and the memory that goes along instead of being copied. */
export interface Crossing {
  value: unknown;
  transfer: ArrayBuffer[];
}

/** Marks a tensor on its way; no text that an object of a user would have as its only key. */
const TENSOR = 'tfjs-recurrent tensor';

interface CrossingTensor {
  [TENSOR]: { shape: number[]; dtype: tf.DataType; values: tf.TypedArray | string[] };
}

/**
 * Prepares a value for `postMessage`.
 *
 * @param name What messages call the value; '' for an object whose members they name.
 * @throws RecurrentError for functions, and for objects of classes that a clone would not keep.
 */
export async function toCrossing(where: string, name: string, value: unknown): Promise<Crossing> {
  const transfer: ArrayBuffer[] = [];
  const waiting: Promise<void>[] = [];
  const visit = (each: unknown, path: string): unknown => {
    if (typeof each === 'function' || typeof each === 'symbol') refuse(where, path, each);
    if (typeof each !== 'object' || each === null) return each;
    if (each instanceof tf.Tensor) {
      const { shape, dtype } = each;
      const tensor: CrossingTensor = { [TENSOR]: { shape, dtype, values: [] } };
      waiting.push(
        each.data<tf.DataType>().then((values) => {
          // A backend may hand out the very memory that it computes with.
          tensor[TENSOR].values = values.slice();
          const { buffer } = tensor[TENSOR].values as tf.TypedArray;
          if (buffer instanceof ArrayBuffer) transfer.push(buffer);
        }),
      );
      return tensor;
    }
    if (Array.isArray(each)) {
      if (each.every(isPrimitive)) return each;
      return each.map((item, index) => visit(item, `${path}[${index}]`));
    }
    if (isPlain(each)) {
      const entries = Object.entries(each);
      return Object.fromEntries(
        entries.map(([key, item]) => [key, visit(item, path === '' ? key : `${path}.${key}`)]),
      );
    }
    if (!isOfPlatform(each)) refuse(where, path, each);
    return each;
  };
  const crossing = visit(value, name);
  await Promise.all(waiting);
  return { value: crossing, transfer };
}

/**
 * The value that {@link toCrossing} prepared, on the other side.
 *
 * @param made Is given every tensor, which belongs to the caller.
 */
export function fromCrossing(value: unknown, made: tf.Tensor[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (TENSOR in value) {
    const { shape, dtype, values } = (value as CrossingTensor)[TENSOR];
    const tensor = tf.tensor(values, shape, dtype);
    made.push(tensor);
    return tensor;
  }
  if (Array.isArray(value)) {
    return value.every(isPrimitive) ? value : value.map((item) => fromCrossing(item, made));
  }
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fromCrossing(item, made)]),
  );
}

function isPrimitive(value: unknown): boolean {
  return (typeof value !== 'object' || value === null) && typeof value !== 'function';
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Whether a class is the platform's, such as Float32Array, Map or File, and not written in JavaScript. */
function isOfPlatform(value: object): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(value.constructor));
}

function refuse(where: string, path: string, value: unknown): never {
  return reject({
    where,
    expected: `${path} cannot cross to another thread, which takes data but no functions or objects of classes`,
    received: value,
    remedy:
      'Send what it is made from, such as tokenizer.toJson(), and make it anew on the other side.',
    see: 'cannot-cross-to-a-worker',
  });
}
