/**
 * Dropout as a kernel of TensorFlow.js. It is linear in x, so the gradient is
 * the same kernel with the same seed. Source: assembly/dropout/dropout.ts; twin:
 * dropout-mask.ts.
 */
import { tf } from '../../foundation/tensorflow.js';
import { type Dropping, runDropout } from './dropout-jobs.js';
import { dropoutMask } from './dropout-mask.js';
import { Gathered } from '../embedding/gathered.js';
import { registerKernels } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import { WordGradient } from '../embedding/word-gradient.js';

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
  return runKernel<T>(KERNEL, { x: asFloats(x) }, { rate, seed });
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
  inputs: Record<string, tf.TensorInfo>,
  { rate, seed }: Dropping,
): tf.TensorInfo {
  const x = inputs.x!;
  const dropping = { rate, seed };
  const deferred = call.deferredOf(x);
  // Rows of a table that nobody has asked for yet are read where they lie, if at all.
  if (deferred instanceof Gathered && isRows(x, deferred) && !deferred.dropping) {
    return call.deferredOutput(x.shape, deferred.dropped(dropping));
  }
  if (deferred instanceof WordGradient && passes(deferred, dropping)) {
    return call.deferredOutput(x.shape, deferred.beforeDropout());
  }
  const out = call.output(x.shape);
  runDropout(call, dropping, tf.util.sizeFromShape(x.shape), { x: call.input(x) }, out.address);
  return out.tensor;
}

// A reshape keeps the data but makes other vectors of it.
function isRows(x: tf.TensorInfo, words: Gathered): boolean {
  return x.shape.at(-1) === words.width;
}

function passes({ words }: WordGradient, { rate, seed }: Dropping): boolean {
  return words.dropping?.rate === rate && words.dropping.seed === seed;
}
