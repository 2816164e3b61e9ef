/** Weights in fewer bits, in the forms that every loader of TensorFlow.js reads. */
import { reject } from '../../foundation/errors.js';
import { requireOneOf } from '../../foundation/option-checks.js';
import { tf } from '../../foundation/tensorflow.js';

/** How many bits each weight takes in a file: 32, 16 or 8. Loaded weights are of 32 bits again. */
export type Precision = 'float32' | 'float16' | 'int8';

export function requirePrecision(where: string, precision: unknown): void {
  requireOneOf(where, 'precision', precision, ['float32', 'float16', 'int8']);
}

/** One tensor of a file: how its manifest tells of it, and its bytes. */
export interface WrittenWeight {
  spec: tf.io.WeightsManifestEntry;
  bytes: Uint8Array;
}

/**
 * The weights of a model as `precision` writes them. Biases and other vectors stay as they are, for
 * they are few; so does what an optimizer remembers.
 *
 * @throws RecurrentError for a weight that is not finite, which 8 bits cannot say.
 */
export function withPrecision(
  where: string,
  artifacts: tf.io.ModelArtifacts,
  precision: Precision,
): tf.io.ModelArtifacts {
  const { weightSpecs = [], weightData = new ArrayBuffer(0) } = artifacts;
  if (precision === 'float32') return artifacts;
  const data = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
  let at = 0;
  const written = weightSpecs.map((spec) => {
    const bytes = data.slice(at, at + 4 * spec.shape.reduce((a, b) => a * b, 1));
    at += bytes.length;
    const isKept = spec.dtype !== 'float32' || spec.shape.length < 2 || spec.group === 'optimizer';
    if (isKept) return { spec, bytes };
    return writeWeight(where, spec, new Float32Array(bytes.buffer), precision);
  });
  return { ...artifacts, ...joined(written) };
}

/** Specs and data of weights, one behind the other. */
export function joined(weights: readonly WrittenWeight[]): {
  weightSpecs: tf.io.WeightsManifestEntry[];
  weightData: ArrayBuffer;
} {
  const all = new Uint8Array(weights.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of weights) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return { weightSpecs: weights.map(({ spec }) => spec), weightData: all.buffer };
}

/** One tensor of floats in as many bits. */
export function writeWeight(
  where: string,
  spec: tf.io.WeightsManifestEntry,
  values: Float32Array,
  precision: Precision,
): WrittenWeight {
  const odd = values.find((value) => !Number.isFinite(value));
  if (odd !== undefined) {
    reject({
      where,
      expected: `every weight must be finite, but ${spec.name} has ${odd}`,
      remedy: 'Training went wrong: train again, with a smaller learningRate.',
      see: 'not-a-number',
    });
  }
  if (precision === 'float32') return { spec, bytes: new Uint8Array(values.slice().buffer) };
  if (precision === 'float16') {
    const halves = Uint16Array.from(values, toHalf);
    return {
      spec: { ...spec, quantization: { dtype: 'float16' } },
      bytes: new Uint8Array(halves.buffer),
    };
  }
  let min = values.length === 0 ? 0 : Infinity;
  let max = min === 0 ? 0 : -Infinity;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const scale = (max - min) / 255;
  return {
    spec: { ...spec, quantization: { dtype: 'uint8', min, scale } },
    bytes: Uint8Array.from(values, (value) =>
      scale === 0 ? 0 : Math.round((value - min) / scale),
    ),
  };
}

const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

/** The largest number that 16 bits hold. */
const LARGEST_HALF = 65504;

/** The 16 bits of IEEE 754 nearest to a number; of two equally near ones, the even one. */
export function toHalf(value: number): number {
  FLOAT[0] = Math.max(-LARGEST_HALF, Math.min(LARGEST_HALF, value));
  const sign = (BITS[0]! >>> 16) & 0x8000;
  FLOAT[0] = Math.abs(FLOAT[0]!);
  const bits = BITS[0]!;
  if (bits < 0x38800000) {
    // Below 2⁻¹⁴ halves are multiples of 2⁻²⁴. Added to 0.5, a float rounds to such a multiple.
    FLOAT[0] = FLOAT[0]! + 0.5;
    return sign | (BITS[0]! - 0x3f000000);
  }
  const isOdd = (bits >>> 13) & 1;
  return sign | ((bits - 0x38000000 + 0xfff + isOdd) >>> 13);
}
