/** continuousBatches: one long sequence in order, for layers that carry their states from batch to batch. */
import { reject } from '../foundation/errors.js';
import { requireInteger, requireKnownOptions } from '../foundation/option-checks.js';
import { tf, tfl } from '../foundation/tensorflow.js';
import { flatSeries, type FlatSeries, type Series } from '../preprocessing/timeseries.js';
import { everyLayer } from './layer-state.js';

/** How a sequence is cut. */
export interface ContinuousBatchesOptions {
  /** How many parts of the sequence are read side by side, one a row. */
  batchSize: number;
  /** How many steps a batch has, and so how far gradients reach back. */
  steps: number;
  /** What is to be predicted at each step; as long as the sequence. Default: the step after it. */
  targets?: Series | undefined;
  /** A model whose stateful layers begin each pass over the sequence from zeros. Default: none. */
  model?: tfl.LayersModel | undefined;
}

/** Batches for `model.fitDataset`. */
export interface Batches {
  /** How many there are in an epoch. */
  readonly size: number;
  /** One epoch. */
  iterator(): Promise<AsyncIterator<{ xs: tf.Tensor; ys: tf.Tensor }>>;
}

const WHERE = 'continuousBatches';

/**
 * Cuts one long text or series into batches for truncated backpropagation through time: row r of
 * each batch goes on where row r of the batch before has ended, so that layers with `stateful: true`
 * carry their states on.
 *
 * The sequence is parted into `batchSize` parts of one length, which are read side by side, `steps`
 * steps at a time. Of each part, what fills no batch is left out. With `model`, the states of its
 * stateful layers are set to zero before the first batch of each epoch, also when it evaluates.
 *
 * This is how Keras's guide to stateful recurrent networks and PyTorch's language models lay out a
 * text (`batchify` there).
 *
 * @param sequence Numbers, such as words, or vectors, by time; or a tensor whose first axis is time.
 * @param options `batchSize` and `steps` are required.
 * @returns Batches for `model.fitDataset`: `xs` [batchSize, steps, …], `ys` likewise, where numbers
 *   are [batchSize, steps, 1].
 * @throws RecurrentError for a size that is not a positive integer, targets of another length, a
 *   sequence too short for a batch, and a model without stateful layers, or whose batches are of
 *   another size.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { continuousBatches } from 'tfjs-recurrent';
 *
 * const batches = continuousBatches([0, 1, 2, 3, 4, 5, 6, 7, 8], { batchSize: 2, steps: 2 });
 * const epoch = await batches.iterator();
 * for (let i = 0; i < batches.size; i++) {
 *   const { xs, ys } = (await epoch.next()).value;
 *   console.log(xs.arraySync(), ys.shape);
 * }
 * // [ [ 0, 1 ], [ 4, 5 ] ] [ 2, 2, 1 ]
 * // [ [ 2, 3 ], [ 6, 7 ] ] [ 2, 2, 1 ]
 * ```
 */
export function continuousBatches(sequence: Series, options: ContinuousBatchesOptions): Batches {
  requireKnownOptions(WHERE, options, ['batchSize', 'steps', 'targets', 'model'], {
    shuffle: 'Leave it out: a batch goes on where the one before has ended.',
  });
  const { batchSize, steps, targets, model } = options ?? {};
  requireInteger(WHERE, 'batchSize', batchSize, 1);
  requireInteger(WHERE, 'steps', steps, 1);
  const data = flatSeries(WHERE, 'sequence', sequence);
  const labels = targets === undefined ? null : flatSeries(WHERE, 'targets', targets);
  if (labels && labels.time !== data.time) {
    reject({
      where: WHERE,
      expected: `targets must be as long as the sequence, which has ${data.time} steps`,
      received: labels.time,
      see: 'uneven-data',
    });
  }
  // The last step of a sequence has no step after it.
  const length = Math.floor((labels ? data.time : data.time - 1) / batchSize);
  const size = Math.floor(length / steps);
  if (size < 1) {
    const least = batchSize * steps + (labels ? 0 : 1);
    reject({
      where: WHERE,
      expected: `a sequence must have at least ${least} steps for one batch of ${batchSize} times ${steps}`,
      received: data.time,
      remedy: 'Use fewer rows or steps, or a longer sequence.',
      see: 'series-too-short',
    });
  }
  if (model !== undefined) requireStateful(model, batchSize);
  const batch = (index: number) => {
    const first = (row: number) => row * length + index * steps;
    const shape = [batchSize, steps];
    const xs = cut(data, first, shape);
    const ys = labels ? cut(labels, first, shape) : cut(data, (row) => first(row) + 1, shape);
    return { xs, ys: asColumns(ys) };
  };
  return {
    size,
    async iterator() {
      let index = 0;
      return {
        next: async () => {
          if (index === size) return { done: true, value: undefined };
          if (index === 0) model?.resetStates();
          else if (model) releaseKeptStates(model);
          return { done: false, value: batch(index++) };
        },
      };
    },
  };
}

/** Steps of a series that begin at a place for each row. */
function cut(
  { shape, values, dtype }: FlatSeries,
  first: (row: number) => number,
  [rows, steps]: readonly number[],
): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  const Cells = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype];
  const picked = new Cells(rows! * steps! * size);
  for (let row = 0; row < rows!; row++) {
    const from = first(row) * size;
    for (let i = 0; i < steps! * size; i++) picked[row * steps! * size + i] = values[from + i]!;
  }
  return tf.tensor(picked, [rows!, steps!, ...shape], dtype);
}

/** Numbers as a model has its outputs, [batch, steps, 1]. Takes the tensor over. */
function asColumns(y: tf.Tensor): tf.Tensor {
  if (y.rank > 2) return y;
  const columns = tf.expandDims(y, 2);
  y.dispose();
  return columns;
}

/**
 * Disposes of the states that a gradient may have needed, which tf.layers keeps until the states are
 * reset: an epoch would gather those of every batch.
 */
function releaseKeptStates(model: tfl.LayersModel): void {
  for (const { layer } of everyLayer(model)) {
    const kept = layer as { keptStates?: tf.Tensor[][] };
    if (!kept.keptStates) continue;
    tf.dispose(kept.keptStates);
    kept.keptStates = [];
  }
}

function requireStateful(model: tfl.LayersModel, batchSize: number): void {
  if (!(model instanceof tfl.LayersModel)) {
    reject({
      where: WHERE,
      expected: 'model must be a model of TensorFlow.js',
      received: model,
      see: 'not-a-model',
    });
  }
  if (!everyLayer(model).some(({ layer }) => layer.stateful === true)) {
    reject({
      where: WHERE,
      expected: 'model must have a recurrent layer with stateful: true',
      remedy:
        'Build the layer with it, and the first one with batchInputShape: [batchSize, null, …].',
      see: 'unsuitable-model',
    });
  }
  const [rows] = model.inputs[0]!.shape;
  if (rows === batchSize) return;
  reject({
    where: WHERE,
    expected: `batchSize must be that of the model, ${rows}`,
    received: batchSize,
    see: 'stateful-model',
  });
}
