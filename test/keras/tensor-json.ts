/** Tensors in JSON, as the Python scripts of this folder write them. */
import { tf } from '../../src/foundation/tensorflow.js';

/** A tensor of float32: the Base64 of its little-endian values. */
export interface WrittenTensor {
  shape: number[];
  values: string;
}

/** What a model was given, and what Keras predicted. */
export interface WrittenCase {
  inputs: WrittenTensor[];
  outputs: WrittenTensor[];
}

export function valuesOf({ values }: WrittenTensor): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(values, 'base64'));
  return new Float32Array(bytes.buffer);
}

export const tensorOf = (written: WrittenTensor): tf.Tensor =>
  tf.tensor(valuesOf(written), written.shape);

/** The largest difference; infinite where one of two numbers alone is NaN, as a mean of no step is. */
export function largestDifference(received: ArrayLike<number>, expected: Float32Array): number {
  return expected.reduce(
    (most, value, i) => {
      const other = received[i]!;
      if (Number.isNaN(value) && Number.isNaN(other)) return most;
      const difference = Math.abs(value - other);
      return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(most, difference);
    },
    received.length === expected.length ? 0 : Number.POSITIVE_INFINITY,
  );
}
