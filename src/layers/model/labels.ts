/**
 * Labels in the shape of the outputs that they are compared with. Where the two differ, TensorFlow.js
 * compares every label with every output, and trains on that.
 */
import { reject } from '../../foundation/errors.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { lossOf } from '../fused-losses.js';

/**
 * The labels of a batch, with the last axis of one value that Keras adds or takes away, and which
 * `fit` adds to labels of rank 1.
 *
 * @param where What the user called.
 * @param model Compiled; itself, not the Sequential around it.
 * @param labels One tensor an output.
 * @throws RecurrentError where a loss of TensorFlow.js needs another shape.
 */
export function labelsOf(
  where: string,
  model: tfl.LayersModel,
  labels: readonly tf.Tensor[],
): tf.Tensor[] {
  return model.outputs.map(({ shape }, i) => {
    const isSparse = lossOf(model, i) === SPARSE;
    const fitting = isSparse ? labels[i]! : withLastAxis(labels[i]!, shape);
    requireFit(where, model, i, fitting.shape, shape);
    return fitting;
  });
}

const SPARSE = 'sparseCategoricalCrossentropy';

function withLastAxis(labels: tf.Tensor, output: tfl.Shape): tf.Tensor {
  const { rank, shape } = labels;
  if (rank === output.length - 1 && output.at(-1) === 1) return tf.expandDims(labels, -1);
  if (rank === output.length + 1 && shape.at(-1) === 1) return tf.squeeze(labels, [-1]);
  return labels;
}

/**
 * Rejects labels whose shape does not fit that of an output, as far as it is known: null where it
 * is not.
 */
export function requireFit(
  where: string,
  model: tfl.LayersModel,
  output: number,
  labels: readonly number[],
  shape: readonly (number | null)[],
): void {
  const loss = lossOf(model, output);
  // What a function compares is its own affair.
  if (typeof loss !== 'string') return;
  const isSparse = loss === SPARSE;
  const expected = isSparse ? shape.slice(0, -1) : shape;
  const isColumn = isSparse && labels.length > expected.length && labels.at(-1) === 1;
  const given = isColumn ? labels.slice(0, -1) : labels;
  const fitsAt = (size: number, axis: number) => expected[axis] === null || expected[axis] === size;
  if (given.length === expected.length && given.every(fitsAt)) return;
  reject({
    where,
    expected:
      `with the loss ${loss}, labels of the output ${model.outputNames[output]} must have the ` +
      `shape [${expected.map((size) => size ?? 'any').join(', ')}]`,
    received: labels,
    remedy: isSparse
      ? 'They are numbers of classes; categoricalCrossentropy takes a one at the place of the class.'
      : 'They have the shape of what the model returns; sparseCategoricalCrossentropy takes numbers of classes.',
  });
}
