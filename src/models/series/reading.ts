/** How the numbers of a series are told to a model, and its outputs understood. Without TensorFlow.js. */
import { reject } from '../../foundation/errors.js';
import type { Scaling } from './scaling.js';
import type { Columns, Table } from './series-data.js';
import type { Origin, WindowSizes } from './windows.js';

/** How targets are told to a model, and its outputs understood. */
export interface Reading extends WindowSizes {
  scaling: Scaling;
  /** Whether targets are read and told as differences from the last step of the window. */
  relative: boolean;
  /** Where the targets are among the columns. */
  places: readonly number[];
}

/** What says how a forecaster reads. */
interface ReadAs extends Omit<Reading, 'places'> {
  columns: Columns;
  targets: readonly string[];
}

/** How targets are told to the model of a forecaster. */
export function readingOf({
  columns,
  targets,
  scaling,
  relative,
  window,
  horizon,
}: ReadAs): Reading {
  const places = targets.map((target) => columns.names.indexOf(target));
  return { scaling, relative, window, horizon, places };
}

/** What `target` of a forecast from `origin` is counted from: the last value, or the middle of its column. */
export function baseOf(
  reading: Reading,
  tables: readonly Table[],
  origin: Origin,
  target: number,
): number {
  const { scaling, relative, places } = reading;
  const column = places[target]!;
  const width = scaling.offset.length;
  if (!relative) return scaling.offset[column]!;
  return tables[origin.series]!.values[(origin.time - 1) * width + column]!;
}

/**
 * The forecast from an origin in the units of the data.
 *
 * @param outputs What the model gave, of which those of the origin begin at `from`.
 * @param values Where the forecast is written, [horizon · targets].
 * @throws RecurrentError for what is not a finite number, which training that went astray leaves.
 */
export function understand(
  where: string,
  reading: Reading,
  tables: readonly Table[],
  origin: Origin,
  outputs: ArrayLike<number>,
  from: number,
  values: Float64Array,
): void {
  const { places, scaling } = reading;
  const bases = places.map((_, target) => baseOf(reading, tables, origin, target));
  values.forEach((_, i) => {
    const target = i % places.length;
    const out = outputs[from + i]!;
    if (!Number.isFinite(out)) rejectForecast(where, out);
    values[i] = bases[target]! + out * scaling.scale[places[target]!]!;
  });
}

function rejectForecast(where: string, received: number): never {
  reject({
    where,
    expected: 'the model must forecast finite numbers',
    received,
    remedy:
      'Train with a smaller learningRate; and look for values in the window that are far from all in training.',
    see: 'not-a-number',
  });
}
