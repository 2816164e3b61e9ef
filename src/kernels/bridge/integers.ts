/**
 * Indices as integers. A model casts its inputs to float32, which on the cpu backend keeps the
 * array of integers that they came with: here it is taken back, where a cast would copy it.
 */
import { tf } from '../../foundation/tensorflow.js';
import type { CpuBackend } from './backends.js';

const NAME = 'RecurrentIntegers';

/** A tensor as int32, its values cut off behind the point. */
export function asIntegers(tensor: tf.Tensor): tf.Tensor {
  if (tensor.dtype !== 'float32' || tf.getBackend() !== 'cpu') return tf.cast(tensor, 'int32');
  register();
  return tf.engine().runKernel(NAME, { x: tensor });
}

let registered = false;

function register(): void {
  if (registered) return;
  registered = true;
  tf.registerKernel({
    kernelName: NAME,
    backendName: 'cpu',
    kernelFunc: ({ inputs, backend }) =>
      integers(inputs.x as tf.TensorInfo, backend as unknown as CpuBackend),
  });
  tf.registerGradient({
    kernelName: NAME,
    // As that of tf.cast.
    gradFunc: (dy) => ({ x: () => tf.cast(dy as tf.Tensor, 'float32') }),
  });
}

function integers({ dataId, shape }: tf.TensorInfo, backend: CpuBackend): tf.TensorInfo {
  const values = backend.data.get(dataId).values!;
  if (!(values instanceof Int32Array)) {
    return backend.makeTensorInfo(shape, 'int32', Int32Array.from(values));
  }
  backend.incRef(dataId);
  return { dataId, shape, dtype: 'int32' };
}
