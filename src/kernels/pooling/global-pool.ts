/**
 * The largest value or the mean of all steps that count, and what comes back, a kernel each. Twins:
 * tf.max and tf.mean over time, and for a mask `globalPoolComposed` below.
 */
import { tf } from '../../foundation/tensorflow.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { floatsOf } from '../bridge/call.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import { forward, type GlobalPoolMode } from './global-pool-forward.js';

// By two names, since TensorFlow.js saves inputs for the gradient by a list of those that are there.
const PLAIN = 'RecurrentGlobalPool';
const MASKED = 'RecurrentGlobalPoolMasked';
const BACKWARD = 'RecurrentGlobalPoolGradient';

/** What is pooled. */
export interface GlobalPoolInputs {
  /** [batch, time, columns] */
  x: tf.Tensor3D;
  /** [batch, time]; steps of 0 do not count. A sample of nothing else gives NaN, as a mean of none. */
  mask?: tf.Tensor2D;
}

/** @returns [batch, columns] */
export function globalPool({ x, mask }: GlobalPoolInputs, mode: GlobalPoolMode): tf.Tensor2D {
  register();
  const inputs = { x: asFloats(x), ...(mask && { mask: asFloats(mask) }) };
  return runKernel(mask ? MASKED : PLAIN, inputs, { mode });
}

/** What comes back from `dy`, [batch, columns], the gradient of what {@link globalPool} returned. */
export function globalPoolGradient(
  { x, mask }: GlobalPoolInputs,
  mode: GlobalPoolMode,
  dy: tf.Tensor,
): tf.Tensor {
  register();
  const inputs = { x: asFloats(x), dy, ...(mask && { mask: asFloats(mask) }) };
  return runKernel(BACKWARD, inputs, { mode });
}

/** The same values in operations that every backend has. */
export function globalPoolComposed(
  { x, mask }: GlobalPoolInputs,
  mode: GlobalPoolMode,
): tf.Tensor2D {
  if (!mask) return mode === 'max' ? tf.max(x, 1) : tf.mean(x, 1);
  const counted = tf.expandDims(tf.cast(mask, 'float32'), 2);
  const isCounted = tf.greater(counted, 0);
  if (mode === 'average') {
    const kept = tf.where(isCounted, x, tf.zerosLike(x));
    return tf.div(tf.sum(kept, 1), tf.sum(counted, 1));
  }
  const least = tf.fill(x.shape, Number.NEGATIVE_INFINITY);
  const any = tf.greater(tf.sum(counted, 1), 0);
  const most = tf.max(tf.where(isCounted, x, least), 1) as tf.Tensor2D;
  return tf.where(any, most, tf.fill(most.shape, Number.NaN));
}

const register = registerKernels({
  kernels: { [PLAIN]: forward, [MASKED]: forward, [BACKWARD]: backward },
  gradients: [
    { kernelName: PLAIN, inputsToSave: ['x'], gradFunc: gradient },
    { kernelName: MASKED, inputsToSave: ['x', 'mask'], gradFunc: gradient },
    {
      kernelName: BACKWARD,
      gradFunc: () => rejectSecondDerivative('globalPool', 'use tf.max or tf.mean'),
    },
  ],
});

function gradient(
  dy: tf.Tensor | tf.Tensor[],
  [x, mask]: tf.Tensor[],
  attributes: object,
): Record<string, () => tf.Tensor> {
  const { mode } = attributes as { mode: GlobalPoolMode };
  const inputs = { x, ...(mask && { mask }) } as GlobalPoolInputs;
  return {
    x: () => globalPoolGradient(inputs, mode, dy as tf.Tensor),
    ...(mask && { mask: () => tf.zerosLike(mask) }),
  };
}

function backward(
  call: KernelCall,
  { x, dy, mask }: Record<string, tf.TensorInfo>,
  { mode }: { mode: GlobalPoolMode },
): tf.TensorInfo {
  const [batch, time, columns] = x!.shape as [number, number, number];
  const dx = call.output(x!.shape);
  const [values, slopes, counts] = floatsOf(call, x!, dy!, ...(mask ? [mask] : []));
  const out = call.runtime.memory.floats(dx.address, values.length);
  out.fill(0);
  for (let sample = 0; sample < batch; sample++) {
    const steps: number[] = [];
    for (let step = sample * time; step < (sample + 1) * time; step++) {
      if (!counts || counts[step]) steps.push(step);
    }
    for (let column = 0; column < columns; column++) {
      const slope = slopes[sample * columns + column]!;
      let most = Number.NEGATIVE_INFINITY;
      if (mode === 'max')
        for (const step of steps) most = Math.max(most, values[step * columns + column]!);
      for (const step of steps) {
        const i = step * columns + column;
        // Each of several that are largest gets all of it, as in TensorFlow.js.
        if (mode === 'average') out[i] = slope / steps.length;
        else if (values[i] === most) out[i] = slope;
      }
    }
  }
  return dx.tensor;
}
