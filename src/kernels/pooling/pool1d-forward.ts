/** The forward pass of pool1d.ts. */
import type { tf } from '../../foundation/tensorflow.js';
import { type Call, floatsOf } from '../bridge/call.js';

/** Which windows, and what of each. */
export interface Pool1dSettings {
  mode: 'max' | 'average';
  /** Of a window, in steps. */
  size: number;
  strides: number;
  /** With `'same'`, windows that stick out count only what is there. */
  padding: 'valid' | 'same';
}

interface Plan {
  steps: number;
  /** The first step of window `i`, and the step behind its last. */
  window(i: number): [number, number];
}

/** The windows of a sequence. */
export function planOf(time: number, { size, strides, padding }: Pool1dSettings): Plan {
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

/** [batch, steps, columns] of x [batch, time, columns] */
export function forward(
  call: Call,
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
