/** Which windows of which series are trained on, checked on and forecast. */
import { reject } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';
import type { Stretch } from './scaling.js';
import type { Table } from './series-data.js';
import { windowValues } from './window-values.js';

/** The sizes of windows. */
export interface WindowSizes {
  /** Steps that are read. */
  window: number;
  /** Steps behind them that are forecast. */
  horizon: number;
}

/** A place in a series to forecast from: `time` is the first step that is forecast. */
export interface Origin {
  series: number;
  time: number;
}

/** The parts of a training run, in the order of time: no target of training lies behind `validation`'s first. */
export interface TimeParts {
  /** What scaling may know. */
  stretches: Stretch[];
  training: Origin[];
  validation: Origin[];
}

/**
 * Parts each series at one time. What is behind it is for validation, whose windows reach back before it:
 * what they read has been by the time of their targets.
 *
 * @throws RecurrentError where a series is shorter than a window and its targets, or the first part holds none.
 */
export function splitInTime(
  where: string,
  tables: readonly Table[],
  sizes: WindowSizes,
  validationSplit: number,
): TimeParts {
  const { window, horizon } = sizes;
  const parts: TimeParts = { stretches: [], training: [], validation: [] };
  tables.forEach((table, series) => {
    requireLength(where, table, sizes);
    const cut = table.time - Math.round(table.time * validationSplit);
    parts.stretches.push({ table, from: 0, to: cut });
    const beginning = Math.max(cut, window);
    parts.training = parts.training.concat(originsBetween(series, window, cut - horizon));
    parts.validation = parts.validation.concat(
      originsBetween(series, beginning, table.time - horizon),
    );
  });
  if (parts.training.length > 0) return parts;
  const longest = parts.stretches.reduce((most, { to }) => Math.max(most, to), 0);
  return reject({
    where,
    expected:
      `the steps before those for validation must hold a window and its targets, ` +
      `${window} + ${horizon}, but there are ${longest}`,
    remedy: 'Give a longer series, or a smaller window, horizon or validationSplit.',
    see: 'series-too-short',
  });
}

/** Throws unless a series holds a window and what is to be forecast behind it. */
export function requireLength(where: string, table: Table, { window, horizon }: WindowSizes): void {
  if (table.time >= window + horizon) return;
  reject({
    where,
    expected:
      `${table.name} must have at least ${window + horizon} steps, a window of ${window} and ` +
      `a horizon of ${horizon}`,
    received: table.time,
    remedy: 'Give a longer series, or train with a smaller window or horizon.',
    see: 'series-too-short',
  });
}

/** Every origin from one time to another, itself included, `stride` apart. */
export function originsBetween(series: number, from: number, to: number, stride = 1): Origin[] {
  const origins: Origin[] = [];
  for (let time = from; time <= to; time += stride) origins.push({ series, time });
  return origins;
}

/** The windows before the given origins, as {@link windowValues} has them. */
export function windowsAt(...given: Parameters<typeof windowValues>): tf.Tensor3D {
  const [, origins, window, width] = given;
  return tf.tensor3d(windowValues(...given), [origins.length, window, width]);
}
