/**
 * Indices as integers, and the error for one that is no row of the table. A model casts its inputs
 * to float32, which on the cpu backend keeps the array of integers that they came with: here it is
 * taken back, where a cast would copy it. Of real floats, a cast of TensorFlow.js makes 0 of NaN and
 * of infinity, and wraps what 32 bits cannot hold, so they are looked at before.
 */
import { tf } from '../../foundation/tensorflow.js';
import { FUSED_BACKENDS, type KernelBackend, valuesOf } from '../bridge/backends.js';
import { requireRows } from './reject-index.js';

const NAME = 'RecurrentIndices';

/**
 * A tensor as int32, its values cut off behind the point.
 *
 * @param rows Of the table: a float outside is refused here, an integer where rows are taken.
 * @throws RecurrentError for NaN and any other float that is no row, on the backends whose memory
 *   this code can see.
 */
export function asIndices(tensor: tf.Tensor, rows: number): tf.Tensor {
  const visible = FUSED_BACKENDS.includes(tf.getBackend());
  if (tensor.dtype !== 'float32' || !visible) return tf.cast(tensor, 'int32');
  register();
  return tf.engine().runKernel(NAME, { x: tensor }, { rows });
}

let registered = false;

function register(): void {
  if (registered) return;
  registered = true;
  for (const backendName of FUSED_BACKENDS) {
    tf.registerKernel({
      kernelName: NAME,
      backendName,
      kernelFunc: ({ inputs, backend, attrs }) =>
        integers(
          inputs.x as tf.TensorInfo,
          backend as unknown as KernelBackend,
          attrs!.rows as number,
        ),
    });
  }
  tf.registerGradient({
    kernelName: NAME,
    // As that of tf.cast.
    gradFunc: (dy) => ({ x: () => tf.cast(dy as tf.Tensor, 'float32') }),
  });
}

function integers(x: tf.TensorInfo, backend: KernelBackend, rows: number): tf.TensorInfo {
  const { dataId, shape } = x;
  if ('data' in backend) {
    const values = backend.data.get(dataId).values!;
    if (!(values instanceof Int32Array)) {
      requireRows(values, shape, rows);
      return backend.makeTensorInfo(shape, 'int32', Int32Array.from(values));
    }
    backend.incRef(dataId);
    return { dataId, shape, dtype: 'int32' };
  }
  requireRows(valuesOf(backend, x), shape, rows);
  const made = backend.makeOutput(shape, 'int32'); // May move the heap, so the views come after it.
  backend.typedArrayFromHeap(made).set(valuesOf(backend, x));
  return made;
}
