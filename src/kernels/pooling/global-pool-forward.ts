/** The forward pass of global-pool.ts. */
import type { tf } from '../../foundation/tensorflow.js';
import { type Call, floatsOf } from '../bridge/call.js';

/** What of all steps. */
export type GlobalPoolMode = 'max' | 'average';

/** [batch, columns] of x [batch, time, columns] and, where there is one, a mask of floats [batch, time]. */
export function forward(
  call: Call,
  { x, mask }: Record<string, tf.TensorInfo | undefined>,
  { mode }: { mode: GlobalPoolMode },
): tf.TensorInfo {
  const [batch, time, columns] = x!.shape as [number, number, number];
  const y = call.output([batch, columns]);
  const [values, counts] = floatsOf(call, x!, ...(mask ? [mask] : []));
  const out = call.runtime.memory.floats(y.address, batch * columns);
  const sums = new Float64Array(columns);
  for (let sample = 0, step = 0; sample < batch; sample++) {
    let counted = 0;
    sums.fill(mode === 'max' ? Number.NEGATIVE_INFINITY : 0);
    for (let t = 0; t < time; t++, step++) {
      if (counts && !counts[step]) continue;
      counted++;
      for (let column = 0, i = step * columns; column < columns; column++, i++) {
        const value = values[i]!;
        if (mode === 'average') sums[column] = sums[column]! + value;
        else if (!(value <= sums[column]!)) sums[column] = value; // NaN, too
      }
    }
    for (let column = 0; column < columns; column++) {
      const result = mode === 'max' ? sums[column]! : sums[column]! / counted;
      out[sample * columns + column] = counted ? result : Number.NaN;
    }
  }
  return y.tensor;
}
