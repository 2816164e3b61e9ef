/** The recurrent initializer of LSTM, without the wait and the warning of the stock one. */
import { tf, tfl } from '../foundation/tensorflow.js';

interface OrthogonalConfig {
  gain?: number;
  seed?: number;
}

type Initializer = ReturnType<typeof tfl.initializers.orthogonal>;

type OrthogonalClass = new (
  config: OrthogonalConfig,
) => Initializer & { readonly gain: number; readonly seed: number | undefined };

/**
 * A random matrix with orthonormal rows or columns, times `gain`: Saxe et al.
 * 2013, by the Gram-Schmidt process on Gaussian vectors, twice for
 * orthogonality to float precision (Giraud et al. 2005). TensorFlow.js computes
 * the same distribution by Householder reflections in hundreds of small
 * operations and warns above 2,000 elements; 32 units have 4,096.
 */
export function orthogonal(config: OrthogonalConfig = {}): Initializer {
  const Stock = tfl.initializers.orthogonal({}).constructor as OrthogonalClass;
  return new (class Orthogonal extends Stock {
    override apply(shape: number[]): tf.Tensor {
      const columns = shape.at(-1)!;
      const rows = tf.util.sizeFromShape(shape) / columns;
      const count = Math.min(rows, columns);
      const length = Math.max(rows, columns);
      const vectors = orthonormalVectors(count, length, gaussian(count * length, this.seed));
      return tf.tidy(() => {
        const matrix = tf.tensor2d(vectors, [count, length]);
        const oriented = rows < columns ? matrix : tf.transpose(matrix);
        return tf.reshape(tf.mul(oriented, this.gain), shape);
      });
    }
  })(config);
}

/** Our initializer for what tf.layers takes as orthogonal, its default; anything else as it is. */
export function withFastOrthogonal<T>(initializer: T): T | Initializer {
  if (initializer === undefined || initializer === null) return orthogonal();
  if (typeof initializer === 'string') {
    return /^orthogonal$/i.test(initializer) ? orthogonal() : initializer;
  }
  const { className, config } = initializer as { className?: string; config?: OrthogonalConfig };
  const Stock = tfl.initializers.orthogonal({}).constructor as OrthogonalClass;
  // Not one that somebody has derived from it.
  if (initializer.constructor === Stock) return orthogonal(initializer as OrthogonalConfig);
  return className === 'Orthogonal' && config !== undefined ? orthogonal(config) : initializer;
}

function gaussian(count: number, seed: number | undefined): Float32Array {
  const values = tf.randomNormal([count], 0, 1, 'float32', seed);
  const data = values.dataSync<'float32'>().slice();
  values.dispose();
  return data;
}

function orthonormalVectors(count: number, length: number, vectors: Float32Array): Float32Array {
  const row = (i: number) => vectors.subarray(i * length, (i + 1) * length);
  for (let i = 0; i < count; i++) {
    const vector = row(i);
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) subtractProjection(vector, row(j));
    }
    let squares = 0;
    for (const value of vector) squares += value * value;
    const norm = Math.sqrt(squares);
    for (let k = 0; k < length; k++) vector[k]! /= norm;
  }
  return vectors;
}

function subtractProjection(vector: Float32Array, unit: Float32Array): void {
  let dot = 0;
  for (let k = 0; k < vector.length; k++) dot += vector[k]! * unit[k]!;
  for (let k = 0; k < vector.length; k++) vector[k]! -= dot * unit[k]!;
}
