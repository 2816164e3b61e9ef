/**
 * Dropout as a kernel of TensorFlow.js. It is linear in x, so the gradient is
 * the same kernel with the same seed. Source: assembly/dropout.ts; twin:
 * dropout-mask.ts.
 */
import { tf } from '../foundation/tensorflow.js';
import { DROPOUT_BLOCK, dropoutMask, dropoutThreshold } from './dropout-mask.js';
import { floatBits, ranges, runJobs } from './jobs.js';
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

// The fields of DropoutJob in assembly/dropout.ts, in its order.
const FIELDS = ['first', 'count', 'seed', 'threshold', 'scale', 'x', 'out'] as const;

function drop(
  call: KernelCall,
  { x }: Record<string, tf.TensorInfo>,
  { rate, seed }: { rate: number; seed: number },
): tf.TensorInfo {
  const out = call.output(x!.shape);
  const count = tf.util.sizeFromShape(x!.shape);
  const common = {
    seed,
    threshold: dropoutThreshold(rate),
    scale: floatBits(1 / (1 - rate)),
    x: call.input(x),
    out: out.address,
  };
  const shards = ranges(count, call.runtime.threads, count, DROPOUT_BLOCK);
  runJobs(
    call,
    'dropout',
    FIELDS,
    shards.map((range) => ({ ...range, ...common })),
  );
  return out.tensor;
}
