/**
 * Dropout as a kernel of TensorFlow.js. It is linear in x, so the gradient is
 * the same kernel with the same seed. Source: assembly/dropout.ts; twin:
 * dropout-mask.ts.
 */
import { tf } from '../foundation/tensorflow.js';
import { dropoutMask, dropoutThreshold } from './dropout-mask.js';
import { registerKernels } from './register.js';
import { asFloats, type KernelCall } from './tensors.js';

const KERNEL = 'RecurrentDropout';

/**
 * Sets a fraction of the values to zero and scales the rest by 1 / (1 - rate).
 *
 * @param x Of any shape.
 * @param rate The fraction that is dropped, in (0, 1).
 * @param seed 32-bit integer; the same seed drops the same positions.
 */
export function dropout<T extends tf.Tensor>(x: T, rate: number, seed: number): T {
  register();
  return tf.engine().runKernel<T>(KERNEL, { x: asFloats(x) }, { rate, seed });
}

/** The same values in operations that every backend has. */
export function dropoutComposed<T extends tf.Tensor>(x: T, rate: number, seed: number): T {
  return tf.mul(x, tf.tensor(dropoutMask(x.size, rate, seed), x.shape)) as T;
}

const register = registerKernels({
  kernels: { [KERNEL]: drop },
  gradients: [
    {
      kernelName: KERNEL,
      gradFunc: (dy, _saved, { rate, seed }) => ({
        x: () => dropout(dy as tf.Tensor, rate as number, seed as number),
      }),
    },
  ],
});

function drop(
  call: KernelCall,
  { x }: Record<string, tf.TensorInfo>,
  { rate, seed }: { rate: number; seed: number },
): tf.TensorInfo {
  const out = call.output(x!.shape);
  call.runtime.exports.dropout(
    tf.util.sizeFromShape(x!.shape),
    seed,
    dropoutThreshold(rate),
    1 / (1 - rate),
    call.input(x),
    out.address,
  );
  return out.tensor;
}
