/**
 * The largest value or the mean of each window of time, and what comes back, a kernel each. Twins:
 * tf.maxPool and tf.avgPool, but for a gradient: where a window sticks out, that of TensorFlow.js
 * divides by all of the window.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { floatsOf } from '../bridge/call.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import { forward, type Pool1dSettings, planOf } from './pool1d-forward.js';

const FORWARD = 'RecurrentPool1d';
const BACKWARD = 'RecurrentPool1dGradient';

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
