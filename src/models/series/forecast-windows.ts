/** What a model says of windows, in the units of the data. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { nextTurn } from '../../foundation/turn.js';
import { baseOf, type Reading, understand } from './reading.js';
import { scaled } from './scaling.js';
import type { Table } from './series-data.js';
import { type Origin, windowsAt } from './windows.js';

/** Windows that are forecast at once. */
const BATCH = 256;

/** What a model reads before the origins that it is asked for. */
function inputsAt(
  { scaling, relative, places, window }: Reading,
  tables: readonly Table[],
): (origins: readonly Origin[]) => tf.Tensor3D {
  const series = tables.map((table) => scaled(table, scaling));
  const width = scaling.offset.length;
  return (origins) => windowsAt(series, origins, window, width, relative ? places : []);
}

/** Windows and their targets as a model is trained on them; both are the caller's to dispose. */
export function samplesAt(
  reading: Reading,
  tables: readonly Table[],
  origins: readonly Origin[],
): { x: tf.Tensor3D; y: tf.Tensor2D } {
  const { scaling, places, horizon } = reading;
  const width = scaling.offset.length;
  const size = horizon * places.length;
  const y = new Float32Array(origins.length * size);
  origins.forEach((origin, row) => {
    const { values } = tables[origin.series]!;
    places.forEach((column, target) => {
      const base = baseOf(reading, tables, origin, target);
      for (let step = 0; step < horizon; step++) {
        const value = values[(origin.time + step) * width + column]!;
        y[row * size + step * places.length + target] = (value - base) / scaling.scale[column]!;
      }
    });
  });
  return {
    x: inputsAt(reading, tables)(origins), // [origins, window, columns]
    y: tf.tensor2d(y, [origins.length, size]), // [origins, horizon · targets]
  };
}

/**
 * The forecasts from all origins, one after the other.
 *
 * @param each Gets the values of a forecast, [horizon · targets], which it must not keep.
 * @throws RecurrentError for what is not a finite number, which training that went astray leaves.
 */
export async function forecastAt(
  where: string,
  model: tfl.LayersModel,
  reading: Reading,
  tables: readonly Table[],
  origins: readonly Origin[],
  each: (origin: Origin, values: Float64Array) => void,
): Promise<void> {
  const { places, horizon } = reading;
  const inputs = inputsAt(reading, tables);
  const values = new Float64Array(horizon * places.length);
  for (let start = 0; start < origins.length; start += BATCH) {
    if (start > 0) await nextTurn();
    const some = origins.slice(start, start + BATCH);
    const output = tf.tidy(() => {
      return model.predict(inputs(some), { batchSize: BATCH }) as tf.Tensor; // [origins, horizon · targets]
    });
    let outputs: ArrayLike<number>;
    try {
      outputs = await output.data();
    } finally {
      output.dispose();
    }
    some.forEach((origin, row) => {
      understand(where, reading, tables, origin, outputs, row * values.length, values);
      each(origin, values);
    });
  }
}
