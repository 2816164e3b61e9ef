/** The forward pass of normalize.ts. */
import type { tf } from '../../foundation/tensorflow.js';
import { type Call, floatsOf } from '../bridge/call.js';

/** How. */
export interface NormalizeSettings {
  over: 'rows' | 'columns';
  epsilon: number;
}

/** Sums, in doubles, of every row or column of x: of what `of` says. */
export function sums(
  size: number,
  columns: number,
  over: NormalizeSettings['over'],
  of: (i: number, group: number) => number,
): Float64Array {
  const totals = new Float64Array(over === 'rows' ? size / columns : columns);
  for (let i = 0, row = 0; i < size; row++) {
    for (let column = 0; column < columns; column++, i++) {
      const group = over === 'rows' ? row : column;
      totals[group] = totals[group]! + of(i, group);
    }
  }
  return totals;
}

/** In doubles. */
export interface Moments {
  mean: Float64Array;
  variance: Float64Array;
  count: number;
}

/** The mean and the variance of each row or column. */
export function momentsOf(
  x: Float32Array,
  columns: number,
  over: NormalizeSettings['over'],
): Moments {
  const count = over === 'rows' ? columns : x.length / columns;
  const mean = sums(x.length, columns, over, (i) => x[i]!).map((sum) => sum / count);
  const variance = sums(x.length, columns, over, (i, group) => (x[i]! - mean[group]!) ** 2).map(
    (sum) => sum / count,
  );
  return { mean, variance, count };
}

/** x less its mean, over its deviation, times gamma, plus beta; and the moments. */
export function normalized(
  call: Call,
  { x, gamma, beta }: Record<string, tf.TensorInfo | undefined>,
  { over, epsilon }: NormalizeSettings,
): { y: tf.TensorInfo; moments: Moments } {
  const columns = x!.shape.at(-1)!;
  const y = call.output(x!.shape);
  const [values, ...weights] = floatsOf(call, ...[x!, gamma, beta].filter((t) => t !== undefined));
  const gammas = gamma && weights[0];
  const betas = beta && weights.at(-1);
  const moments = momentsOf(values!, columns, over);
  const { mean, variance } = moments;
  const inverse = variance.map((square) => 1 / Math.sqrt(square + epsilon));
  const out = call.runtime.memory.floats(y.address, values!.length);
  for (let i = 0, row = 0; i < out.length; row++) {
    for (let column = 0; column < columns; column++, i++) {
      const group = over === 'rows' ? row : column;
      const hat = (values![i]! - mean[group]!) * inverse[group]!;
      out[i] = hat * (gammas ? gammas[column]! : 1) + (betas ? betas[column]! : 0);
    }
  }
  return { y: y.tensor, moments };
}
