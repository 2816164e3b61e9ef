/**
 * Dropout as a kernel of TensorFlow.js. It is linear in x, so the gradient is
 * the same kernel with the same seed. Source: assembly/dropout.ts; twin:
 * dropout-mask.ts.
 */
import { tf } from '../foundation/tensorflow.js';
import { DROPOUT_BLOCK, dropoutMask, dropoutThreshold } from './dropout-mask.js';
import { gatheredFrom } from './gathered.js';
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
// biome-ignore format: one line a group
const FIELDS = [
  'first', 'count', 'seed', 'threshold', 'scale', 'x', 'indices', 'width', 'out',
] as const;

function drop(
  call: KernelCall,
  { x }: Record<string, tf.TensorInfo>,
  { rate, seed }: { rate: number; seed: number },
): tf.TensorInfo {
  const out = call.output(x!.shape);
  const count = tf.util.sizeFromShape(x!.shape);
  // Rows of a table that nobody has asked for yet are read where they lie.
  const words = gatheredFrom(x!);
  const rows = words && x!.shape.at(-1) === words.width && fitsBlock(words.width) ? words : null;
  const common = {
    seed,
    threshold: dropoutThreshold(rate),
    scale: floatBits(1 / (1 - rate)),
    x: rows ? rows.rows.address : call.input(x),
    indices: rows ? rows.indices.address : 0,
    width: rows ? rows.width : DROPOUT_BLOCK,
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

/** Whether a block of the mask begins with a row and holds whole vectors of it. */
function fitsBlock(width: number): boolean {
  return width % 4 === 0 && DROPOUT_BLOCK % width === 0;
}
