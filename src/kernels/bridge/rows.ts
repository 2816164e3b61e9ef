/**
 * Rows of a tensor by number as a kernel of TensorFlow.js: memory is copied, where `tf.gather`
 * computes the place of every value. Twin: tf.gather.
 */
import { tf } from '../../foundation/tensorflow.js';
import { copyRows } from './backends.js';
import { fusedAvailable, registerKernels } from './register.js';
import { runKernel } from './together.js';

const KERNEL = 'RecurrentRows';

/**
 * The rows with the given numbers, in that order.
 *
 * @param tensor Of any type but strings. Nothing flows back to it.
 * @param rows From 0 up to, not including, `tensor.shape[0]`.
 * @returns [rows.length, ...tensor.shape.slice(1)]
 */
export function takeRows(tensor: tf.Tensor, rows: Int32Array): tf.Tensor {
  if (!fusedAvailable() || tensor.dtype === 'complex64') {
    return tf.tidy(() => tf.gather(tensor, tf.tensor1d(rows, 'int32')));
  }
  register();
  return runKernel(KERNEL, { tensor }, { rows });
}

const register = registerKernels({
  kernels: {
    [KERNEL]: (call, { tensor }: Record<string, tf.TensorInfo>, { rows }: { rows: Int32Array }) =>
      copyRows(call.backend, tensor!, rows),
  },
  gradients: [],
});
