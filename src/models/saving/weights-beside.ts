/** Arrays that are saved in the weights of a model, though no layer of it has them. */
import { tf } from '../../foundation/tensorflow.js';
import { joined, type Precision, type WrittenWeight, writeWeight } from './precision.js';

/** Arrays by name. Integers keep their 32 bits. */
export type ArraysBeside = Readonly<Record<string, Float32Array | Int32Array>>;

/** Adds arrays to what a model saves. */
export function withArraysBeside(
  where: string,
  artifacts: tf.io.ModelArtifacts,
  arrays: ArraysBeside,
  precision: Precision,
): tf.io.ModelArtifacts {
  const { weightSpecs = [], weightData = new ArrayBuffer(0) } = artifacts;
  const beside = joined(
    Object.entries(arrays).map(([name, values]): WrittenWeight => {
      const shape = [values.length];
      if (values instanceof Float32Array) {
        return writeWeight(where, { name, shape, dtype: 'float32' }, values, precision);
      }
      return {
        spec: { name, shape, dtype: 'int32' },
        bytes: new Uint8Array(values.slice().buffer),
      };
    }),
  );
  return {
    ...artifacts,
    weightSpecs: [...weightSpecs, ...beside.weightSpecs],
    weightData: tf.io.CompositeArrayBuffer.join([
      tf.io.CompositeArrayBuffer.join(weightData),
      beside.weightData,
    ]),
  };
}

/**
 * Takes the arrays of these names out again, so that the model is left.
 *
 * @returns Only those arrays that are there.
 */
export function takeArraysBeside(
  artifacts: tf.io.ModelArtifacts,
  names: readonly string[],
): { artifacts: tf.io.ModelArtifacts; arrays: Record<string, Float32Array | Int32Array> } {
  const { weightSpecs = [], weightData = new ArrayBuffer(0) } = artifacts;
  const decoded = tf.tidy(() => {
    const tensors = tf.io.decodeWeights(weightData, weightSpecs);
    return names
      .filter((name) => name in tensors)
      .map((name) => [name, tensors[name]!.dataSync().slice()] as const);
  });
  const own = weightSpecs.filter(({ name }) => !names.includes(name));
  return {
    artifacts: { ...artifacts, weightSpecs: own },
    arrays: Object.fromEntries(decoded) as Record<string, Float32Array | Int32Array>,
  };
}
