import { reject } from '../foundation/errors.js';
import { tf } from '../foundation/tensorflow.js';
import {
  isList,
  requireBoolean,
  requireInteger,
  requireKnownOptions,
} from '../foundation/option-checks.js';
import { type Random, seededRandom } from '../foundation/random.js';

/** A series: numbers, vectors or deeper arrays by time; or a tensor whose first axis is time. */
export type Series = ArrayLike<number> | readonly SeriesStep[] | tf.Tensor;

/** One step of a series. */
export type SeriesStep = number | ArrayLike<number> | readonly SeriesStep[];

/** How windows are cut from a series. */
export interface TimeseriesOptions {
  /** How many time steps a window reaches back; its target is the step after it. */
  length: number;
  /**
   * How many steps after the window make up its target, which then has an axis for them. Default: the one
   * step after it, without such an axis. Keras has no such option.
   */
  horizon?: number | undefined;
  /** Every how many steps of a window are kept. Default: 1. */
  samplingRate?: number | undefined;
  /** How many steps lie between one window and the next. Default: 1. */
  stride?: number | undefined;
  /** The first step that is used. Default: 0. */
  startIndex?: number | undefined;
  /** The last step that is used, itself included. Default: the last of the series. */
  endIndex?: number | undefined;
  /** Whether windows are drawn at random, with replacement. Default: `false`. */
  shuffle?: boolean | undefined;
  /** Whether time runs backwards inside a window. Default: `false`. */
  reverse?: boolean | undefined;
  /** How many windows a batch has; the last may have fewer. Default: 128. */
  batchSize?: number | undefined;
  /** Makes `shuffle` repeat. Default: it differs each time. */
  seed?: number | undefined;
}

/** Windows and their targets. */
export interface TimeseriesBatch {
  /** Windows, `[batch, steps, ...shape of a step]`. */
  x: tf.Tensor;
  /** The target of each window: `[batch, ...shape of a target]`, with `horizon` `[batch, horizon, …]`. */
  y: tf.Tensor;
}

const WHERE = 'TimeseriesGenerator';

/**
 * Cuts a series into batches of windows and their targets, as
 * `keras.preprocessing.sequence.TimeseriesGenerator` does.
 *
 * `model.fitDataset(generator, { epochs })` trains on it, in order and once an epoch; `for … of`
 * and {@link TimeseriesGenerator.get} give the batches themselves, which are then yours to dispose.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { TimeseriesGenerator } from 'tfjs-recurrent';
 *
 * const temperatures = [10, 12, 13, 11, 9];
 * const batches = new TimeseriesGenerator(temperatures, temperatures, { length: 3, batchSize: 2 });
 * const { x, y } = batches.get(0);
 * console.log(x.arraySync(), y.arraySync());
 * // [ [ 10, 12, 13 ], [ 12, 13, 11 ] ] [ 11, 9 ]
 * console.log(batches.length);
 * // 1
 * ```
 */
export class TimeseriesGenerator implements Iterable<TimeseriesBatch> {
  /** How many batches there are. */
  readonly length: number;
  /** The time step of the first target, as Keras reports it: `startIndex` plus `length`. */
  readonly startIndex: number;
  /** The last time step of the last target. */
  readonly endIndex: number;

  private readonly data: FlatSeries;
  private readonly targets: FlatSeries;
  private readonly options: Required<Omit<TimeseriesOptions, 'seed' | 'horizon'>>;
  private readonly horizon: number | undefined;
  private readonly random: Random;

  /**
   * @param data What windows are cut from, by time.
   * @param targets What is to be predicted at each time step; as long as `data`.
   * @param options Lengths, strides and batches; `length` is required.
   * @throws RecurrentError when the lengths differ, a step has another shape than the first or is
   *   not a number, or no window fits between `startIndex` and `endIndex`.
   */
  constructor(data: Series, targets: Series, options: TimeseriesOptions) {
    const { horizon, ...checked } = checkOptions(options);
    this.data = flatSeries(WHERE, 'data', data);
    this.targets = flatSeries(WHERE, 'targets', targets);
    const time = this.data.time;
    if (time !== this.targets.time) {
      reject({
        where: WHERE,
        expected: `data and targets must be equally long: data has ${time} steps, targets ${this.targets.time}`,
        see: 'uneven-data',
      });
    }
    const { endIndex = time - 1, startIndex, length } = checked;
    this.startIndex = startIndex + length;
    this.endIndex = endIndex;
    if (endIndex > time - 1) {
      reject({
        where: WHERE,
        expected: `endIndex must be at most ${time - 1}, the last step of the data`,
        received: endIndex,
        remedy: 'Leave it out to use all of the data.',
        see: 'series-too-short',
      });
    }
    const lastTarget = endIndex + 1 - (horizon ?? 1);
    if (this.startIndex > lastTarget) {
      const more = horizon === undefined ? '' : `, horizon is ${horizon}`;
      reject({
        where: WHERE,
        expected: `no window fits: startIndex + length is ${this.startIndex}, endIndex is ${endIndex}${more}`,
        remedy: `Use a shorter length${more && ' or horizon'} or a longer series.`,
        see: 'series-too-short',
      });
    }
    this.options = { ...checked, endIndex: lastTarget };
    this.horizon = horizon;
    this.random = options.seed === undefined ? Math.random : seededRandom(options.seed);
    this.length = Math.ceil(
      (lastTarget - this.startIndex + 1) / (checked.batchSize * checked.stride),
    );
  }

  /** How many batches there are: what `model.fitDataset` asks for. */
  get size(): number {
    return this.length;
  }

  /**
   * One batch.
   *
   * @param index From 0 to below {@link TimeseriesGenerator.length}.
   * @returns New tensors, float32 unless the series was a tensor of another type.
   * @throws RecurrentError when there is no such batch.
   */
  get(index: number): TimeseriesBatch {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      reject({
        where: `${WHERE}.get`,
        expected: `index must be an integer from 0 to ${this.length - 1}`,
        received: index,
      });
    }
    const { length, samplingRate, reverse } = this.options;
    const rows = this.rows(index);
    const steps = Math.ceil(length / samplingRate);
    const offsets = Array.from({ length: steps }, (_, k) => k * samplingRate - length);
    if (reverse) offsets.reverse();
    return {
      x: gather(
        this.data,
        rows.flatMap((row) => offsets.map((offset) => row + offset)),
        [rows.length, steps],
      ),
      y: this.targetsAfter(rows),
    };
  }

  /** All batches in their order. */
  *[Symbol.iterator](): Generator<TimeseriesBatch, void, undefined> {
    for (let index = 0; index < this.length; index++) yield this.get(index);
  }

  /**
   * One pass over all batches, in the form that `model.fitDataset` reads. Targets that are plain numbers
   * are `[batch, 1]` there, as the outputs of a model are.
   */
  async iterator(): Promise<AsyncIterator<{ xs: tf.Tensor; ys: tf.Tensor }>> {
    let index = 0;
    return {
      next: async () => {
        if (index === this.length) return { done: true, value: undefined };
        const { x, y } = this.get(index++);
        return { done: false, value: { xs: x, ys: asColumn(y) } };
      },
    };
  }

  private targetsAfter(rows: readonly number[]): tf.Tensor {
    const { horizon, targets } = this;
    if (horizon === undefined) return gather(targets, rows, [rows.length]);
    const times = rows.flatMap((row) => Array.from({ length: horizon }, (_, step) => row + step));
    return gather(targets, times, [rows.length, horizon]);
  }

  /** The time steps whose targets make up a batch, or begin them. */
  private rows(index: number): number[] {
    const { batchSize, stride, shuffle } = this.options;
    if (shuffle) {
      const range = this.options.endIndex + 1 - this.startIndex;
      return Array.from(
        { length: batchSize },
        () => this.startIndex + Math.floor(this.random() * range),
      );
    }
    const first = this.startIndex + batchSize * stride * index;
    const end = Math.min(first + batchSize * stride, this.options.endIndex + 1);
    return Array.from({ length: Math.ceil((end - first) / stride) }, (_, k) => first + k * stride);
  }
}

function checkOptions(options: TimeseriesOptions) {
  requireKnownOptions(WHERE, options, [
    'length',
    'horizon',
    'samplingRate',
    'stride',
    'startIndex',
    'endIndex',
    'shuffle',
    'reverse',
    'batchSize',
    'seed',
  ]);
  const {
    length,
    horizon,
    samplingRate = 1,
    stride = 1,
    startIndex = 0,
    endIndex,
    shuffle = false,
    reverse = false,
    batchSize = 128,
    seed,
  } = (options ?? {}) as TimeseriesOptions;
  requireInteger(WHERE, 'length', length, 0, 'Pass { length } as the third argument.');
  if (horizon !== undefined) requireInteger(WHERE, 'horizon', horizon, 1);
  requireInteger(WHERE, 'samplingRate', samplingRate, 1);
  requireInteger(WHERE, 'stride', stride, 1);
  requireInteger(WHERE, 'startIndex', startIndex, 0);
  if (endIndex !== undefined) requireInteger(WHERE, 'endIndex', endIndex, 0);
  requireBoolean(WHERE, 'shuffle', shuffle);
  requireBoolean(WHERE, 'reverse', reverse);
  requireInteger(WHERE, 'batchSize', batchSize, 1);
  if (seed !== undefined) requireInteger(WHERE, 'seed', seed, 0);
  return {
    length,
    horizon,
    samplingRate,
    stride,
    startIndex,
    endIndex,
    shuffle,
    reverse,
    batchSize,
  };
}

/** A series with all its numbers in one array. */
export interface FlatSeries {
  time: number;
  shape: number[];
  dtype: 'float32' | 'int32' | 'bool';
  values: ArrayLike<number>; // [time · size of a step]
}

/** Reads a series; `where` and `name`: what messages call it. */
export function flatSeries(where: string, name: string, series: Series): FlatSeries {
  if (series instanceof tf.Tensor) {
    const [time, ...shape] = series.shape;
    if (time === undefined || series.dtype === 'string' || series.dtype === 'complex64') {
      reject({
        where,
        expected: `${name} must be a tensor of numbers with a first axis of time`,
        received: `${series.dtype} of shape [${series.shape}]`,
      });
    }
    return { time, shape, dtype: series.dtype, values: series.dataSync<'float32'>() };
  }
  if (!isList(series)) {
    reject({
      where,
      expected: `${name} must be a list of numbers or of vectors`,
      received: series,
    });
  }
  const shape: number[] = [];
  for (let step = series[0]; isList(step); step = step[0]) shape.push(step.length);
  const values = new Float32Array(series.length * tf.util.sizeFromShape(shape));
  let at = 0;
  for (let time = 0; time < series.length; time++) write(series[time], 0, `${name}[${time}]`);
  return { time: series.length, shape, dtype: 'float32', values };

  function write(step: unknown, depth: number, path: string): void {
    if (depth === shape.length) {
      if (typeof step !== 'number' || Number.isNaN(step)) {
        reject({ where, expected: `${path} must be a number`, received: step });
      }
      values[at++] = step;
      return;
    }
    if (!isList(step) || step.length !== shape[depth]) {
      reject({
        where,
        expected: `${path} must be a list of ${shape[depth]}, as in the first step`,
        received: step,
        see: 'uneven-data',
      });
    }
    for (let k = 0; k < step.length; k++) write(step[k], depth + 1, `${path}[${k}]`);
  }
}

/** Targets that are plain numbers as a model has its outputs: [batch, 1]. Takes the tensor over. */
function asColumn(y: tf.Tensor): tf.Tensor {
  if (y.rank > 1) return y;
  const column = tf.expandDims(y, 1);
  y.dispose();
  return column;
}

/** Picks time steps out of a series. */
function gather(series: FlatSeries, times: readonly number[], leading: number[]): tf.Tensor {
  const size = tf.util.sizeFromShape(series.shape);
  const Cells = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[series.dtype];
  const picked = new Cells(times.length * size);
  times.forEach((time, k) => {
    for (let i = 0; i < size; i++) picked[k * size + i] = series.values[time * size + i] as number;
  });
  return tf.tensor(picked, [...leading, ...series.shape], series.dtype);
}
