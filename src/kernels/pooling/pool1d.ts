/**
 * The largest value or the mean of each window of time, and what comes back, a kernel each. Twins:
 * tf.maxPool and tf.avgPool, but for a gradient: where a window sticks out, that of TensorFlow.js
 * divides by all of the window.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { asFloats, floatsOf, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const FORWARD = 'RecurrentPool1d';
const BACKWARD = 'RecurrentPool1dGradient';

/** Which windows, and what of each. */
export interface Pool1dSettings {
  mode: 'max' | 'average';
  /** Of a window, in steps. */
  size: number;
  strides: number;
  /** With `'same'`, windows that stick out count only what is there. */
  padding: 'valid' | 'same';
}

/**
 * @param x [batch, time, columns]
 * @returns [batch, steps, columns]
 */
export function pool1d(x: tf.Tensor3D, settings: Pool1dSettings): tf.Tensor3D {
  register();
  return runKernel(FORWARD, { x: asFloats(x) }, settings);
}

/** What comes back from `dy`, the gradient of what {@link pool1d} returned. */
export function pool1dGradient(x: tf.Tensor3D, settings: Pool1dSettings, dy: tf.Tensor): tf.Tensor {
  register();
  return runKernel(BACKWARD, { x: asFloats(x), dy }, settings);
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [
    {
      kernelName: FORWARD,
      inputsToSave: ['x'],
      gradFunc: (dy, [x], settings) => ({
        x: () =>
          pool1dGradient(x as tf.Tensor3D, settings as unknown as Pool1dSettings, dy as tf.Tensor),
      }),
    },
    {
      kernelName: BACKWARD,
      gradFunc: () => rejectSecondDerivative('pool1d', 'use tf.pool'),
    },
  ],
});

interface Plan {
  steps: number;
  /** The first step of window `i`, and the step behind its last. */
  window(i: number): [number, number];
}

function planOf(time: number, { size, strides, padding }: Pool1dSettings): Plan {
  const steps =
    padding === 'same' ? Math.ceil(time / strides) : Math.floor((time - size) / strides) + 1;
  const missing = padding === 'same' ? Math.max(0, (steps - 1) * strides + size - time) : 0;
  const before = Math.floor(missing / 2);
  return {
    steps,
    window: (i) => {
      const start = i * strides - before;
      return [Math.max(0, start), Math.min(time, start + size)];
    },
  };
}

function forward(
  call: KernelCall,
  { x }: Record<string, tf.TensorInfo>,
  settings: Pool1dSettings,
): tf.TensorInfo {
  const [batch, time, columns] = x!.shape as [number, number, number];
  const { steps, window } = planOf(time, settings);
  const y = call.output([batch, steps, columns]);
  const [values] = floatsOf(call, x!);
  const out = call.runtime.memory.floats(y.address, batch * steps * columns);
  const isMax = settings.mode === 'max';
  for (let sample = 0, to = 0; sample < batch; sample++) {
    for (let step = 0; step < steps; step++, to += columns) {
      const [first, last] = window(step);
      const from = (sample * time + first) * columns;
      const end = (sample * time + last) * columns;
      for (let column = 0; column < columns; column++) {
        let result = isMax ? Number.NEGATIVE_INFINITY : 0;
        for (let i = from + column; i < end; i += columns) {
          const value = values[i]!;
          if (!isMax) result += value;
          else if (!(value <= result)) result = value; // NaN, too
        }
        out[to + column] = isMax ? result : result / (last - first);
      }
    }
  }
  return y.tensor;
}

function backward(
  call: KernelCall,
  { x, dy }: Record<string, tf.TensorInfo>,
  settings: Pool1dSettings,
): tf.TensorInfo {
  const [batch, time, columns] = x!.shape as [number, number, number];
  const { steps, window } = planOf(time, settings);
  const dx = call.output(x!.shape);
  const [values, slopes] = floatsOf(call, x!, dy!);
  const out = call.runtime.memory.floats(dx.address, values.length);
  out.fill(0);
  const isMax = settings.mode === 'max';
  for (let sample = 0, at = 0; sample < batch; sample++) {
    for (let step = 0; step < steps; step++, at += columns) {
      const [first, last] = window(step);
      const from = (sample * time + first) * columns;
      const end = (sample * time + last) * columns;
      for (let column = 0; column < columns; column++) {
        const slope = slopes[at + column]!;
        if (isMax) {
          let place = from + column; // the first of several, as in TensorFlow.js
          for (let i = place + columns; i < end; i += columns) {
            if (values[i]! > values[place]!) place = i;
          }
          out[place] = out[place]! + slope;
        } else {
          const share = slope / (last - first);
          for (let i = from + column; i < end; i += columns) out[i] = out[i]! + share;
        }
      }
    }
  }
  return dx.tensor;
}
