/** The inputs of a model in the type that it declares. */
import { reject } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';
import { FUSED_BACKENDS } from '../../kernels/bridge/backends.js';

/**
 * An input as `dtype`. Floats become integers as in Keras, cut off behind the point; those that have
 * no integer, of which TensorFlow.js would make another word, are refused where memory can be seen.
 *
 * @throws RecurrentError for NaN, infinity, and what 32 bits cannot hold, as int32.
 */
export function castInput(value: tf.Tensor, dtype: tf.DataType | null | undefined): tf.Tensor {
  if (!dtype || value.dtype === dtype) return value;
  const loses = dtype === 'int32' && value.dtype === 'float32';
  if (loses && FUSED_BACKENDS.includes(tf.getBackend())) {
    for (const number of value.dataSync()) {
      if (number > -LIMIT - 1 && number < LIMIT) continue;
      reject({
        where: 'model',
        expected: 'an input of type int32 must hold whole numbers of 32 bits',
        received: number,
        remedy: 'Look for what made it where the input comes from.',
        see: 'not-a-number',
      });
    }
  }
  return tf.cast(value, dtype);
}

const LIMIT = 2 ** 31;
