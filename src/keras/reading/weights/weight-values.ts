/** The values of a weight in a file, as the layers here have them. */
import type { Hdf5Array } from '../../hdf5/hdf5-file.js';
import type { WeightPlan } from '../architecture/layer-plan.js';

/** Reads a weight. */
export function weightValues(
  plan: WeightPlan,
  { shape, read }: Hdf5Array,
): { values: Float32Array; shape: number[] } {
  const written = scaled(read(), plan);
  return plan.convert?.(written) ?? { values: written, shape: [...shape] };
}

/**
 * hard_sigmoid is clip(x / 6 + 0.5) in Keras 3 and clip(0.2·x + 0.5) here, the same for an x
 * that is 1.2 times smaller. saveKerasModel does the opposite.
 */
const HARD_SIGMOID_SCALE = 1.2;

function scaled(values: Float32Array, { shape, hardSigmoid }: WeightPlan): Float32Array {
  if (hardSigmoid === undefined) return values;
  const columns = shape.at(-1)!;
  const units = columns / hardSigmoid.gates;
  return values.map((value, i) =>
    hardSigmoid.scaled.includes(Math.floor((i % columns) / units))
      ? value / HARD_SIGMOID_SCALE
      : value,
  );
}
